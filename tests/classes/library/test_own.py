from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import Member
from classes.library.own import CardMark, OwnFacts, done_class_ids, marks_of, own_facts
from classes.models import HistoryPause, SavedClass, Variant, Viewing
from tests.factories import make_class, make_member, make_variant

pytestmark = pytest.mark.django_db


def view(member: Member, variant: Variant, **attrs: Any) -> Viewing:
    now = timezone.now()
    attrs = {"film": variant.video_id, "measured_at": now, "credited_at": now, **attrs}
    return Viewing.objects.create(
        member=member, variant=variant, workout_class=variant.workout_class, **attrs
    )


@pytest.fixture
def member() -> Member:
    return make_member()


@pytest.fixture
def variant() -> Variant:
    return make_class().variants.get()


def test_a_class_that_a_member_never_saw_is_bare(member, variant):
    facts = own_facts(member.pk, variant.workout_class_id, variant.pk)

    assert facts == OwnFacts(False, None, 0, 0, False, False)


def test_the_facts_of_a_class_are_one_query(member, variant, django_assert_num_queries):
    now = timezone.now()
    SavedClass.objects.create(member=member, workout_class=variant.workout_class)
    HistoryPause.objects.create(member=member)
    view(member, variant, second=750, continues=True, done_at=now, times_done=2)

    with django_assert_num_queries(1):
        facts = own_facts(member.pk, variant.workout_class_id, variant.pk)

    assert facts == OwnFacts(True, now, 2, 750, True, True)


def test_any_film_of_a_class_makes_it_done_and_each_has_its_own_second(member, variant):
    other = make_variant(variant.workout_class, language="es")
    earlier, later = timezone.now() - timedelta(days=3), timezone.now()
    view(member, variant, second=30, done_at=earlier, times_done=1)
    view(member, other, second=90, continues=True, done_at=later, times_done=4)

    of_first = own_facts(member.pk, variant.workout_class_id, variant.pk)
    of_other = own_facts(member.pk, variant.workout_class_id, other.pk)

    assert of_first == OwnFacts(False, later, 5, 30, False, False)
    assert of_other == OwnFacts(False, later, 5, 90, True, False)


def test_seconds_of_a_replaced_film_mean_nothing_but_it_was_done(member, variant):
    now = timezone.now()
    view(member, variant, film=uuid4(), second=90, continues=True, done_at=now, times_done=1)

    facts = own_facts(member.pk, variant.workout_class_id, variant.pk)

    assert facts == OwnFacts(False, now, 1, 0, False, False)


def test_a_class_without_a_film_can_be_saved(member):
    workout_class = make_class()
    workout_class.variants.all().delete()
    SavedClass.objects.create(member=member, workout_class=workout_class)

    facts = own_facts(member.pk, workout_class.pk, None)

    assert facts is not None and facts.is_saved


def test_marks_of_classes_beside_it_come_with_the_facts(member, variant, django_assert_num_queries):
    saved, done, both, neither = others = [make_class() for _ in range(4)]
    for workout_class in (saved, both):
        SavedClass.objects.create(member=member, workout_class=workout_class)
    for workout_class in (done, both):
        film = workout_class.variants.get()
        view(member, film, second=9, continues=True, done_at=timezone.now(), times_done=3)
    view(member, neither.variants.get(), second=9, continues=True)
    view(member, variant, second=750, continues=True)
    for workout_class in others:
        SavedClass.objects.create(member=make_member(), workout_class=workout_class)

    with django_assert_num_queries(1):
        facts = own_facts(
            member.pk, variant.workout_class_id, variant.pk, [other.pk for other in others]
        )

    marks = {
        saved.pk: CardMark(is_saved=True),
        done.pk: CardMark(is_done=True),
        both.pk: CardMark(is_saved=True, is_done=True),
    }
    assert facts == OwnFacts(False, None, 0, 750, True, False, marks)


def test_of_more_classes_beside_it_nothing_is_guessed(member, variant):
    with pytest.raises(ValueError, match="numbers"):
        own_facts(member.pk, variant.workout_class_id, variant.pk, [1, 2, 3, 4, 5])


def test_what_is_another_members_is_not_told(member, variant):
    another = make_member()
    SavedClass.objects.create(member=another, workout_class=variant.workout_class)
    HistoryPause.objects.create(member=another)
    view(another, variant, second=9, continues=True, done_at=timezone.now(), times_done=1)

    facts = own_facts(member.pk, variant.workout_class_id, variant.pk)

    assert facts == OwnFacts(False, None, 0, 0, False, False)
    assert marks_of(member.pk, [variant.workout_class_id]) == {}
    assert done_class_ids(member.pk) == []


def test_there_are_no_facts_of_nobody(variant):
    assert own_facts(0, variant.workout_class_id, variant.pk) is None


@pytest.mark.parametrize("count", [1, 8])
def test_the_marks_of_a_page_of_cards_are_one_query(member, count, django_assert_num_queries):
    plain, saved, done, both = ([make_class() for _ in range(count)] for _ in range(4))
    for workout_class in saved + both:
        SavedClass.objects.create(member=member, workout_class=workout_class)
    for workout_class in done + both:
        view(member, workout_class.variants.get(), done_at=timezone.now())
    begun = plain[0].variants.get()
    view(member, begun, continues=True)
    every = [workout_class.pk for workout_class in (*plain, *saved, *done, *both)][:30]

    with django_assert_num_queries(1):
        marks = marks_of(member.pk, every)

    expected = {each.pk: CardMark(is_saved=True) for each in saved}
    expected |= {each.pk: CardMark(is_done=True) for each in done}
    expected |= {each.pk: CardMark(is_saved=True, is_done=True) for each in both}
    assert marks == {pk: mark for pk, mark in expected.items() if pk in every}


def test_more_cards_than_a_page_has_are_asked_for_in_parts(member):
    classes = [make_class() for _ in range(3)]
    for workout_class in classes:
        SavedClass.objects.create(member=member, workout_class=workout_class)
    numbers = [workout_class.pk for workout_class in classes]

    marks = marks_of(member.pk, [*range(10**6, 10**6 + 100), *numbers])

    assert marks == dict.fromkeys(numbers, CardMark(is_saved=True))


def test_no_card_needs_no_question(member, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert marks_of(member.pk, []) == {}


def test_a_class_with_two_films_done_is_done_once(member, variant):
    other = make_variant(variant.workout_class, language="es")
    begun = make_class().variants.get()
    for each in (variant, other):
        view(member, each, done_at=timezone.now())
    view(member, begun, continues=True)

    assert done_class_ids(member.pk) == [variant.workout_class_id]
