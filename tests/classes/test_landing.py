"""Home, focus and instructor pages."""

import re
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from classes.body.avoiding import keep
from classes.catalogue import bitmaps, pages
from classes.models import FocusTag, Instructor, Picture, SavedClass, WorkoutClass
from tests.factories import (
    make_checked_class,
    make_class,
    make_focus_tag,
    make_instructor,
    make_member,
    make_movement,
)


def titles(cards) -> list[str]:
    return [re.search(r"<a [^>]*>(.*?)</a>", shown.card.html)[1] for shown in cards]


def queries_of(client, address: str) -> int:
    """For a page that was never asked for, once the process knows the catalogue."""
    client.get(address)
    caches["fragments"].clear()
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    return len(queries)


def days_ago(days: int):
    return timezone.now() - timedelta(days=days)


# --- Home ---------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_home_leads_with_the_newest_class_and_lists_the_next(client):
    for days in range(7):
        make_class(title=f"{days} days old", published_at=days_ago(days))
    make_class(title="Draft", state="draft")

    response = client.get("/")

    assert ">0 days old</a>" in response.context["newest"].card.html
    assert titles(response.context["new_cards"]) == [f"{days} days old" for days in (1, 2, 3, 4)]
    assert "All 7 classes" in response.text


@pytest.mark.django_db
def test_home_has_a_shelf_for_the_first_tags_that_have_classes(client):
    names = ["Empty", "Unchecked", "Hips", "Feet", "Neck", "Wrists"]
    tags = [
        make_focus_tag(name=name, slug=name.lower(), position=i) for i, name in enumerate(names)
    ]
    tags[1].forbids.set([make_movement()])
    make_class(title="Mat", focus_tags=tags[1:])

    response = client.get("/")

    shelves, focuses = response.context["shelves"], response.context["focuses"]
    assert [shelf.tag.name for shelf in shelves] == names[2:5]
    assert [(focus.tag.name, focus.number) for focus in focuses] == [
        (name, 1) for name in names[2:]
    ]
    assert all(titles(shelf.cards) == ["Mat"] for shelf in shelves)
    assert "Unchecked" not in response.text


@pytest.mark.django_db
def test_home_shows_who_teaches(client):
    make_class(instructors=[make_instructor(name="Ana Lindqvist", slug="ana")])

    response = client.get("/")

    assert '<a href="/instructors/ana/">Ana Lindqvist</a>' in response.text


@pytest.mark.django_db
def test_home_of_a_new_studio_says_what_comes(client):
    response = client.get("/")

    assert response.status_code == 200
    assert 'id="focus"' in response.text  # the header leads here
    assert "The first classes are on their way" in response.text


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 8])
def test_home_query_count_is_constant(client, count):
    for _ in range(count):
        tag = make_focus_tag(forbids=[make_movement()])
        make_checked_class(
            focus_tags=[tag], instructors=[make_instructor()], movements=[make_movement()]
        )

    # Version; what the page was kept by; cards, tags, people.
    assert queries_of(client, "/") == 6


@pytest.mark.django_db
def test_home_that_is_kept_takes_three_queries(client, django_assert_num_queries):
    make_class(focus_tags=[make_focus_tag()], instructors=[make_instructor()])
    made = client.get("/")

    with django_assert_num_queries(3):  # version, tags, people
        kept = client.get("/")

    assert kept.content == made.content


@pytest.mark.django_db
def test_home_that_is_kept_shows_what_the_studio_says_now(client):
    tag, ana = make_focus_tag(name="Hips"), make_instructor(name="Ana L.")
    make_class(title="Mat", focus_tags=[tag], instructors=[ana])
    client.get("/")

    FocusTag.objects.update(description="For long days on a chair.")
    assert "For long days on a chair." in client.get("/").text
    Instructor.objects.update(name="Ana Luz")
    assert ">Ana Luz</a>" in client.get("/").text
    WorkoutClass.objects.update(comment_count=7)
    assert "7 comments" in client.get("/").text
    ana.portrait = Picture.objects.create(width=16, height=9, widths=[16])
    ana.save()
    assert str(ana.portrait_id) in client.get("/").text
    make_class(title="Wall")
    assert ">Wall</a>" in client.get("/").text


@pytest.mark.django_db
def test_home_that_is_kept_holds_nothing_of_one_member(client):
    workout_class = make_class(title="Mat")
    make_class(title="Wall", published_at=days_ago(1))
    ana, eva = make_member(display_name="Ana"), make_member(display_name="Eva")
    SavedClass.objects.create(member=ana, workout_class=WorkoutClass.objects.get(title="Wall"))
    assert workout_class.title in client.get("/").text
    client.force_login(ana)
    anas = client.get("/").text

    client.force_login(eva)
    evas = client.get("/").text
    client.logout()
    visitors = client.get("/").text

    assert ">Ana<" in anas
    assert 'aria-pressed="true"' in anas
    assert ">Eva<" in evas
    assert ">Ana<" not in evas
    assert 'aria-pressed="true"' not in evas
    assert "data-save" not in visitors
    assert "csrf" not in visitors


@pytest.mark.django_db
def test_home_that_leaves_every_class_out_says_why(client):
    make_movement(name="Twisting", slug="twisting")
    make_class(focus_tags=[make_focus_tag()])

    text = client.get("/", {"avoid": "twisting"}).text

    assert "No class is left that was checked for what you avoid." in text
    assert "1 class left out:" in text
    assert "on their way" not in text


@pytest.mark.django_db
def test_home_of_a_studio_with_one_class_lets_a_member_save_it(client):
    tag = make_focus_tag(slug="hips")
    make_class(title="Mat", slug="mat", focus_tags=[tag])
    client.force_login(make_member())

    for _ in range(2):  # the second time from what is kept
        text = client.get("/").text

        # The large card, and the one on the shelf of the focus.
        assert text.count('form="save-class" formaction="/my/saved/mat/"') == 2
        assert text.count('id="save-class"') == 1


# --- Focus --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_focus_detail_promises_only_what_somebody_vouches_for(client):
    twisting = make_movement(name="Twisting")
    tag = make_focus_tag(slug="spine-safe", name="Spine Safe", forbids=[twisting])
    make_checked_class(title="Checked", focus_tags=[tag])
    make_class(title="Unchecked", focus_tags=[tag])
    make_checked_class(title="Contradiction", focus_tags=[tag], movements=[twisting])

    response = client.get("/focus/spine-safe/")

    assert titles(response.context["cards"]) == ["Checked"]
    assert "Twisting" in response.text
    assert "1 more class is meant for this" in response.text
    assert "no medical advice" in response.text
    assert "Unchecked" not in response.text


@pytest.mark.django_db
def test_focus_detail_speaks_the_readers_language(client):
    make_focus_tag(
        slug="hips", name="Hips", names={"es": "Caderas"}, descriptions={"es": "Para caderas."}
    )

    with translation.override("es"):
        text = client.get("/focus/hips/", headers={"Accept-Language": "es"}).text

    assert "Caderas" in text
    assert "Para caderas." in text


@pytest.mark.django_db
def test_focus_detail_without_classes_is_not_indexed_and_says_what_to_do(client):
    make_focus_tag(slug="hips")

    text = client.get("/focus/hips/").text

    assert '<meta name="robots" content="noindex">' in text
    assert "Show all classes" in text


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 8])
def test_focus_detail_query_count_is_constant(client, count):
    tag = make_focus_tag(slug="spine-safe", forbids=[make_movement()])
    for _ in range(count):
        make_checked_class(
            focus_tags=[tag], instructors=[make_instructor()], movements=[make_movement()]
        )

    assert queries_of(client, "/focus/spine-safe/") == 4  # tag, its rule, version, cards
    assert len(client.get("/focus/spine-safe/").context["cards"]) == count


# --- Instructors --------------------------------------------------------------------------------


@pytest.mark.django_db
def test_instructor_list_stands_in_the_studios_order_with_numbers(client):
    second = make_instructor(name="Jonas", position=2)
    first = make_instructor(name="Mei", position=1)
    make_class(instructors=[second])
    make_class(instructors=[second], state="draft")

    response = client.get("/instructors/")

    assert response.context["people"] == [(first, 0), (second, 1)]


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 8])
def test_instructor_list_query_count_is_constant(client, count):
    for _ in range(count):
        portrait = Picture.objects.create(width=4, height=4, widths=[4])
        make_class(instructors=[make_instructor(portrait=portrait)])

    assert queries_of(client, "/instructors/") == 2  # version, instructors


@pytest.mark.django_db
def test_instructor_detail_shows_the_bio_cleaned_and_the_classes(client):
    ana = make_instructor(slug="ana", name="Ana", bio="Plays the **cello** <script>x</script>")
    make_class(title="Hers", instructors=[ana, make_instructor()])
    make_class(title="Not hers")
    make_class(title="Hers later", instructors=[ana], published_at=days_ago(-1))

    response = client.get("/instructors/ana/")

    assert titles(response.context["cards"]) == ["Hers"]
    assert "<strong>cello</strong>" in response.text
    assert "<script>x" not in response.text


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 8])
def test_instructor_detail_query_count_is_constant(client, count):
    make_movement(slug="jumping")
    ana = make_instructor(slug="ana")
    for _ in range(count):
        make_checked_class(
            focus_tags=[make_focus_tag(forbids=[make_movement()])],
            instructors=[ana, make_instructor()],
            movements=[make_movement()],
        )

    assert queries_of(client, "/instructors/ana/") == 3  # instructor, version, cards
    # Marks: movements, classes, what those contain.
    assert queries_of(client, "/instructors/ana/?avoid=jumping") == 6
    assert len(client.get("/instructors/ana/").context["cards"]) == count


# --- What a visitor avoids ----------------------------------------------------------------------


@pytest.fixture
def gentle_and_not():
    """Three gentle classes, and one with twisting, by one teacher and for one focus."""
    twisting = make_movement(name="Twisting", slug="twisting")
    terms = {
        "focus_tags": [make_focus_tag(slug="hips", name="Hips")],
        "instructors": [make_instructor(slug="ana", name="Ana")],
    }
    for number in range(3):
        make_checked_class(title=f"Gentle {number}", **terms)
    make_class(title="Not checked", **terms)
    make_checked_class(title="Twists", movements=[twisting], **terms)


@pytest.mark.django_db
def test_home_leaves_out_what_is_avoided_on_every_shelf(client, gentle_and_not):
    response = client.get("/", {"avoid": "twisting"})

    shown = [response.context["newest"].card.html, *titles(response.context["new_cards"])]
    assert "Gentle 2" in shown[0]
    assert shown[1:] == ["Gentle 1", "Gentle 0"]
    [hips] = response.context["shelves"]
    assert (hips.number, titles(hips.cards)) == (3, ["Gentle 2", "Gentle 1", "Gentle 0"])
    assert hips.url == "/focus/hips/?avoid=twisting"
    assert "2 classes left out:" in response.text
    assert response.context["people"][0][1] == 5  # on their own pages nothing is left out
    assert '<meta name="robots" content="noindex">' in response.text


@pytest.mark.django_db
def test_focus_detail_leaves_out_what_a_member_avoids(client, gentle_and_not):
    keep(member := make_member(), ["twisting"])
    client.force_login(member)

    response = client.get("/focus/hips/")

    assert titles(response.context["cards"]) == ["Gentle 2", "Gentle 1", "Gentle 0"]
    assert '<a href="/focus/hips/?avoid=none" rel="nofollow">Show all</a>' in response.text
    assert "avoid=twisting" not in response.text
    everything = client.get("/focus/hips/", {"avoid": "none"})
    assert len(everything.context["cards"]) == 5
    assert '<a href="/focus/hips/">Use it again</a>' in everything.text


@pytest.mark.django_db
def test_instructor_detail_marks_what_is_avoided_and_leaves_nothing_out(client, gentle_and_not):
    response = client.get("/instructors/ana/", {"avoid": "twisting"})

    marked = [
        (bool(shown.mark and shown.mark.contains), bool(shown.mark and shown.mark.unchecked))
        for shown in response.context["cards"]
    ]
    assert titles(response.context["cards"])[:2] == ["Twists", "Not checked"]
    assert marked == [(True, False), (False, True), *[(False, False)] * 3]
    assert "Contains what you avoid: Twisting" in " ".join(response.text.split())
    assert '<meta name="robots" content="noindex">' in response.text


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["/", "/focus/hips/", "/instructors/ana/"])
@pytest.mark.parametrize(("value", "shown"), [("twistng", "twistng"), ("\0", "�")])
def test_movement_that_nobody_knows_is_said_where_it_leaves_nothing_out(
    client, gentle_and_not, url, value, shown
):
    for others in ([], ["twisting"]):
        response = client.get(url, {"avoid": [value, *others]})

        assert f"No movement here is called “{shown}”: the classes below" in response.text
        assert '<meta name="robots" content="noindex">' in response.text
    assert "No movement here" not in client.get(url, {"avoid": ["none", "", "twisting"]}).text


@pytest.mark.django_db
def test_pages_of_a_list_keep_what_the_address_avoids(client, monkeypatch, gentle_and_not):
    for module in (pages, bitmaps):
        monkeypatch.setattr(module, "PAGE_SIZE", 2)

    text = client.get("/focus/hips/", {"avoid": "twisting"}).text

    assert 'href="?avoid=twisting&amp;page=2"' in text


# --- Both ---------------------------------------------------------------------------------------


@pytest.fixture
def moved_pages():
    """A focus and an instructor who each moved twice, with 25 classes."""
    tag = make_focus_tag(slug="back")
    ana = make_instructor(slug="ana")
    for slug in ("spine", "spine-safe"):
        tag.move_to(slug)
    for slug in ("anna", "ana-l"):
        ana.move_to(slug)
    for number in range(25):
        make_class(title=f"Class {number}", variant=False, focus_tags=[tag], instructors=[ana])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/focus/back/", "/focus/spine-safe/"),
        ("/focus/spine/?page=2", "/focus/spine-safe/?page=2"),
        ("/instructors/ana/", "/instructors/ana-l/"),
        ("/instructors/anna/", "/instructors/ana-l/"),
    ],
)
def test_former_address_leads_to_the_new_one_for_good(client, moved_pages, old, new):
    response = client.get(old)

    assert (response.status_code, response["Location"]) == (301, new)


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["/focus/nothing/", "/instructors/nobody/"])
def test_page_that_never_was_is_404(client, url):
    assert client.get(url).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["/focus/spine-safe/", "/instructors/ana-l/"])
def test_lists_of_classes_have_pages(client, moved_pages, url, settings):
    settings.SITE_URL = "https://studio.example"

    first, second = client.get(url), client.get(url, {"page": "2"})

    assert len(first.context["cards"]) == 24
    assert titles(second.context["cards"]) == ["Class 0"]
    assert 'href="?page=2"' in first.text
    assert f'<link rel="canonical" href="https://studio.example{url}?page=2">' in second.text


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["/focus/spine-safe/", "/instructors/ana-l/"])
@pytest.mark.parametrize("number", ["x", "3", "9" * 20, "\0"])
def test_page_that_means_nothing_is_left_out_and_said_so(client, moved_pages, url, number):
    response = client.get(url, {"page": number})

    assert response.status_code == 200
    assert response.context["page"].number == 1
    assert 'class="notice"' in response.text


PUBLIC = ["/", "/focus/spine-safe/", "/instructors/", "/instructors/ana-l/"]


@pytest.mark.django_db
@pytest.mark.parametrize("url", PUBLIC)
def test_public_page_may_be_kept_for_visitors_and_sets_no_cookie(client, moved_pages, url):
    response = client.get(url)

    assert response["Cache-Control"] == "public, s-maxage=60"
    assert "Set-Cookie" not in response
    assert not response.cookies


@pytest.mark.django_db
@pytest.mark.parametrize("url", PUBLIC)
def test_public_page_only_reads(client, moved_pages, url):
    assert client.post(url).status_code == 405
    assert client.head(url).status_code == 200


@pytest.mark.django_db
def test_home_keeps_its_shelves_for_tags_with_enough_classes(client):
    lonely, full = (
        make_focus_tag(name="Seated", position=1),
        make_focus_tag(name="Feet", position=2),
    )
    make_class(focus_tags=[lonely, full])
    make_class(focus_tags=[full])
    make_class(focus_tags=[full])

    shelves = client.get("/").context["shelves"]

    assert [shelf.tag for shelf in shelves] == [full]


@pytest.mark.django_db
def test_home_shows_small_shelves_while_there_are_no_full_ones(client):
    tag = make_focus_tag()
    make_class(focus_tags=[tag])

    shelves = client.get("/").context["shelves"]

    assert [shelf.tag for shelf in shelves] == [tag]
