"""The catalogue as a page."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from classes.body.avoiding import keep, kept_by
from classes.catalogue import bitmaps, pages
from classes.models import SavedClass, Variant, Viewing, WorkoutClass
from classes.search import catch_up
from tests.factories import (
    make_avoid_set,
    make_chapter,
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
    """Of the cards on the page, in their order."""
    return [
        unescape(title) for title in re.findall(r"card-title\"><a [^>]*>(.*?)</a>", response.text)
    ]


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


# --- What is avoided ----------------------------------------------------------------------------


@pytest.fixture
def studio():
    """A gentle class, one with twisting, and one that nobody has checked for it."""
    twisting = make_movement(name="Twisting", slug="twisting", position=1)
    make_movement(name="Jumping", slug="jumping", position=2)
    make_avoid_set(name="Back", slug="back", movements=[twisting])
    make_class(title="Unchecked")
    make_checked_class(title="Twists", movements=[twisting])
    make_checked_class(title="Gentle", slug="gentle")


def words_of(text: str) -> str:
    """What a reader has of it, on one line."""
    return unescape(" ".join(re.sub("<[^>]*>", " ", text).split()))


@pytest.mark.django_db
def test_class_list_leaves_out_what_the_address_avoids_and_says_how_much(client, studio):
    response = client.get(URL, {"avoid": "twisting"})

    assert titles(response) == ["Gentle"]
    assert (
        "2 classes left out: 1 contains what you avoid, 1 is not checked yet . "
        "This is no medical advice." in words_of(response.text)
    )
    assert 'href="/classes/?avoid=twisting&amp;unchecked=yes" rel="nofollow"' in response.text
    assert 'name="avoid" value="twisting" checked' in response.text
    assert '<meta name="robots" content="noindex">' in response.text


@pytest.mark.django_db
def test_class_list_shows_the_unchecked_apart_and_under_a_warning(client, studio):
    response = client.get(URL, {"avoid": "twisting", "unchecked": "yes"})

    assert titles(response) == ["Unchecked"]
    assert "Not checked for what you avoid" in response.text
    assert '<a href="/classes/?avoid=twisting">Back to the classes' in response.text
    assert '<meta name="robots" content="noindex">' in response.text
    assert 'name="unchecked" value="yes"' in response.text  # the form asks for the same list


@pytest.mark.django_db
def test_class_list_offers_starter_sets_as_links_that_nobody_follows(client, studio):
    text = client.get(URL, {"level": "beginner"}).text

    assert (
        '<a class="chip" href="/classes/?level=beginner&amp;avoid=twisting" rel="nofollow">Back</a>'
        in text
    )


@pytest.mark.django_db
def test_cards_pass_on_what_the_address_avoids(client, studio):
    text = client.get(URL, {"avoid": "twisting"}).text

    assert '<a href="/classes/gentle/?avoid=twisting">Gentle</a>' in text
    assert '<a href="/classes/gentle/">Gentle</a>' in client.get(URL).text


@pytest.mark.django_db
def test_class_list_answers_htmx_with_what_is_avoided(client, studio):
    response = client.get(URL, {"avoid": "twisting"}, headers=HTMX)

    assert 'id="avoid-options" hx-swap-oob="true"' in response.text
    assert 'value="twisting" checked' in response.text
    assert response["HX-Push-Url"] == "/classes/?avoid=twisting"


@pytest.fixture
def member(client, studio):
    """Somebody who keeps twisting as avoided, signed in."""
    member = make_member()
    keep(member, ["twisting"])
    client.force_login(member)
    return member


@pytest.mark.django_db
def test_own_set_applies_visibly_and_stands_in_no_link_nor_field(client, member):
    response = client.get(URL)

    assert titles(response) == ["Gentle"]
    assert "Left out for you: Twisting (your own set) · Show all · Change" in words_of(
        response.text
    )
    assert '<a href="/classes/gentle/">Gentle</a>' in response.text
    # The one place is the box of the filter, unticked as for everyone.
    assert re.findall('<[^>]*value="twisting"[^>]*>', response.text) == [
        '<input type="checkbox" name="avoid" value="twisting">'
    ]
    links = re.findall(r'(?:href|hx-get|action|content)="([^"]*)"', response.text)
    assert [link for link in links if "twisting" in link] == ["/classes/?avoid=twisting"]  # "Back"
    assert response["Cache-Control"] == "private, no-cache"


@pytest.mark.django_db
def test_own_set_is_lifted_by_one_link_for_that_page(client, member):
    response = client.get(URL, {"avoid": "none"})

    assert titles(response) == ["Gentle", "Twists", "Unchecked"]
    assert "your own set is set aside for this page" in response.text
    # Whoever goes on choosing still sees all.
    assert '<input type="hidden" name="avoid" value="none">' in response.text


@pytest.mark.django_db
def test_own_set_gives_way_to_what_the_address_avoids_and_the_page_says_so(client, member):
    response = client.get(URL, {"avoid": "jumping"})

    assert titles(response) == ["Gentle", "Twists"]
    assert "Your own set is not used here" in response.text


@pytest.mark.django_db
def test_member_keeps_the_set_of_the_address(client, member):
    text = client.get(URL, {"avoid": "jumping", "level": "beginner"}).text
    assert '<form id="keep-avoid" method="post" action="/my/avoid/" hidden>' in text
    fields = dict(re.findall(r'form="keep-avoid" name="(\w+)" value="([^"]*)"', text))

    response = client.post("/my/avoid/", {**fields, "next": unescape(fields["next"])}, follow=True)

    assert kept_by(member) == ("jumping",)
    assert response.redirect_chain == [("/classes/?level=beginner", 302)]
    assert "Kept." in response.text
    assert "Left out for you: Jumping" in words_of(response.text)


@pytest.mark.django_db
def test_visitor_is_not_asked_to_keep_anything(client, studio):
    text = client.get(URL, {"avoid": "jumping"}).text

    assert "keep-avoid" not in text
    assert "csrf" not in text


@pytest.mark.django_db
@pytest.mark.parametrize("path", [URL, "/", "/focus/calm/", "/instructors/ana/"])
def test_no_visitor_sees_another_ones_set_mark_or_language(client, studio, path):
    """Whoever comes first, everyone has their own page: kept parts are the same for all."""
    calm, ana = make_focus_tag(slug="calm", name="Calm"), make_instructor(slug="ana", name="Ana")
    for workout_class in WorkoutClass.objects.all():
        workout_class.focus_tags.add(calm)
        workout_class.instructors.add(ana)
    WorkoutClass.objects.filter(title="Gentle").update(
        checked_by=make_member(), checked_at=timezone.now()
    )
    keep(careful := make_member(), ["twisting"])
    keep(other := make_member(), ["jumping"])

    def page_of(member, language) -> str:
        client.logout()
        if member:
            client.force_login(member)
        return client.get(path, headers={"Accept-Language": language}).text

    askers = [(None, "en"), (careful, "en"), (other, "es"), (None, "es"), (careful, "es")]
    fresh = []
    for asker in askers:
        caches["fragments"].clear()
        fresh.append(without_tokens(page_of(*asker)))
    caches["fragments"].clear()

    for asker, expected in [*zip(askers, fresh, strict=True)] * 2:
        assert without_tokens(page_of(*asker)) == expected
    assert len(set(fresh)) == len(askers)
    assert "your own set" not in fresh[0]


def without_tokens(text: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", text)


# --- Words --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_class_list_leads_to_the_moment_at_which_the_words_were_found(client, studio):
    workout_class = WorkoutClass.objects.get(title="Gentle")
    make_chapter(workout_class.first_variant, 754, 800, title="Pelvic clock")
    spanish = make_variant(workout_class, language="es")
    make_chapter(spanish, 12, 20, title="Pelvic clock, slowly")
    catch_up()

    response = client.get(URL, {"q": "pelvic clock", "avoid": "jumping"})

    assert titles(response) == ["Gentle"]
    assert 'href="/classes/gentle/?t=754&amp;avoid=jumping#t=754"' in response.text
    assert 'href="/classes/gentle/workout-tempo/es/?t=12&amp;avoid=jumping#t=12"' in response.text
    assert "12:34 Pelvic clock" in words_of(response.text)


@pytest.mark.django_db
def test_class_list_offers_the_words_as_they_are_spelt(client, studio, monkeypatch):
    monkeypatch.setattr("classes.search.suggestion", lambda q: "gentle")

    response = client.get(URL, {"q": "gentel", "avoid": "jumping"})

    assert "Did you mean" in response.text
    assert '<a href="/classes/?q=gentle&amp;avoid=jumping" rel="nofollow">gentle</a>' in (
        response.text
    )


# --- Pages, and what there is to say of them ----------------------------------------------------


@pytest.mark.django_db
def test_class_list_pages_have_links_that_keep_the_filter(client, monkeypatch):
    for module in (pages, bitmaps):
        monkeypatch.setattr(module, "PAGE_SIZE", 2)
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
    assert 'id="level-options" hx-swap-oob="true"' in response.text
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


def queries_of(client, query=None) -> int:
    """For a page that was never asked for, once the process knows the catalogue."""
    client.get(URL, query)
    caches["fragments"].clear()
    with CaptureQueriesContext(connection) as queries:
        client.get(URL, query)
    return len(queries)


@pytest.fixture(params=[1, 8])
def alike(request) -> int:
    """So many classes that all have whatever EVERY_FILTER asks for."""
    jumping = make_movement(slug="jumping")
    terms = {
        "focus_tags": [make_focus_tag(slug="hips", forbids=[make_movement()])],
        "props": [make_prop(slug="ball")],
        "instructors": [make_instructor(slug="ana")],
    }
    for _ in range(request.param):
        workout_class = make_checked_class(**terms, movements=[make_movement()])
        make_variant(workout_class, language="es", duration=timedelta(minutes=15))
    make_checked_class(**terms, movements=[jumping])
    catch_up()
    return request.param


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "number"),
    [
        ({"avoid": "jumping"}, 2),  # version, cards
        ({**EVERY_FILTER, "avoid": "jumping"}, 4),  # version, words, cards, moments
        ({"q": "nowhere", "level": "open"}, 3),  # version, words, spelling
    ],
    ids=["avoid", "everything", "nothing"],
)
def test_class_list_query_count_is_constant(client, alike, query, number):
    assert queries_of(client, query) == number
    assert len(titles(client.get(URL, query))) == (alike if "avoid" in query else 0)


@pytest.mark.django_db
def test_class_list_of_a_member_takes_four_queries_more_at_most(client, alike):
    keep(member := make_member(), ["jumping"])
    client.force_login(member)

    assert queries_of(client) <= 6


# --- What a member saved and did ----------------------------------------------------------------


def do(member, slug: str) -> None:
    variant = Variant.objects.get(workout_class__slug=slug)
    now = timezone.now()
    Viewing.objects.create(
        member=member,
        variant=variant,
        workout_class=variant.workout_class,
        film=variant.video_id,
        measured_at=now,
        credited_at=now,
        done_at=now,
        times_done=1,
    )


@pytest.fixture
def beginner(client):
    """A member without a set of their own, signed in, in a studio of three classes."""
    for number, slug in enumerate(("third", "second", "first")):
        make_class(
            slug=slug, title=slug.title(), published_at=timezone.now() - timedelta(days=number)
        )
    member = make_member()
    client.force_login(member)
    return member


@pytest.mark.django_db
def test_cards_say_what_a_member_saved_and_did_and_to_nobody_else(client, beginner):
    SavedClass.objects.create(
        member=beginner, workout_class=WorkoutClass.objects.get(slug="second")
    )
    do(beginner, "first")
    other = Client()
    other.force_login(make_member())

    for _ in range(2):  # the second time from what is kept
        own, others, visitors = (each.get(URL).text for each in (client, other, Client()))
        assert re.findall(r'formaction="/my/saved/(\w+)/" name="save" value="(\d)"', own) == [
            ("third", "1"),
            ("second", "0"),
            ("first", "1"),
        ]
        assert own.count('class="card-done"') == 1
        assert own.index(">First<") < own.index('class="card-done"')
        assert others.count('aria-pressed="false"') == 3
        assert "card-done" not in others
        assert "data-save" not in visitors and "card-own" not in visitors
        assert "csrf" not in visitors


@pytest.mark.django_db
def test_a_kept_page_has_each_readers_own_token_name_and_messages(client, beginner):
    other = Client()
    other.force_login(make_member(display_name="Somebody Else"))
    first = client.get(URL).text

    second = other.get(URL).text

    assert f">{beginner.display_name}<" in first and "Somebody Else" not in first
    assert ">Somebody Else<" in second and f">{beginner.display_name}<" not in second
    tokens_of_first, tokens_of_second = (
        set(re.findall(r'name="csrfmiddlewaretoken" value="(\w{64})"', page))
        for page in (first, second)
    )
    assert tokens_of_first and tokens_of_second
    assert tokens_of_first.isdisjoint(tokens_of_second)
    assert "<!--" not in second


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_member_hides_what_they_have_done_from_results_and_counts(client, beginner, headers):
    do(beginner, "second")

    response = client.get(URL, {"done": "hide"}, headers=headers)

    assert titles(response) == ["Third", "First"]
    assert "2 classes" in words_of(response.text)
    assert 'name="done" value="hide" checked' in response.text
    assert "Remove Without what you have done" in words_of(response.text)
    assert titles(client.get(URL)) == ["Third", "Second", "First"]


@pytest.mark.django_db
def test_hiding_what_is_done_is_no_page_for_crawlers_and_kept_nowhere(client, beginner):
    do(beginner, "second")
    assert titles(client.get(URL, {"done": "hide"})) == ["Third", "First"]

    do(beginner, "third")

    page = client.get(URL, {"done": "hide"})
    assert titles(page) == ["First"]
    assert '<meta name="robots" content="noindex">' in page.text


@pytest.mark.django_db
def test_whoever_did_everything_is_offered_to_see_it_again(client, beginner):
    for slug in ("first", "second", "third"):
        do(beginner, slug)

    page = words_of(client.get(URL, {"done": "hide"}).text)

    assert "Without hiding what you have done: 3 classes" in page


@pytest.mark.django_db
def test_visitor_who_hides_what_is_done_is_told_that_it_needs_signing_in(client):
    make_class(title="Open")

    response = client.get(URL, {"done": "hide"})

    assert titles(response) == ["Open"]
    assert "known only once you sign in" in response.text
    assert 'name="done"' not in response.text


@pytest.mark.django_db
def test_hiding_what_is_done_takes_one_query_more(client, alike):
    member = make_member()
    client.force_login(member)
    do(member, WorkoutClass.objects.listed()[0].slug)

    assert queries_of(client, {"done": "hide"}) == queries_of(client) + 1


@pytest.mark.django_db
def test_class_list_has_the_name_that_others_link_to():
    assert reverse("classes:list") == URL
