"""What crawlers are told."""

import xml.etree.ElementTree as ElementTree

import pytest

from classes.sitemaps import SiteMap
from tests.factories import (
    make_chapter,
    make_class,
    make_exercise,
    make_focus_tag,
    make_instructor,
    make_movement,
    make_variant,
)

MAP = {"map": "http://www.sitemaps.org/schemas/sitemap/0.9"}


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "https://studio.example"
    settings.ALLOWED_HOSTS = ["*"]


def addresses(client, **query: str) -> list[str]:
    response = client.get("/sitemap.xml", query, headers={"Host": "elsewhere.example"})

    assert response.status_code == 200
    root = ElementTree.fromstring(response.content)  # noqa: S314 - we wrote it
    return [
        place.text.removeprefix("https://studio.example")
        for place in root.findall("map:url/map:loc", MAP)
    ]


@pytest.mark.django_db
def test_sitemap_holds_every_canonical_address_that_may_be_listed(client):
    hips = make_focus_tag(slug="hips")
    safe = make_focus_tag(slug="spine-safe", forbids=[make_movement()])
    make_focus_tag(slug="empty")
    mat = make_class(slug="mat", focus_tags=[hips, safe], instructors=[make_instructor(slug="ana")])
    make_variant(mat, tempo="observe-and-learn")
    make_variant(mat, language="es")
    make_variant(mat, language="fr", ready=False)
    make_variant(make_class(slug="draft", state="draft"), language="es")
    retired = make_class(slug="retired", state="retired")
    make_chapter(mat.variants.first(), 0, 60, exercise=make_exercise(slug="saw"))
    make_chapter(retired.variants.get(), 0, 60, exercise=make_exercise(slug="teaser"))

    assert addresses(client) == [
        "/",
        "/classes/",
        "/exercises/",
        "/instructors/",
        "/classes/mat/",
        "/classes/mat/observe-and-learn/en/",
        "/classes/mat/workout-tempo/es/",
        "/focus/hips/",
        "/exercises/saw/",
        "/instructors/ana/",
    ]


@pytest.mark.django_db
def test_every_address_of_the_sitemap_answers(client):
    mat = make_class(focus_tags=[make_focus_tag()], instructors=[make_instructor()])
    make_variant(mat, language="es")
    make_chapter(mat.variants.first(), 0, 60, exercise=make_exercise())

    found = addresses(client)

    assert len(found) == 9
    assert {path: client.get(path).status_code for path in found} == dict.fromkeys(found, 200)


@pytest.mark.django_db
def test_large_site_has_several_maps_and_robots_names_them(client, monkeypatch):
    monkeypatch.setattr(SiteMap, "limit", 5)
    for number in range(3):
        make_class(slug=f"c{number}", variant=False)

    assert addresses(client, p="2") == ["/classes/c1/", "/classes/c0/"]
    lines = client.get("/robots.txt").text.splitlines()
    assert lines[-2:] == [
        "Sitemap: https://studio.example/sitemap.xml",
        "Sitemap: https://studio.example/sitemap.xml?p=2",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["2", "x"])
def test_map_that_is_not_there_is_404(client, page):
    assert client.get("/sitemap.xml", {"p": page}).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 8])
def test_sitemap_query_count_is_constant(client, count, django_assert_num_queries):
    for _ in range(count):
        workout_class = make_class(focus_tags=[make_focus_tag()], instructors=[make_instructor()])
        make_variant(workout_class, language="es")
        make_chapter(workout_class.variants.first(), 0, 60, exercise=make_exercise())

    with django_assert_num_queries(5):  # classes, other films, focus tags, exercises, instructors
        addresses(client)


@pytest.mark.django_db
def test_robots_keeps_crawlers_to_what_is_public(client):
    response = client.get("/robots.txt")

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    lines = response.text.splitlines()
    assert lines[0] == "User-agent: *"
    assert "Disallow: /accounts/" in lines
    assert not any(line.startswith("Disallow: /classes") for line in lines)
    assert lines[-1] == "Sitemap: https://studio.example/sitemap.xml"
