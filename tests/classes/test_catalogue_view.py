"""The catalogue as a page."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from classes.catalogue import pages, sql
from tests.factories import (
    make_checked_class,
    make_class,
    make_focus_tag,
    make_instructor,
    make_member,
    make_movement,
    make_prop,
    make_variant,
)

URL = "/classes/"
HTMX = {"HX-Request": "true"}


def titles(response) -> list[str]:
    return [card.workout_class.title for card in response.context["cards"]]


@pytest.mark.django_db
def test_class_list_shows_listed_classes_newest_first(client):
    make_class(title="Old")
    make_class(title="New")
    make_class(title="Draft", state="draft")
    make_class(title="Retired", state="retired")

    response = client.get(URL)

    assert response.status_code == 200
    assert titles(response) == ["New", "Old"]
    assert "Draft" not in response.text
    assert "Retired" not in response.text


@pytest.mark.django_db
def test_class_list_filters_by_what_the_address_says(client):
    make_class(title="For all", level="open")
    make_class(title="Hard", level="advanced")

    response = client.get(URL, {"level": "open"})

    assert titles(response) == ["For all"]
    assert re.search(r'value="open" checked', response.text)
    status = re.search(r'<p [^>]*role="status"[^>]*>(.*?)</p>', response.text, re.DOTALL)
    assert status[1].split() == ["1", "class"]


@pytest.mark.django_db
def test_class_list_never_shows_a_tag_that_nobody_vouches_for(client):
    tag = make_focus_tag(slug="spine-safe", name="Spine Safe", forbids=[make_movement()])
    make_class(title="Unchecked", focus_tags=[tag])
    make_checked_class(title="Checked", focus_tags=[tag])

    response = client.get(URL, {"focus": "spine-safe"})

    assert titles(response) == ["Checked"]
    assert "1 more class is meant for this" in response.text


@pytest.mark.django_db
def test_class_list_says_what_it_left_out(client):
    make_class(title="Here")

    response = client.get(URL, {"level": "<b>expert", "page": "99"})

    assert titles(response) == ["Here"]
    assert "“level=&lt;b&gt;expert” means nothing here and was left out." in response.text
    assert "There is no page 99 of this, so here is the first." in response.text


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    [
        "level=%00&q=%00",
        "q=%ff%fe&focus=%ff",
        "page=99999999999999999999",
        "q=" + "%27%22%3B--" * 50,
        "q=%25_%5C%28%5B",
        "q=" + "+".join(f"{letter}{letter}é" for letter in "abcdefghijkl"),
        "&".join(f"level=x{number}" for number in range(1500)),
        "sort[]=1&page[]=2&=&&&=x",
        "show=other-languages&language=zh-hans&length=0-&length=-",
    ],
)
def test_class_list_answers_odd_addresses(client, query):
    make_class(title="Here")

    response = client.get(f"{URL}?{query}")

    assert response.status_code == 200
    assert "\0" not in response.text


@pytest.mark.django_db
def test_class_list_reads_raw_bytes_as_some_text(client):
    assert client.get(URL, QUERY_STRING="q=\xff\xfe&level=\xe9").status_code == 200


class NeverAnErrorPage(TestCase):
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(query=st.binary(max_size=60), name=st.sampled_from(["q", "level", "language", "page"]))
    def test_over_random_bytes(self, query, name):
        make_class()
        percent = "".join(f"%{byte:02x}" for byte in query)

        for text in (f"{name}={percent}", f"{name}={query.decode('latin-1')}"):
            response = self.client.get(URL, QUERY_STRING=text)

            assert response.status_code == 200, text


@pytest.mark.django_db
def test_class_list_pages_have_links_that_keep_the_filter(client, monkeypatch):
    monkeypatch.setattr(pages, "PAGE_SIZE", 2)
    monkeypatch.setattr(sql, "PAGE_SIZE", 2)
    for number in range(5):
        make_class(title=f"Class {number}", level="open")

    response = client.get(URL, {"level": "open", "page": "2"})

    assert titles(response) == ["Class 2", "Class 1"]
    assert 'href="/classes/?level=open&amp;page=3"' in response.text
    assert 'href="/classes/?level=open&amp;page=1"' in response.text


@pytest.mark.django_db
def test_class_list_without_a_match_says_what_to_give_up(client):
    make_class(level="open")

    response = client.get(URL, {"level": "open", "q": "nowhere"})

    assert titles(response) == []
    assert "No class has all of that" in response.text
    assert "Without the words: 1 class" in response.text
    assert 'href="/classes/?level=open"' in response.text


@pytest.mark.django_db
def test_class_list_of_a_new_studio_says_what_comes(client):
    assert "The first class is on its way" in client.get(URL).text


@pytest.mark.django_db
def test_class_list_shows_a_class_whose_film_is_on_its_way(client):
    make_class(title="Soon", variant=False)

    assert "The film is on its way" in client.get(URL).text
    assert titles(client.get(URL, {"show": "workout-tempo"})) == []


@pytest.mark.django_db
def test_class_list_answers_htmx_with_what_changes_and_the_shortest_address(client):
    make_class(title="For all", level="open")

    response = client.get(URL, {"q": "", "level": ["open", "x"], "sort": ""}, headers=HTMX)

    assert "<html" not in response.text
    assert "For all" in response.text
    assert 'id="level-options" class="facet-options" hx-swap-oob="true"' in response.text
    assert 'id="result-count" hx-swap-oob="innerHTML"' in response.text
    assert response["HX-Push-Url"] == "/classes/?level=open"


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_class_list_differs_for_htmx_and_says_so_to_caches(client, headers):
    assert "HX-Request" in client.get(URL, headers=headers)["Vary"]


@pytest.mark.django_db
def test_class_list_may_be_kept_for_visitors_and_sets_no_cookie(client):
    make_class()

    response = client.get(URL)

    assert response["Cache-Control"] == "public, s-maxage=60"
    assert "Set-Cookie" not in response
    assert not response.cookies


@pytest.mark.django_db
def test_class_list_of_a_member_is_private(client):
    client.force_login(make_member())

    assert client.get(URL)["Cache-Control"] == "private, no-cache"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "canonical", "indexed"),
    [
        ("", "/classes/", True),
        ("page=2", "/classes/?page=2", True),
        ("focus=hips", "/focus/hips/", True),
        ("focus=hips&focus=strong", "/classes/?focus=hips&amp;focus=strong", False),
        ("focus=hips&page=2", "/classes/?focus=hips", False),
        ("level=open", "/classes/?level=open", False),
        ("q=mat", "/classes/?q=mat", False),
        ("page=x", "/classes/", False),
        ("utm_source=letter", "/classes/", False),
    ],
)
def test_class_list_tells_crawlers_what_counts(client, settings, query, canonical, indexed):
    settings.SITE_URL = "https://studio.example"
    make_focus_tag(slug="hips")
    make_focus_tag(slug="strong")
    for _ in range(25):
        make_class(variant=False)

    text = client.get(f"{URL}?{query}").text

    assert f'<link rel="canonical" href="https://studio.example{canonical}">' in text
    assert ('<meta name="robots" content="noindex">' not in text) == indexed


@pytest.mark.django_db
def test_class_list_links_to_choices_are_not_followed(client):
    make_class(level="open")

    text = client.get(URL, {"level": "open"}).text

    chips = re.findall(r'<a class="chip chip-chosen"[^>]*>', text)
    assert chips
    assert all('rel="nofollow"' in chip for chip in chips)


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_class_list_only_reads(client, method):
    assert getattr(client, method)(URL).status_code == 405


@pytest.mark.django_db
def test_class_list_answers_head(client):
    assert client.head(URL).status_code == 200


EVERY_FILTER = {
    "q": "class",
    "show": ["workout-tempo", "other-languages"],
    "focus": "hips",
    "length": "11-20",
    "level": "beginner",
    "prop": "ball",
    "instructor": "ana",
    "language": ["en", "es"],
    "sort": "longest",
}


@pytest.mark.django_db
@pytest.mark.parametrize("query", [{}, EVERY_FILTER])
@pytest.mark.parametrize("count", [1, 8])
def test_class_list_query_count_is_constant(client, query, count):
    terms = {
        "focus_tags": [make_focus_tag(slug="hips", forbids=[make_movement()])],
        "props": [make_prop(slug="ball")],
        "instructors": [make_instructor(slug="ana")],
    }
    for _ in range(count):
        workout_class = make_checked_class(**terms, movements=[make_movement()])
        make_variant(workout_class, language="es", duration=timedelta(minutes=15))

    with CaptureQueriesContext(connection) as queries:
        response = client.get(URL, query)

    assert len(titles(response)) == count
    assert len(queries) == 9  # vocabulary, counts, page, cards with six


@pytest.mark.django_db
def test_class_list_has_the_name_that_others_link_to():
    assert reverse("classes:list") == URL
