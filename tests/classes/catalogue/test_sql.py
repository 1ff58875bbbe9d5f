"""The catalogue's SQL against the same rules in plain Python."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from classes.catalogue import (
    Choices,
    Facet,
    Found,
    Hit,
    LeftOut,
    Sort,
    SqlCatalogue,
    Version,
    parse,
    sql,
)
from classes.models import WorkoutClass
from tests.classes.catalogue import oracle, studios
from tests.factories import (
    make_apparatus,
    make_checked_class,
    make_class,
    make_focus_tag,
    make_movement,
    make_variant,
)

CATALOGUE = SqlCatalogue(Version(0, 0))


def ids(hits: tuple[Hit, ...]) -> list[int]:
    return [hit.class_id for hit in hits]


class AgreesWithPlainPython(TestCase):
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        studio=studios.studios,
        asked=st.lists(
            st.tuples(studios.parameters, studios.searches, studios.avoids, studios.done),
            min_size=1,
            max_size=5,
        ),
    )
    def test_over_random_studios_and_addresses(self, studio, asked):
        studios.build(studio)
        there = studios.as_it_stands()
        catalogue = SqlCatalogue(Version(0, 0))
        class_ids = sorted(row.pk for row in there.rows)
        for pairs, search, saved, places_done in asked:
            ids_found = [class_ids[place] for place in search if place < len(class_ids)]
            done = [class_ids[place] for place in places_done if place < len(class_ids)]
            # As if those were not there at all.
            expected = oracle.answer(
                replace(there, rows=[row for row in there.rows if row.pk not in done]),
                oracle.understood(there, pairs, studios.OPTIONS, saved=saved, found=ids_found),
                studios.OPTIONS,
            )
            choices, _ignored = parse(studios.encoded(pairs), catalogue.vocabulary, saved)
            choices = replace(choices, hides_done=True, done=done)
            found = Found(ids_found) if choices.q else None

            counts = catalogue.count(choices, found)
            hits = catalogue.page(choices, 1, found)

            assert [(hit.class_id, hit.variant_id) for hit in hits] == expected.classes, pairs
            assert counts.total == len(expected.classes), pairs
            assert counts.options == expected.counts, pairs
            assert counts.unchecked == expected.unchecked, pairs
            assert counts.left_out == LeftOut(*expected.left_out), pairs
            assert catalogue.count_each([choices, choices], found) == [counts.total] * 2, pairs

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(studio=studios.studios, avoids=studios.avoids, size=st.integers(1, 4))
    def test_over_random_studios_on_shelves_and_beside_a_class(self, studio, avoids, size):
        studios.build(studio)
        there = studios.as_it_stands()
        tags = ["spine-safe", "strong"]

        shelves = CATALOGUE.newest_by_focus(tags, size, avoids)

        assert {
            tag: [(hit.class_id, hit.variant_id) for hit in hits] for tag, hits in shelves.items()
        } == oracle.newest_by_focus(there, tags, size, avoids)
        for row in there.rows:
            assert [
                oracle.Alike(
                    alike.hit.class_id,
                    alike.hit.variant_id,
                    alike.focus,
                    alike.movements,
                    alike.same_level,
                    alike.same_length,
                )
                for alike in CATALOGUE.similar(row.pk, size, avoids)
            ] == oracle.similar(there, row, size, avoids)


@pytest.mark.django_db
def test_show_language_and_length_hold_of_one_and_the_same_film():
    workout_class = make_class(variant=False)
    make_variant(workout_class, language="en", duration=timedelta(minutes=15))
    make_variant(workout_class, language="es", duration=timedelta(minutes=40))

    together = Choices(show=("other-languages",), length=("11-20",))

    assert CATALOGUE.count(together).total == 0
    assert CATALOGUE.count(Choices(show=("other-languages",))).total == 1
    assert CATALOGUE.count(together).of(Facet.LENGTH, "31-45") == 1


@pytest.mark.django_db
def test_card_leads_to_the_first_film_that_satisfies_the_choices():
    workout_class = make_class(variant=False)
    english = make_variant(workout_class, language="en", duration=timedelta(minutes=15))
    spanish = make_variant(workout_class, language="es", duration=timedelta(minutes=15))

    assert CATALOGUE.page(Choices(), 1)[0].variant_id == english.pk
    assert CATALOGUE.page(Choices(language=("es",)), 1)[0].variant_id == spanish.pk


@pytest.mark.django_db
def test_class_without_a_film_is_listed_until_a_film_is_asked_for():
    workout_class = make_class(variant=False)
    make_variant(workout_class, ready=False)

    assert ids(CATALOGUE.page(Choices(), 1)) == [workout_class.pk]
    assert CATALOGUE.page(Choices(show=("workout-tempo",)), 1) == ()


@pytest.mark.django_db
def test_tag_that_nobody_vouches_for_neither_finds_nor_counts_but_is_told():
    tag = make_focus_tag(slug="spine-safe", name="Spine Safe", forbids=[make_movement()])
    make_class(focus_tags=[tag])
    make_checked_class(focus_tags=[tag])

    counts = CATALOGUE.count(Choices(focus=("spine-safe",)))

    assert counts.total == counts.of(Facet.FOCUS, "spine-safe") == 1
    assert counts.unchecked == 1


@pytest.mark.django_db
def test_many_tags_ask_no_more_of_the_database_than_one():
    slugs = tuple(make_focus_tag().slug for _ in range(12))

    def selects(chosen: tuple[str, ...]) -> int:
        with CaptureQueriesContext(connection) as queries:
            CATALOGUE.count(Choices(focus=chosen))
        return sum(query["sql"].count("SELECT") for query in queries)

    assert selects(slugs) == selects(slugs[:1])


@pytest.mark.django_db
def test_class_that_contains_what_the_tag_forbids_is_not_told_as_unchecked():
    twisting = make_movement()
    tag = make_focus_tag(slug="spine-safe", forbids=[twisting])
    make_checked_class(focus_tags=[tag], movements=[twisting])

    assert CATALOGUE.count(Choices(focus=("spine-safe",))).unchecked == 0


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["es", "fr"])
def test_first_film_follows_the_studios_language(settings, language):
    settings.STUDIO_LANGUAGE = language
    workout_class = make_class()
    make_variant(workout_class, language="es")
    make_variant(workout_class, language="fr")

    first = CATALOGUE.page(Choices(), 1)[0].variant_id

    assert workout_class.variants.get(pk=first).language == language
    assert CATALOGUE.count(Choices()).of(Facet.SHOW, "other-languages") == 1


@pytest.mark.django_db
@pytest.mark.parametrize("sort", list(Sort))
def test_pages_follow_each_other_without_gap_or_repetition(monkeypatch, sort):
    monkeypatch.setattr(sql, "PAGE_SIZE", 3)
    for number in range(8):
        make_class(title="Same", published_at=timezone.now() - timedelta(days=number // 2))
    choices = Choices(q="same", sort=sort)
    found = Found([row.pk for row in WorkoutClass.objects.order_by("pk")])

    pages = [CATALOGUE.page(choices, number, found) for number in (1, 2, 3, 4)]

    assert [len(hits) for hits in pages] == [3, 3, 2, 0]
    assert len({hit.class_id for hits in pages for hit in hits}) == 8


# --- What is avoided ----------------------------------------------------------------------------

AVOIDING = Choices(avoid=("twisting",))


@pytest.fixture
def twisting():
    return make_movement(slug="twisting")


@pytest.mark.django_db
def test_what_contains_it_and_what_nobody_checked_for_it_is_left_out_and_told(twisting):
    make_checked_class(movements=[twisting])
    make_class(movements=[twisting])  # told as containing it, and not told twice
    make_class()
    suitable = make_checked_class(movements=[make_movement()])

    counts = CATALOGUE.count(AVOIDING)

    assert ids(CATALOGUE.page(AVOIDING, 1)) == [suitable.pk]
    assert (counts.total, counts.left_out) == (1, LeftOut(containing=2, unchecked=1))


@pytest.mark.django_db
def test_check_made_before_the_movement_was_defined_says_nothing_of_it():
    make_movement(slug="twisting", defined_at=timezone.now())
    make_checked_class(checked_at=timezone.now() - timedelta(days=1))

    assert CATALOGUE.count(AVOIDING).left_out == LeftOut(unchecked=1)


@pytest.mark.django_db
def test_check_of_somebody_who_has_left_counts_no_more(twisting):
    checked = make_checked_class()
    checked.checked_by.delete()

    assert CATALOGUE.page(AVOIDING, 1) == ()


@pytest.mark.django_db
@pytest.mark.parametrize("movement", ["twisting", "unheard-of"])
def test_saved_set_leaves_out_until_the_address_lifts_it(movement):
    make_movement(slug="kneeling")
    unchecked = make_class()
    choices = Choices(saved=(movement, "kneeling"))

    assert CATALOGUE.page(choices, 1) == ()
    assert ids(CATALOGUE.page(choices.avoiding(()), 1)) == [unchecked.pk]


@pytest.mark.django_db
def test_nobody_has_checked_for_a_movement_that_is_not_known(twisting):
    make_checked_class()

    counts = CATALOGUE.count(Choices(avoid=("twisting", "unheard-of")))

    assert (counts.total, counts.left_out) == (0, LeftOut(unchecked=1))


@pytest.mark.django_db
def test_what_was_left_out_for_want_of_a_check_can_be_listed(twisting):
    make_checked_class()
    make_class(movements=[twisting])
    unchecked = make_class(level="open")
    there = AVOIDING.showing_unchecked(True)

    counts = CATALOGUE.count(there)

    assert ids(CATALOGUE.page(there, 1)) == [unchecked.pk]
    assert counts.options[Facet.LEVEL] == {"open": 1}
    assert counts.left_out == CATALOGUE.count(AVOIDING).left_out


@pytest.mark.django_db
def test_nothing_is_left_out_where_nothing_is_avoided():
    make_class()

    assert CATALOGUE.count(Choices()).left_out == LeftOut()
    assert CATALOGUE.page(Choices(unchecked=True), 1) == ()


# --- Time, words, and what it costs -------------------------------------------------------------


@pytest.mark.django_db
def test_class_comes_and_goes_at_its_times_without_a_write(time_machine):
    now = timezone.now()
    make_class(published_at=now + timedelta(hours=1), retires_at=now + timedelta(hours=2))

    numbers = []
    for minutes in (0, 61, 121):
        time_machine.move_to(now + timedelta(minutes=minutes))
        numbers.append((CATALOGUE.count(Choices()).total, len(CATALOGUE.page(Choices(), 1))))

    assert numbers == [(0, 0), (1, 1), (0, 0)]


@pytest.mark.django_db
def test_words_find_what_the_search_found_in_its_order():
    first, second, third = (make_class(level="open") for _ in range(3))
    draft = make_class(state="draft")
    found = Found([third.pk, draft.pk, 10**12, first.pk])
    choices = Choices(q="wall", level=("open",), sort=Sort.RELEVANCE)

    assert ids(CATALOGUE.page(choices, 1, found)) == [third.pk, first.pk]
    assert CATALOGUE.count(choices, found).total == 2
    assert CATALOGUE.count_each([choices, choices.without_words()], found) == [2, 3]
    assert second.pk in ids(CATALOGUE.page(choices.without_words(), 1, found))


@pytest.mark.django_db
def test_more_can_be_found_than_a_query_has_parameters():
    workout_class = make_class()
    found = Found([*range(10**9, 10**9 + 300_000), workout_class.pk])

    assert CATALOGUE.count(Choices(q="mat"), found).total == 1


@pytest.mark.django_db
def test_words_without_what_the_search_found_are_no_question():
    with pytest.raises(ValueError, match="search"):
        CATALOGUE.count(Choices(q="mat"))


EVERYTHING = Choices(
    q="one two three four five six seven eight",
    show=("workout-tempo", "other-languages"),
    focus=("a", "b", "c"),
    length=("0-10", "61-"),
    level=("beginner",),
    apparatus=("mat",),
    prop=("ball",),
    instructor=("ana",),
    language=("en", "pt-BR"),
    avoid=("twisting", "rolling"),
    sort=Sort.LONGEST,
)


@pytest.mark.django_db
@pytest.mark.parametrize("choices", [Choices(), EVERYTHING])
@pytest.mark.parametrize("size", [1, 8])
def test_two_queries_whatever_is_chosen(django_assert_num_queries, choices, size):
    found = Found([make_class(focus_tags=[make_focus_tag()]).pk for _ in range(size)])

    with django_assert_num_queries(2):  # counts, page
        CATALOGUE.count(choices, found)
        CATALOGUE.page(choices, 1, found)


@pytest.mark.django_db
def test_counting_several_states_takes_one_query(django_assert_num_queries):
    make_class(level="open")
    make_class(level="advanced")
    states = [Choices(), Choices(level=("open",)), Choices(level=("beginner",))]

    with django_assert_num_queries(1):
        assert CATALOGUE.count_each(states) == [2, 1, 0]
    assert CATALOGUE.count_each([]) == []


@pytest.mark.django_db
def test_vocabulary_is_read_once(django_assert_num_queries):
    catalogue = SqlCatalogue(Version(3, 7))

    with django_assert_num_queries(1):
        assert catalogue.vocabulary is catalogue.vocabulary
    assert catalogue.version == Version(3, 7)


# --- Shelves, and what is similar ---------------------------------------------------------------


@pytest.mark.django_db
def test_newest_by_focus_gives_each_tag_its_newest_vouched_classes():
    safe = make_focus_tag(slug="safe", forbids=[make_movement()])
    hips = make_focus_tag(slug="hips")
    make_class(focus_tags=[safe], state="draft")
    make_class(focus_tags=[safe])
    _old, middle, new = (
        make_class(focus_tags=[hips], published_at=timezone.now() - timedelta(days=days))
        for days in (3, 2, 1)
    )

    shelves = CATALOGUE.newest_by_focus(["safe", "hips"], 2)

    assert {slug: ids(hits) for slug, hits in shelves.items()} == {
        "safe": [],
        "hips": [new.pk, middle.pk],
    }
    assert shelves["hips"][0].variant_id == new.variants.get().pk
    assert CATALOGUE.newest_by_focus([], 2) == {}


@pytest.mark.django_db
def test_what_shares_most_is_most_similar_and_says_why():
    hips, mat = make_focus_tag(slug="hips"), make_apparatus()
    kneeling, rolling = make_movement(slug="kneeling"), make_movement(slug="rolling")
    this = make_class(
        focus_tags=[hips], movements=[kneeling, rolling], level="open", apparatus=[mat]
    )
    in_movement = make_class(movements=[rolling, make_movement()], level="open", variant=False)
    in_tag = make_class(focus_tags=[hips], level="advanced", apparatus=[mat])
    make_class(level="open", apparatus=[mat])  # neither a tag nor a movement in common

    tagged, moving = CATALOGUE.similar(this.pk, 4)

    assert tagged.hit == Hit(in_tag.pk, in_tag.variants.get().pk)
    assert (tagged.focus, tagged.movements) == (("hips",), ())
    assert (tagged.same_level, tagged.same_length) == (False, True)
    assert moving.hit == Hit(in_movement.pk, None)
    assert (moving.focus, moving.movements) == ((), ("rolling",))
    assert (moving.same_level, moving.same_length) == (True, False)


@pytest.fixture
def alike():
    """Makes classes that share these traits, and nothing but these, with each other."""
    tag, mat = make_focus_tag(), make_apparatus()
    moves = {f"move {number}": make_movement() for number in range(1, 5)}

    def make(traits: list[str], days_old: int = 3) -> int:
        made = make_class(
            variant=False,
            published_at=timezone.now() - timedelta(days=days_old),
            focus_tags=[tag] if "tag" in traits else [],
            movements=[moves[trait] for trait in traits if trait in moves],
            apparatus=[mat] if "mat" in traits else [],
            level="open" if "level" in traits else "advanced",
        )
        make_variant(made, duration=timedelta(minutes=15 if "length" in traits else 5))
        return made.pk

    return make


SHARED_BY_ALL = ["tag", "move 1", "move 2", "move 3", "move 4", "mat", "level", "length"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("more", "less"),
    [
        (["tag"], ["move 1", "move 2", "move 3"]),
        (["move 1", "move 2", "move 3", "mat"], ["move 1", "move 2", "move 3", "move 4"]),
        (["move 1", "move 2"], ["move 1"]),
        (["move 1", "level"], ["move 1", "length"]),
        (["move 1", "length"], ["move 1"]),
        (["move 1", "mat"], ["move 1"]),
        (["move 1", "move 2", "move 3", "level"], ["tag"]),
    ],
)
def test_what_shares_more_comes_first_though_it_is_older(alike, more, less):
    this, older, newer = alike(SHARED_BY_ALL), alike(more, 2), alike(less, 1)

    assert [row.hit.class_id for row in CATALOGUE.similar(this, 2)] == [older, newer]
    assert [row.hit.class_id for row in CATALOGUE.similar(this, 1)] == [older]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("one", "another"),
    [
        (["tag"], ["move 1", "move 2", "move 3", "length"]),
        (["move 1", "mat", "length"], ["move 1", "level"]),
        (["move 1", "move 2", "move 3"], ["move 1", "move 2", "move 3", "move 4"]),
    ],
)
def test_of_two_that_share_as_much_the_newer_comes_first(alike, one, another):
    this = alike(SHARED_BY_ALL)

    for older, newer in ((one, another), (another, one)):
        pair = alike(newer, 1), alike(older, 2)
        found = [row.hit.class_id for row in CATALOGUE.similar(this, 9)]

        assert [pk for pk in found if pk in pair] == list(pair)


@pytest.mark.django_db
def test_tag_that_nobody_vouches_for_makes_nothing_similar():
    safe = make_focus_tag(forbids=[make_movement()])
    this = make_checked_class(focus_tags=[safe])
    make_class(focus_tags=[safe])

    assert CATALOGUE.similar(this.pk, 4) == ()


@pytest.mark.django_db
def test_similar_classes_keep_to_what_is_avoided(twisting):
    hips = make_focus_tag()
    this = make_class(focus_tags=[hips], movements=[twisting], state="retired")
    make_class(focus_tags=[hips])
    make_checked_class(focus_tags=[hips], movements=[twisting])
    suitable = make_checked_class(focus_tags=[hips])

    assert [alike.hit.class_id for alike in CATALOGUE.similar(this.pk, 4, ("twisting",))] == [
        suitable.pk
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 8])
def test_similar_classes_take_four_queries(django_assert_num_queries, size):
    hips = make_focus_tag()
    this = make_class(focus_tags=[hips])
    for _ in range(size):
        make_class(focus_tags=[hips])

    with django_assert_num_queries(4):
        assert len(CATALOGUE.similar(this.pk, 8)) == size
    assert CATALOGUE.similar(0, 8) == ()
