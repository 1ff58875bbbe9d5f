"""The feed of new classes."""

import xml.etree.ElementTree as ElementTree

import pytest

from tests.factories import (
    make_checked_class,
    make_class,
    make_focus_tag,
    make_instructor,
    make_movement,
)

ATOM = {"atom": "http://www.w3.org/2005/Atom"}


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "https://studio.example"
    settings.ALLOWED_HOSTS = ["*"]


def read(client) -> ElementTree.Element:
    response = client.get("/feed/", headers={"Host": "elsewhere.example"})

    assert response.status_code == 200
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(response.content)  # noqa: S314 - we wrote it


@pytest.mark.django_db
def test_feed_lists_what_the_catalogue_lists(client):
    make_class(title="Older")
    make_class(title="Newer")
    make_class(title="Draft", state="draft")

    found = [entry.text for entry in read(client).findall("atom:entry/atom:title", ATOM)]

    assert found == ["Newer", "Older"]


@pytest.mark.django_db
def test_feed_addresses_come_from_the_sites_own_not_from_the_request(client):
    make_class(slug="mat")

    feed = read(client)

    links = [link.get("href") for link in feed.iterfind(".//atom:link", ATOM)]
    assert links == [
        "https://studio.example/classes/",
        "https://studio.example/feed/",
        "https://studio.example/classes/mat/",
    ]
    assert b"elsewhere.example" not in ElementTree.tostring(feed)


@pytest.mark.django_db
def test_feed_entry_tells_about_the_class(client):
    safe = make_focus_tag(name="Spine Safe", forbids=[make_movement()])
    make_checked_class(
        description="For a *sore* back <script>",
        focus_tags=[safe],
        instructors=[make_instructor(name="Ana"), make_instructor(name="Mei")],
    )

    [entry] = read(client).findall("atom:entry", ATOM)

    assert entry.find("atom:author/atom:name", ATOM).text == "Ana, Mei"
    assert "<em>sore</em>" in entry.find("atom:summary", ATOM).text
    assert "<script>" not in entry.find("atom:summary", ATOM).text
    assert [tag.get("term") for tag in entry.findall("atom:category", ATOM)] == ["Spine Safe"]


@pytest.mark.django_db
def test_feed_never_carries_a_tag_that_nobody_vouches_for(client):
    make_class(focus_tags=[make_focus_tag(name="Spine Safe", forbids=[make_movement()])])

    assert read(client).findall("atom:entry/atom:category", ATOM) == []


@pytest.mark.django_db
def test_feed_entry_keeps_its_id_when_the_class_moves(client):
    workout_class = make_class(slug="mat")
    before = read(client).find("atom:entry/atom:id", ATOM).text

    workout_class.move_to("mat-work")

    assert read(client).find("atom:entry/atom:id", ATOM).text == before


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 8])
def test_feed_query_count_is_constant(client, count, django_assert_num_queries):
    for _ in range(count):
        make_class(focus_tags=[make_focus_tag()], instructors=[make_instructor()])
    read(client)  # from now on the process knows the catalogue

    with django_assert_num_queries(2):  # version, classes
        read(client)


@pytest.mark.django_db
def test_feed_of_a_new_studio_is_empty(client):
    assert read(client).findall("atom:entry", ATOM) == []


@pytest.mark.django_db
def test_feed_survives_what_xml_cannot_hold(client):
    make_class(
        title="Mat\x0b",
        description="one\x0btwo\x1f \ufffe",
        instructors=[make_instructor(name="Ana\x08")],
        focus_tags=[make_focus_tag(name="Back\x0c")],
    )

    [title] = read(client).findall("atom:entry/atom:title", ATOM)

    assert (title.text or "").strip() == "Mat"
