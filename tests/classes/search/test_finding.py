"""Words to classes, on whichever database the tests run."""

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from classes.catalogue.changes import current_version
from classes.models import FocusTag, Movement, SearchState, State, WorkoutClass
from classes.search import catch_up, find
from tests.classes.search.films import say
from tests.factories import (
    make_chapter,
    make_checked_class,
    make_class,
    make_exercise,
    make_focus_tag,
    make_instructor,
    make_movement,
    make_variant,
)

pytestmark = pytest.mark.django_db


def found(q: str) -> list[int]:
    return list(find(q).class_ids)


def test_find_looks_into_everything_that_is_said_of_a_class():
    exercise = make_exercise(
        name="Hundred", names={"es": "El cien"}, aliases=["100s", "the pumping one"]
    )
    tag = make_focus_tag(name="Bone Strength", names={"es": "Huesos fuertes"})
    workout_class = make_class(
        title="Morning flow",
        description="For *tired* shoulders, [see here](https://example.com/nowhere).",
        instructors=[make_instructor(name="Rosalía Núñez")],
        focus_tags=[tag],
    )
    variant = workout_class.variants.get()
    make_chapter(variant, 0, 60, title="Welcome")
    make_chapter(variant, 60, 120, exercise=exercise, note="with a pillow")
    say(variant, (12, "Let the ribs melt"))
    make_class(title="Another one")
    catch_up()

    for q in (
        "morning", "shoulders", "rosalia", "bone", "huesos", "welcome", "hundred", "cien", "100s",
        "pumping", "pillow", "ribs",
    ):  # fmt: skip
        assert found(q) == [workout_class.pk], q
    assert found("nowhere") == []


def test_find_wants_every_word_wherever_it_stands():
    both = make_class(title="Spine", description="and breath")
    make_class(title="Spine")
    catch_up()

    assert found("breath spine") == [both.pk]


@pytest.mark.parametrize(
    "q",
    [
        "ROLLING",
        "roll",
        "rolls",
        "ro",
        "región lumbár",
        "REGION",
        "“rolling”",
        "rolling!",
        "rolling*",
    ],
)
def test_find_minds_neither_case_nor_accents_nor_endings(q: str):
    workout_class = make_class(title="Rolling", description="Región lumbar")
    catch_up()

    assert found(q) == [workout_class.pk]


def test_find_puts_a_title_before_a_name_before_a_description_before_what_is_said():
    said = make_class(title="Fourth")
    say(said.variants.get(), (3, "think of a swan"))
    described = make_class(title="Third", description="ends with a swan")
    named = make_class(title="Second")
    make_chapter(named.variants.get(), 0, 60, title="Swan")
    titled = make_class(title="Swan")
    # A word that is everywhere ranks nothing, so there are others.
    for _ in range(6):
        make_class(title="Something else entirely", description="of the usual length")
    catch_up()

    assert found("swan") == [titled.pk, named.pk, described.pk, said.pk]


def test_find_does_not_ask_whether_a_class_is_listed():
    draft = make_class(title="Swan", state=State.DRAFT, published_at=None)
    catch_up()

    assert found("swan") == [draft.pk]


def test_find_finds_what_is_said_only_in_films_that_can_be_watched():
    workout_class = make_class()
    say(make_variant(workout_class, ready=False, language="es"), (3, "cisne"))
    catch_up()

    assert found("cisne") == []


@pytest.mark.parametrize(
    "q",
    [
        "", " ", "\0", '"', '"""', "'", "*", "a*", "NEAR(", "NEAR(a b, 2)", "swan NEAR(", "AND",
        "OR OR", "NOT", "^swan", "title:swan", "- tags : swan", "{title} : swan", "swan AND",
        "(", ")", "\\", "%", "_", "; DROP TABLE x", "':*", "' | '", "!swan", "<->", "&",
        "\u202eswan", "\u200f", "🧘", "👩‍🦰", "日本", "한국어", "e", "1e5", "3.5", "-5", "a/b/c",
        "x" * 10_000, "x " * 5_000, "swan " * 2_000, "\ud800", "\ufffd", "é" * 5_000,
    ],
)  # fmt: skip
def test_find_answers_whatever_is_asked(q: str):
    make_class(title="Swan")
    catch_up()

    assert isinstance(find(q).class_ids, list | tuple)


def test_find_reads_words_in_what_looks_like_a_query():
    workout_class = make_class(title="Swan near not and or title")
    catch_up()

    for q in ('"swan"', "NEAR(swan", "swan AND title", "NOT swan", "swan OR or", "\u202eswan\0"):
        assert found(q) == [workout_class.pk], q
    assert found("title:duck") == []


def test_find_finds_words_of_languages_without_blanks():
    workout_class = make_class(title="朝の日本語ピラティス")
    catch_up()

    assert found("日本語") == [workout_class.pk]
    assert found("ピラティス") == [workout_class.pk]


class AnyText(TestCase):
    @settings(deadline=None)
    @given(st.text(max_size=60))
    def test_find_answers_any_text(self, q: str):
        find(q)

    @settings(deadline=None, max_examples=50)
    @given(st.lists(st.text("abcdéñß1 2", min_size=1, max_size=10), min_size=1, max_size=4))
    def test_find_finds_a_class_by_any_words_of_its_title(self, words: list[str]):
        if not " ".join(words).strip():
            return
        workout_class = make_class(title=" ".join(words)[:120])
        catch_up()

        assert workout_class.pk in find(" ".join(reversed(words))).class_ids


# --- Tags ---------------------------------------------------------------------------------------


@pytest.fixture
def promise() -> FocusTag:
    return make_focus_tag(name="Kneefriendly", forbids=[make_movement(name="Kneeling")])


def test_find_finds_a_tag_only_where_it_is_vouched_for(promise: FocusTag):
    checked = make_checked_class(focus_tags=[promise])
    make_class(focus_tags=[promise])
    make_checked_class(focus_tags=[promise], movements=[promise.forbids.get()])
    catch_up()

    assert found("kneefriendly") == [checked.pk]


def test_find_trusts_no_tag_of_a_class_that_has_changed_since(promise: FocusTag):
    changed = make_checked_class(focus_tags=[promise], title="Hips")
    other = make_checked_class(focus_tags=[promise])
    catch_up()

    WorkoutClass.objects.filter(pk=changed.pk).update(checked_by=None)

    assert found("kneefriendly") == [other.pk]
    assert found("hips kneefriendly") == []
    assert found("hips") == [changed.pk]


def test_find_trusts_no_tag_while_a_rule_has_changed(promise: FocusTag):
    workout_class = make_checked_class(focus_tags=[promise], title="Hips")
    catch_up()

    Movement.objects.update(defined_at=timezone.now() + timedelta(minutes=1))

    assert found("kneefriendly") == []
    assert found("hips") == [workout_class.pk]
    catch_up()
    assert found("kneefriendly") == []


def test_find_trusts_no_tag_of_a_version_that_nobody_knows(promise: FocusTag):
    make_checked_class(focus_tags=[promise])
    catch_up()

    SearchState.objects.update(stamp=1)

    assert found("kneefriendly") == []


# --- What it costs ------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 8])
def test_find_is_one_query(count: int, django_assert_num_queries):
    for _ in range(count):
        make_class(title="Swan")
    catch_up()

    with django_assert_num_queries(1):
        assert len(find("swan").class_ids) == count


def test_find_asks_nothing_for_no_words(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert find("“ ”").class_ids == ()


def test_find_keeps_an_answer_for_as_long_as_its_version_stands(django_assert_num_queries):
    make_class(title="Swan")
    catch_up()
    version = current_version()
    first = find("swan", version)

    with django_assert_num_queries(0):
        assert find("SWAN", version) == first
    make_class(title="Swan")
    catch_up()
    assert len(find("swan", current_version()).class_ids) == 2


def test_find_keeps_no_answer_of_documents_that_lag_behind():
    make_class(title="Swan")
    catch_up()
    make_class(title="Swan")

    assert len(find("swan", current_version()).class_ids) == 1
    catch_up()
    assert len(find("swan", current_version()).class_ids) == 2


def test_find_keeps_a_bounded_number_of_answers(monkeypatch):
    make_class(title="Swan")
    catch_up()
    version = current_version()
    before = len(caches["fragments"]._cache)

    for number in range(500):
        find(f"swan{number}", version)

    assert len(caches["fragments"]._cache) - before <= 64
