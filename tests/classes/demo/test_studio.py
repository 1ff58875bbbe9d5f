"""The demo studio keeps the promises that a real one would have to keep."""

import itertools
import re
from collections import Counter
from datetime import timedelta

import pytest

from classes.demo.studio import DemoClass, read_studio
from classes.languages import canonical_tag, direction, language_name
from classes.models import Level, State, Tempo
from classes.taxonomy import read_taxonomy

STUDIO = read_studio()
LISTED = [each for each in STUDIO.classes if each.is_listed]
each_class = pytest.mark.parametrize("demo", STUDIO.classes, ids=lambda demo: demo.slug)


def taxonomy_by_slug(kind: str) -> dict[str, dict]:
    return {row["slug"]: row for row in read_taxonomy()[kind]}


@each_class
def test_no_focus_tag_forbids_what_its_class_contains(demo: DemoClass):
    tags = taxonomy_by_slug("focus_tags")

    broken = {tag: set(tags[tag]["forbids"]) & set(demo.contains) for tag in demo.focus}

    assert not any(broken.values()), broken


@each_class
def test_class_contains_the_movements_of_the_exercises_in_its_film(demo: DemoClass):
    exercises = taxonomy_by_slug("exercises")

    shown = {movement for name in demo.exercises for movement in exercises[name]["movements"]}

    assert shown <= set(demo.contains)


@each_class
def test_class_uses_only_words_of_the_taxonomy_and_of_the_models(demo: DemoClass):
    assert set(demo.apparatus) <= taxonomy_by_slug("apparatus").keys()
    assert set(demo.props) <= taxonomy_by_slug("props").keys()
    assert set(demo.focus) <= taxonomy_by_slug("focus_tags").keys()
    assert set(demo.contains) <= taxonomy_by_slug("movements").keys()
    assert demo.level in Level.values
    assert demo.state in State.values
    assert {variant.tempo for variant in demo.variants} <= set(Tempo.values)
    assert {*demo.instructors, demo.checked_by} <= {
        None,
        *(instructor.slug for instructor in STUDIO.instructors),
    }


@each_class
def test_class_has_a_film_for_each_tempo_and_language_once(demo: DemoClass):
    pairs = [(variant.tempo, variant.language) for variant in demo.variants]

    assert len(set(pairs)) == len(pairs)
    for variant in demo.variants:
        assert canonical_tag(variant.language) == variant.language
        assert language_name(variant.language) != variant.language
        assert 20 <= variant.seconds <= 40


@each_class
def test_description_is_two_to_four_paragraphs_that_fit(demo: DemoClass):
    assert 2 <= len(demo.description.split("\n\n")) <= 4
    assert len(demo.description) <= 5000
    for slug in re.findall(r"\(/classes/([\w-]+)/\)", demo.description):
        assert slug in {other.slug for other in LISTED}


def test_palettes_are_five_colours_from_dark_to_light_and_never_the_same():
    palettes = [each.palette for each in (*STUDIO.classes, *STUDIO.instructors)]

    assert len(set(palettes)) == len(palettes)
    for palette in palettes:
        assert len(palette) == 5
        light = [brightness(colour) for colour in palette]
        assert light == sorted(light)


def brightness(colour: str) -> float:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_catalogue_has_24_classes_and_one_of_each_state_beyond():
    beyond = [each for each in STUDIO.classes if not each.is_listed]

    assert len(LISTED) == 24
    assert len({each.slug for each in STUDIO.classes}) == len(STUDIO.classes)
    assert sorted(each.state for each in beyond) == ["draft", "published", "retired"]
    assert max(each.published for each in LISTED) > timedelta(days=2 * 340)


def test_two_listed_classes_are_not_checked():
    assert sum(each.checked is None for each in LISTED) == 2
    for each in STUDIO.classes:
        assert (each.checked is None) == (each.checked_by is None)


def test_films_come_in_tempos_languages_and_lengths():
    in_two_tempos = [each for each in LISTED if len({v.tempo for v in each.variants}) == 2]
    in_two_languages = [each for each in LISTED if len({v.language for v in each.variants}) > 1]
    languages = {variant.language for each in LISTED for variant in each.variants}
    long_films = {
        each.slug: each.variants[0].minutes for each in LISTED if each.variants[0].minutes
    }

    assert len(in_two_tempos) >= 3
    assert len(in_two_languages) >= 4
    assert "rtl" in map(direction, languages)
    assert sorted(long_films.values()) == [12, 24, 50]
    assert "slow-gentle-mat-for-back-pain" in long_films


def test_two_or_three_classes_are_free():
    assert sum(each.is_free for each in LISTED) in (2, 3)


def test_every_focus_tag_level_and_movement_leads_to_a_class():
    found = Counter(
        itertools.chain.from_iterable((*each.focus, *each.contains, each.level) for each in LISTED)
    )

    for kind in ("focus_tags", "movements"):
        assert taxonomy_by_slug(kind).keys() <= found.keys()
    assert set(Level.values) <= found.keys()


def test_back_pain_class_is_whole():
    demo = STUDIO.classes[0]

    assert demo.title == "Slow & Gentle Mat for Back Pain"
    assert {(variant.tempo, variant.language) for variant in demo.variants} == {
        ("workout-tempo", "en"),
        ("observe-and-learn", "en"),
        ("workout-tempo", "es"),
    }
    assert "spine-safe" in demo.focus
    assert demo.checked is not None
    assert {"twisting", "rolling", "forward-bending"}.isdisjoint(demo.contains)


def test_libraries_hold_what_their_members_could_open_then():
    classes = {each.slug: each for each in STUDIO.classes}

    for account in STUDIO.accounts:
        for kept in (*account.saved, *account.watched):
            assert kept.ago < classes[kept.slug].published
        for watched in account.watched:
            began, over = account.membership.began, -account.membership.ends
            assert began > watched.ago > over
            [film] = [
                film
                for film in classes[watched.slug].variants
                if (film.tempo, film.language) == (watched.tempo, watched.language)
            ]
            assert bool(watched.stopped_at) != bool(watched.times_done)
            assert watched.stopped_at < film.length


def test_one_signs_in_as_curator_instructor_and_members_at_each_stage():
    _, instructor, running, ended, trial = STUDIO.accounts

    assert [account.is_curator for account in STUDIO.accounts] == [True, *[False] * 4]
    assert instructor.instructor == STUDIO.classes[0].instructors[0]
    assert running.membership.ends > timedelta() > ended.membership.ends
    assert trial.membership.source == "trial"
    assert all(account.email.endswith("@example.org") for account in STUDIO.accounts)
