"""What a member keeps as avoided is marked as an address marks it, from a page kept for all."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from classes.body import avoiding
from classes.models import WorkoutClass
from tests.factories import (
    make_chapter,
    make_class,
    make_exercise,
    make_member,
    make_membership,
    make_movement,
)

pytestmark = pytest.mark.django_db

SLUGS = ("rolling", "twisting", "kneeling", "hanging")


@pytest.fixture(params=[True, False], ids=["checked", "unchecked"])
def workout_class(request) -> WorkoutClass:
    """Of the movements the first is in two parts, the second in one, the third in none; the last
    one the studio looks for since after the check."""
    made = make_class(slug="mat")
    rolling, twisting, kneeling = (
        make_movement(slug=slug, name=f"{slug.title()} <b>&") for slug in SLUGS[:3]
    )
    roll = make_exercise(slug="roll", name="Roll & up", movements=[rolling])
    twist = make_exercise(slug="twist", name="Twist", movements=[rolling, twisting])
    film = made.variants.get()
    make_chapter(film, 0, 60, exercise=roll)
    make_chapter(film, 120, 180, exercise=twist)
    make_chapter(film, 200, 260, exercise=make_exercise(slug="rest", name="Rest"))
    made.movements.add(rolling, twisting, kneeling)
    if request.param:
        WorkoutClass.objects.update(checked_by=make_member(), checked_at=timezone.now())
    make_movement(slug="hanging", name="Hanging", defined_at=timezone.now())
    return made


def section_of(page: str) -> str:
    """What a set is marked in, less what an address says of itself."""
    found = page[page.index('<p class="notice">') : page.index('<aside aria-label="About')]
    found = re.sub(r"avoid=[a-z]+&(amp;)?|\?avoid=[a-z&;=]+(?=\")", "", found)
    found = found.replace("(your own set)", "")
    found = re.sub(r'· <a href="/my/avoid/">Change</a>', "", found)
    return re.sub(r"\s+", " ", found)


@pytest.mark.parametrize("has_membership", [True, False])
@pytest.mark.parametrize(
    "avoided", [SLUGS[:1], SLUGS[1:2], SLUGS[2:3], SLUGS[3:], SLUGS[:2], SLUGS]
)
def test_own_set_is_marked_as_that_of_an_address(workout_class, avoided, has_membership):
    member, browser = make_member(), Client()
    if has_membership:
        make_membership(member)
    browser.force_login(member)
    address = workout_class.get_absolute_url()
    browser.get(address)  # what is kept is made without a set
    # In the order of the studio, as what a member keeps is read.
    asked = browser.get(address, {"avoid": sorted(avoided)}).text

    avoiding.keep(member, avoided)
    own = [browser.get(address).text for _ in range(2)]

    assert section_of(own[0]) == section_of(asked)
    assert own[0].count("data-avoid") == asked.count("data-avoid")
    assert section_of(own[1]) == section_of(asked)
    assert "<!--" not in section_of(own[0])
