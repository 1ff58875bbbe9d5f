"""What the addresses of our own pages mean, and to whom they mean nothing."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from classes.catalogue import Choices, keeping
from classes.models import State, Tempo
from classes.search.upkeep import catch_up
from comments.addresses import cards, choices_at, meanings, mentions_us
from tests.factories import make_class, make_focus_tag, make_instructor, make_movement, make_variant

pytestmark = pytest.mark.django_db


def meaning(address: str) -> str | None:
    return meanings([f"Try {address}!"]).get(address)


def test_a_class_is_called_by_its_title():
    make_class(slug="gentle", title="Gentle Mat")

    assert meaning("/classes/gentle/") == "Gentle Mat"
    assert meaning("/classes/gentle") == "Gentle Mat"
    assert meaning("/classes/gentle/?comments=2#comment-7") == "Gentle Mat"


def test_a_class_that_moved_is_still_meant():
    workout_class = make_class(slug="gentle", title="Gentle Mat")
    workout_class.move_to("gentle-mat")

    assert meaning("/classes/gentle/") == meaning("/classes/gentle-mat/") == "Gentle Mat"


def test_a_variant_says_tempo_and_language():
    workout_class = make_class(slug="gentle", title="Gentle Mat")
    make_variant(workout_class, tempo=Tempo.OBSERVE, language="es")
    make_variant(workout_class, tempo=Tempo.OBSERVE, language="ar", ready=False)

    assert (
        meaning("/classes/gentle/observe-and-learn/es/") == "Gentle Mat (Observe & Learn, Spanish)"
    )
    assert meaning("/classes/gentle/observe-and-learn/ar/") is None


@pytest.mark.parametrize(
    "attrs",
    [
        {"state": State.DRAFT},
        {"state": State.RETIRED},
        {"published_at": timezone.now() + timedelta(days=1)},
    ],
)
def test_what_is_not_listed_stays_a_plain_address(attrs):
    make_class(slug="gentle", **attrs)

    assert meaning("/classes/gentle/") is None


def test_what_a_link_leaves_out_is_said():
    make_focus_tag(slug="spine-safe", name="Spine Safe")
    make_movement(slug="kneeling", name="Kneeling")
    make_movement(slug="jumping", name="Jumping")

    assert (
        meaning("/classes/?focus=spine-safe&avoid=kneeling&avoid=jumping")
        == "Spine Safe classes, without Jumping or Kneeling (0)"
    )
    assert meaning("/classes/?avoid=kneeling") == "All classes, without Kneeling (0)"
    assert meaning("/classes/?avoid=none") == "All classes (0)"
    assert meaning("/classes/?avoid=flying") is None


def test_the_catalogue_is_called_by_its_filter():
    make_focus_tag(slug="spine-safe", name="Spine Safe", names={"es": "Columna segura"})
    make_instructor(slug="ana", name="Ana Lindqvist")

    assert meaning("/classes/") == "All classes (0)"
    assert meaning("/classes/?focus=spine-safe") == "Spine Safe classes (0)"
    assert meaning("/classes/?focus=spine-safe&sort=shortest") == "Spine Safe classes (0)"
    assert meaning("/focus/spine-safe/") == "Spine Safe classes (0)"
    assert meaning("/instructors/ana/") == "Ana Lindqvist"
    assert (
        meaning("/classes/?level=beginner&focus=spine-safe&q=neck")
        == "Classes: Spine Safe, “neck”, Beginner (0)"
    )
    with translation.override("es"):
        assert "Columna segura" in meaning("/classes/?focus=spine-safe")


@pytest.mark.parametrize(
    "address",
    [
        "/classes/?focus=unknown",
        "/classes/?level=expert",
        "/classes/?avoid=twisting",
        "/focus/unknown/",
        "/instructors/unknown/",
        "/accounts/profile/",
        "/classes/?q=%00",
        "/classes/?" + "a&" * 2400,
        "/nowhere/",
    ],
)
def test_what_means_nothing_stays_a_plain_address(address):
    assert meaning(address) is None


def test_only_our_own_host_is_ours(settings):
    settings.SITE_URL = "https://studio.example"
    make_class(slug="gentle", title="Gentle Mat")

    assert meaning("https://studio.example/classes/gentle/") == "Gentle Mat"
    assert meaning("http://STUDIO.example/classes/gentle/") == "Gentle Mat"
    assert meaning("https://studio.example.evil.example/classes/gentle/") is None
    assert meaning("https://studio.example@evil.example/classes/gentle/") is None
    assert meaning("https:///classes/gentle/") is None
    assert meaning("https://[studio/classes/gentle/") is None


def test_texts_without_addresses_cost_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert meanings(["and/or", "https://example.org/classes/gentle/", ""]) == {}


def test_only_so_many_addresses_of_one_text_are_looked_up():
    crowd = " ".join(f"/classes/?q=word{number}" for number in range(200))

    told = meanings([crowd, "/classes/"])

    assert len(told) == 31
    assert "/classes/?q=word0" in told
    assert told["/classes/"] == "All classes (0)"


def test_a_former_address_never_takes_the_place_of_a_present_one():
    moved = make_class(slug="gentle", title="Gentle Mat")
    moved.move_to("gentle-mat")
    moved.former_slugs.create(slug="slow")
    make_class(slug="slow", title="Slow Mat")

    assert meaning("/classes/slow/") == "Slow Mat"


def test_a_list_says_how_many_classes_it_has_now():
    tag = make_focus_tag(slug="breathing", name="Breathing")
    make_class(focus_tags=[tag])
    assert meaning("/classes/?focus=breathing") == "Breathing classes (1)"

    make_class(focus_tags=[tag])
    make_class(focus_tags=[tag], state=State.DRAFT)

    assert meaning("/classes/?focus=breathing") == "Breathing classes (2)"
    assert meaning("/classes/?focus=breathing&page=2") == "Breathing classes (2)"


def test_words_that_are_looked_for_are_counted_too():
    make_class(title="Undo the desk")
    make_class(title="Gentle Mat")
    catch_up()

    assert meaning("/classes/?q=desk") == "Classes: “desk” (1)"


def test_only_a_few_searches_are_counted(django_assert_num_queries):
    crowd = " ".join(f"/classes/?q=word{number}" for number in range(20))

    catalogue = keeping.current()

    with django_assert_num_queries(3):
        told = meanings([crowd], catalogue)

    assert told["/classes/?q=word2"] == "Classes: “word2” (0)"
    assert told["/classes/?q=word3"] == "Classes: “word3”"


@pytest.mark.parametrize("count", [1, 8])
def test_meanings_cost_the_same_however_many_there_are(django_assert_num_queries, count):
    tag = make_focus_tag(slug="breathing", name="Breathing")
    for number in range(count):
        make_variant(make_class(slug=f"mat-{number}", focus_tags=[tag]), tempo=Tempo.OBSERVE)
    texts = [
        f"/classes/mat-{number}/ /classes/mat-{number}/observe-and-learn/en/ "
        f"/classes/?focus=breathing&level=beginner&length={number}1-20"
        for number in range(count)
    ]
    catalogue = keeping.current()

    with django_assert_num_queries(1):  # the classes
        assert len(meanings(texts, catalogue)) >= 2 * count


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("Try /classes/gentle/ today", True),
        ("http://127.0.0.1:8000/classes/?focus=breathing", True),
        ("/focus/breathing/", True),
        ("and /or", False),
        ("and/or", False),
        ("https://example.org/classes/gentle/", False),
        ("/accounts/profile/", False),
        ("", False),
    ],
)
def test_what_is_shown_by_the_catalogue_is_known_without_a_query(
    text, mentions, settings, django_assert_num_queries
):
    settings.SITE_URL = "http://127.0.0.1:8000"

    with django_assert_num_queries(0):
        assert mentions_us(text) is mentions


def test_a_page_with_a_list_is_a_state_of_the_catalogue():
    make_focus_tag(slug="breathing")
    make_instructor(slug="ana")
    vocabulary = keeping.current().vocabulary

    assert choices_at("/focus/breathing/", vocabulary) == Choices(focus=("breathing",))
    assert choices_at("/instructors/ana/", vocabulary) == Choices(instructor=("ana",))
    assert choices_at("/classes/?page=3&level=beginner", vocabulary) == Choices(level=("beginner",))
    assert choices_at("/classes/?level=expert", vocabulary) is None
    assert choices_at("/classes/gentle/", vocabulary) is None
    assert choices_at("https://example.org/classes/", vocabulary) is None


def test_a_class_alone_on_a_line_has_a_card():
    workout_class = make_class(slug="gentle", title="Gentle <Mat>")
    make_variant(workout_class, tempo=Tempo.OBSERVE, language="es")
    spanish = "/classes/gentle/observe-and-learn/es/"

    found = cards([f"Try this:\n /classes/gentle/?avoid=none \n\n{spanish}", "Or /classes/gentle/"])

    assert set(found) == {"/classes/gentle/?avoid=none", spanish}
    assert (
        '<a class="class-card-title" href="/classes/gentle/?avoid=none">Gentle &lt;Mat&gt;</a>'
        in (found["/classes/gentle/?avoid=none"])
    )
    assert "20 min" in found[spanish]
    assert "Español" in found[spanish] or "español" in found[spanish]


@pytest.mark.parametrize(
    "line",
    [
        "/classes/gentle/",
        "/classes/shown/workout-tempo/ar/",
        "/classes/",
        "/classes/unknown/",
        "https://example.org/classes/shown/",
        "/classes/shown/ is lovely",
        "/classes/shown/.",
    ],
)
def test_nothing_else_has_a_card(line):
    make_class(slug="gentle", state=State.RETIRED)
    make_class(slug="shown")

    assert cards([line]) == {}


@pytest.mark.parametrize("count", [1, 8])
def test_cards_cost_the_same_however_many_there_are(django_assert_num_queries, count):
    for number in range(count):
        make_class(slug=f"mat-{number}")
    catalogue = keeping.current()

    with django_assert_num_queries(2):  # addresses, cards
        found = cards([f"/classes/mat-{number}/" for number in range(count)], catalogue)

    assert len(found) == count
