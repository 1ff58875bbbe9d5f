"""The catalogue's SQL against the same rules in plain Python."""

from datetime import timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from classes.catalogue import Choices, Facet, Sort, count, page, parse, read_vocabulary, sql
from classes.catalogue.sql import count_each, newest_by_focus
from tests.classes.catalogue import oracle, studios
from tests.factories import (
    make_checked_class,
    make_class,
    make_focus_tag,
    make_movement,
    make_variant,
)


def encoded(pairs: list[tuple[str, str]]) -> QueryDict:
    query = QueryDict(mutable=True)
    for name, value in pairs:
        query.appendlist(name, value)
    return query


def understood(pairs: list[tuple[str, str]]) -> tuple[oracle.Wanted, list[str], str]:
    """What the pairs ask for: values that mean nothing are as if they were not there."""
    spoken = {row.language for row in oracle_languages()}
    known = {**studios.OPTIONS, "language": spoken}
    wanted: oracle.Wanted = {facet: [] for facet in oracle.FACETS}
    for name, value in pairs:
        value = "en" if (name, value) == ("language", "EN") else value
        if name in wanted and value in known[name] and value not in wanted[name]:
            wanted[name].append(value)
    texts = list(dict.fromkeys(value for name, value in pairs if name == "q" and value.strip()))
    readable = not any(c in text for text in texts for c in "\0\N{REPLACEMENT CHARACTER}")
    words = list(dict.fromkeys(" ".join(texts).split())) if readable else []
    return wanted, words, next((value for name, value in reversed(pairs) if name == "sort"), "")


def oracle_languages():
    now = timezone.now()
    return [
        film
        for row in studios.rows()
        if row.state == "published" and row.published_at <= now
        for film in row.variants.all()
        if film.video_id
    ]


short_enough = studios.parameters.filter(
    # What happens to more words than the catalogue looks for is said in test_choices.
    lambda pairs: not any(name == "q" and len(value) > 20 for name, value in pairs)
)


class AgreesWithPlainPython(TestCase):
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(studio=studios.studios, asked=st.lists(short_enough, min_size=1, max_size=5))
    def test_over_random_studios_and_addresses(self, studio, asked):
        studios.build(studio)
        rows = studios.rows()
        vocabulary = read_vocabulary()
        for pairs in asked:
            choices, _ignored = parse(encoded(pairs), vocabulary)
            wanted, words, sort = understood(pairs)
            sort = sort if sort in list(Sort) and (sort != Sort.RELEVANCE or words) else ""
            expected = oracle.answer(rows, wanted, words, sort, studios.OPTIONS)

            counts = count(choices)
            hits = page(choices, 1)

            assert [(hit.class_id, hit.variant_id) for hit in hits] == expected.classes, pairs
            assert counts.total == len(expected.classes), pairs
            assert counts.options == expected.counts, pairs
            assert counts.unchecked == expected.unchecked, pairs


@pytest.mark.django_db
def test_show_language_and_length_hold_of_one_and_the_same_film():
    workout_class = make_class(variant=False)
    make_variant(workout_class, language="en", duration=timedelta(minutes=15))
    make_variant(workout_class, language="es", duration=timedelta(minutes=40))

    together = Choices(show=("other-languages",), length=("11-20",))

    assert count(together).total == 0
    assert count(Choices(show=("other-languages",))).total == 1
    assert count(together).of(Facet.LENGTH, "31-45") == 1


@pytest.mark.django_db
def test_card_leads_to_the_first_film_that_satisfies_the_choices():
    workout_class = make_class(variant=False)
    english = make_variant(workout_class, language="en", duration=timedelta(minutes=15))
    spanish = make_variant(workout_class, language="es", duration=timedelta(minutes=15))

    assert page(Choices(), 1)[0].variant_id == english.pk
    assert page(Choices(language=("es",)), 1)[0].variant_id == spanish.pk


@pytest.mark.django_db
def test_class_without_a_film_is_listed_until_a_film_is_asked_for():
    workout_class = make_class(variant=False)
    make_variant(workout_class, ready=False)

    assert [hit.class_id for hit in page(Choices(), 1)] == [workout_class.pk]
    assert page(Choices(show=("workout-tempo",)), 1) == ()


@pytest.mark.django_db
def test_tag_that_nobody_vouches_for_neither_finds_nor_counts_but_is_told():
    tag = make_focus_tag(slug="spine-safe", name="Spine Safe", forbids=[make_movement()])
    make_class(focus_tags=[tag])
    checked = make_checked_class(focus_tags=[tag])

    counts = count(Choices(focus=("spine-safe",)))

    assert counts.total == counts.of(Facet.FOCUS, "spine-safe") == 1
    assert counts.unchecked == 1
    assert [hit.class_id for hit in page(Choices(q="safe"), 1)] == [checked.pk]


@pytest.mark.django_db
def test_many_tags_ask_no_more_of_the_database_than_one():
    slugs = tuple(make_focus_tag().slug for _ in range(12))

    def selects(chosen: tuple[str, ...]) -> int:
        with CaptureQueriesContext(connection) as queries:
            count(Choices(focus=chosen))
        return sum(query["sql"].count("SELECT") for query in queries)

    assert selects(slugs) == selects(slugs[:1])


@pytest.mark.django_db
def test_class_that_contains_what_the_tag_forbids_is_not_told_as_unchecked():
    twisting = make_movement()
    tag = make_focus_tag(slug="spine-safe", forbids=[twisting])
    make_checked_class(focus_tags=[tag], movements=[twisting])

    assert count(Choices(focus=("spine-safe",))).unchecked == 0


@pytest.mark.django_db
def test_relevance_puts_the_title_before_names_before_the_description():
    tag = make_focus_tag(name="Wall work")
    in_text = make_class(description="Stand at the wall.")
    in_title = make_class(title="Wall class", published_at=timezone.now() - timedelta(days=9))
    in_name = make_class(focus_tags=[tag], published_at=timezone.now() - timedelta(days=5))

    hits = page(Choices(q="wall", sort=Sort.RELEVANCE), 1)

    assert [hit.class_id for hit in hits] == [in_title.pk, in_name.pk, in_text.pk]


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["es", "fr"])
def test_first_film_follows_the_studios_language(settings, language):
    settings.STUDIO_LANGUAGE = language
    workout_class = make_class()
    make_variant(workout_class, language="es")
    make_variant(workout_class, language="fr")

    first = page(Choices(), 1)[0].variant_id

    assert workout_class.variants.get(pk=first).language == language
    assert count(Choices()).of(Facet.SHOW, "other-languages") == 1


@pytest.mark.django_db
@pytest.mark.parametrize("sort", list(Sort))
def test_pages_follow_each_other_without_gap_or_repetition(monkeypatch, sort):
    monkeypatch.setattr(sql, "PAGE_SIZE", 3)
    for number in range(8):
        make_class(title="Same", published_at=timezone.now() - timedelta(days=number // 2))
    choices = Choices(q="same", sort=sort)

    pages = [page(choices, number) for number in (1, 2, 3, 4)]

    assert [len(hits) for hits in pages] == [3, 3, 2, 0]
    assert len({hit.class_id for hits in pages for hit in hits}) == 8


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
    sort=Sort.RELEVANCE,
)


@pytest.mark.django_db
@pytest.mark.parametrize("choices", [Choices(), EVERYTHING])
@pytest.mark.parametrize("size", [1, 8])
def test_two_queries_whatever_is_chosen(django_assert_num_queries, choices, size):
    for _ in range(size):
        make_class(focus_tags=[make_focus_tag()])

    with django_assert_num_queries(2):  # counts, page
        count(choices)
        page(choices, 1)


@pytest.mark.django_db
def test_counting_several_states_takes_one_query():
    make_class(level="open")
    make_class(level="advanced")
    states = [Choices(), Choices(level=("open",)), Choices(level=("beginner",))]

    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert count_each(states) == [2, 1, 0]
    assert len(queries) == 1


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

    assert newest_by_focus(["safe", "hips"], 2) == {"safe": [], "hips": [new.pk, middle.pk]}
    assert newest_by_focus([], 2) == {}
