"""What a class needs to be published, and the ways between its states."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from classes import publishing
from classes.models import Picture, State, WorkoutClass
from tests.factories import (
    make_chapter,
    make_class,
    make_exercise,
    make_focus_tag,
    make_instructor,
    make_member,
    make_movement,
    make_variant,
)

pytestmark = pytest.mark.django_db


def make_complete_draft(**attrs) -> WorkoutClass:
    """A draft that nothing is missing from."""
    attrs.setdefault("state", State.DRAFT)
    attrs.setdefault("published_at", None)
    attrs.setdefault("description", "For a quiet morning.")
    attrs.setdefault("instructors", [make_instructor()])
    attrs.setdefault("poster", Picture.objects.create(width=640, height=360, widths=[320, 640]))
    return make_class(**attrs)


def fresh(workout_class: WorkoutClass) -> WorkoutClass:
    return WorkoutClass.objects.for_cards().get(pk=workout_class.pk)


def test_complete_class_misses_nothing():
    assert publishing.what_is_missing(make_complete_draft()) == []


def test_empty_class_misses_everything():
    draft = make_class(variant=False, state=State.DRAFT, published_at=None)

    missing = publishing.what_is_missing(draft)

    assert missing == [
        "No film is ready.",
        "There is no poster.",
        "No instructor is named.",
        "The description is empty.",
    ]


def test_film_in_the_works_is_not_a_film():
    draft = make_complete_draft(variant=False)
    make_variant(draft, ready=False)

    assert publishing.what_is_missing(draft) == ["No film is ready."]


def test_poster_of_the_film_is_enough():
    draft = make_complete_draft(poster=None)
    video = draft.variants.get().video
    video.poster = Picture.objects.create(width=640, height=360, widths=[320, 640])
    video.save()

    assert publishing.what_is_missing(fresh(draft)) == []


def test_tag_without_rule_needs_no_check():
    assert publishing.what_is_missing(make_complete_draft(focus_tags=[make_focus_tag()])) == []


def test_promise_that_nobody_checked_is_missing():
    tag = make_focus_tag(name="Spine Safe", forbids=[make_movement()])

    [missing] = publishing.what_is_missing(make_complete_draft(focus_tags=[tag]))

    assert missing == "“Spine Safe” is a promise, and nobody has checked the class for it."


def test_movement_defined_after_the_check_is_named():
    twisting = make_movement(name="Twisting", defined_at=timezone.now())
    tag = make_focus_tag(name="Spine Safe", forbids=[twisting])
    draft = make_complete_draft(
        focus_tags=[tag],
        checked_by=make_member(),
        checked_at=timezone.now() - timedelta(days=1),
    )

    [missing] = publishing.what_is_missing(draft)

    assert "Spine Safe" in missing and "Twisting" in missing


def test_contradiction_names_tag_and_movements_even_when_checked():
    twisting, rolling = make_movement(name="Twisting"), make_movement(name="Rolling")
    tag = make_focus_tag(name="Spine Safe", forbids=[twisting, rolling])
    draft = make_complete_draft(
        focus_tags=[tag],
        movements=[twisting, rolling],
        checked_by=make_member(),
        checked_at=timezone.now(),
    )

    [missing] = publishing.what_is_missing(draft)

    assert (
        missing
        == "“Spine Safe” forbids what the class contains: Rolling (ticked) and Twisting (ticked)."
    )


def test_contradiction_names_the_exercise_and_its_time():
    twisting = make_movement(name="Twisting")
    tag = make_focus_tag(name="Spine Safe", forbids=[twisting])
    draft = make_complete_draft(focus_tags=[tag])
    saw = make_exercise(name="Saw", movements=[twisting])
    make_chapter(draft.variants.get(), 754, 800, exercise=saw)

    [missing] = publishing.what_is_missing(fresh(draft))

    assert missing == (
        "“Spine Safe” forbids what the class contains: "
        "Twisting (Saw at 12:34 in Workout Tempo · en)."
    )


def test_facts_cost_the_same_for_one_chapter_and_for_eight(django_assert_num_queries):
    saw = make_exercise(movements=[make_movement()])
    for count in (1, 8):
        draft = make_complete_draft()
        for i in range(count):
            make_chapter(draft.variants.get(), i, i + 1, exercise=saw)
        loaded = fresh(draft)

        with django_assert_num_queries(5):  # ticks; chapters, their exercises', added, removed
            publishing.what_is_missing(loaded)


def test_class_whose_time_is_over_is_not_published_again_in_silence():
    draft = make_complete_draft(
        state=State.RETIRED,
        published_at=datetime(2019, 1, 2, 12, tzinfo=UTC),
        retires_at=datetime(2020, 1, 2, 12, tzinfo=UTC),
    )

    with pytest.raises(publishing.NotNow) as refusal:
        publishing.publish(fresh(draft))

    [reason] = refusal.value.reasons
    assert "ended on Jan. 2, 2020" in reason
    assert fresh(draft).state == State.RETIRED


def test_class_that_retires_later_is_published_until_then():
    draft = make_complete_draft(retires_at=timezone.now() + timedelta(days=1))

    publishing.publish(draft)

    assert fresh(draft).retires_at == draft.retires_at
    assert WorkoutClass.objects.listed().contains(draft)


def test_publishing_begins_now():
    draft = make_complete_draft()

    publishing.publish(draft)

    assert fresh(draft).state == State.PUBLISHED
    assert WorkoutClass.objects.listed().contains(draft)


def test_publishing_again_keeps_the_date():
    last_year = timezone.now() - timedelta(days=365)
    retired = make_complete_draft(state=State.RETIRED, published_at=last_year)

    publishing.publish(retired)

    assert fresh(retired).published_at == last_year


def test_publishing_says_all_that_is_missing_and_changes_nothing():
    draft = make_class(variant=False, state=State.DRAFT, published_at=None)

    with pytest.raises(publishing.NotNow) as refusal:
        publishing.publish(draft)

    assert len(refusal.value.reasons) == 4
    assert fresh(draft).state == State.DRAFT


def test_scheduled_class_waits_for_its_date():
    draft = make_complete_draft(published_at=timezone.now() + timedelta(days=2))

    publishing.publish(draft)

    assert fresh(draft).is_scheduled
    assert not WorkoutClass.objects.listed().contains(draft)


def test_retired_class_leaves_the_catalogue():
    workout_class = make_complete_draft(state=State.PUBLISHED, published_at=timezone.now())

    publishing.retire(workout_class)

    assert fresh(workout_class).state == State.RETIRED
    assert not WorkoutClass.objects.listed().contains(workout_class)


def test_draft_is_not_retired():
    with pytest.raises(publishing.NotNow):
        publishing.retire(make_complete_draft())
