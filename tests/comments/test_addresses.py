"""What the addresses of our own pages mean, and to whom they mean nothing."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from classes.models import State, Tempo
from comments.addresses import meanings
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
        == "Spine Safe classes, without Jumping or Kneeling"
    )
    assert meaning("/classes/?avoid=kneeling") == "All classes, without Kneeling"
    assert meaning("/classes/?avoid=none") == "All classes"
    assert meaning("/classes/?avoid=flying") is None


def test_the_catalogue_is_called_by_its_filter():
    make_focus_tag(slug="spine-safe", name="Spine Safe", names={"es": "Columna segura"})
    make_instructor(slug="ana", name="Ana Lindqvist")

    assert meaning("/classes/") == "All classes"
    assert meaning("/classes/?focus=spine-safe") == "Spine Safe classes"
    assert meaning("/classes/?focus=spine-safe&sort=shortest") == "Spine Safe classes"
    assert meaning("/focus/spine-safe/") == "Spine Safe classes"
    assert meaning("/instructors/ana/") == "Ana Lindqvist"
    assert (
        meaning("/classes/?level=beginner&focus=spine-safe&q=neck")
        == "Classes: Spine Safe, “neck”, Beginner"
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
    assert told["/classes/"] == "All classes"
