"""Makes the smallest valid thing, the same every time. A test names only what it is about."""

import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Member, Membership
from classes.body.contents import refresh
from classes.models import (
    Apparatus,
    AvoidSet,
    Chapter,
    Exercise,
    FocusTag,
    Instructor,
    Level,
    Movement,
    Prop,
    State,
    Tempo,
    Variant,
    Video,
    Viewing,
    WorkoutClass,
)
from comments.models import Comment

_numbers = itertools.count(1)


def _term(model: type, **attrs: Any) -> Any:
    number = next(_numbers)
    attrs.setdefault("name", f"{model.__name__} {number}")
    attrs.setdefault("slug", f"{model.__name__.lower()}-{number}")
    return model.objects.create(**attrs)


def make_movement(**attrs: Any) -> Movement:
    """A movement that was defined a year ago, so that a check made now covers it."""
    attrs.setdefault("defined_at", timezone.now() - timedelta(days=365))
    return _term(Movement, **attrs)


def make_exercise(*, movements: Iterable[Movement] = (), **attrs: Any) -> Exercise:
    exercise = _term(Exercise, **attrs)
    exercise.movements.set(movements)
    return exercise


def make_avoid_set(*, movements: Iterable[Movement] = (), **attrs: Any) -> AvoidSet:
    avoid_set = _term(AvoidSet, **attrs)
    avoid_set.movements.set(movements)
    return avoid_set


def make_focus_tag(*, forbids: list[Movement] | None = None, **attrs: Any) -> FocusTag:
    tag = _term(FocusTag, **attrs)
    tag.forbids.set(forbids or [])
    return tag


def make_apparatus(**attrs: Any) -> Apparatus:
    return _term(Apparatus, **attrs)


def make_prop(**attrs: Any) -> Prop:
    return _term(Prop, **attrs)


def make_member(**attrs: Any) -> Member:
    """A member with the password "a quiet morning" and no membership."""
    number = next(_numbers)
    attrs.setdefault("email", f"member{number}@example.com")
    attrs.setdefault("display_name", f"Member {number}")
    attrs.setdefault("password", "a quiet morning")
    return Member.objects.create_user(**attrs)


def make_membership(member: Member, **attrs: Any) -> Membership:
    """A membership that has run since yesterday and has no end."""
    attrs.setdefault("starts_at", timezone.now() - timedelta(days=1))
    return Membership.objects.create(member=member, **attrs)


def make_instructor(**attrs: Any) -> Instructor:
    number = next(_numbers)
    attrs.setdefault("name", f"Instructor {number}")
    attrs.setdefault("slug", f"instructor-{number}")
    return Instructor.objects.create(**attrs)


def make_video(variant: Variant, **attrs: Any) -> Video:
    """A ready video of twenty minutes with its ladder; in another state, one that plays nothing.

    Its row only: no file lies on the disk.
    """
    attrs.setdefault("state", Video.State.READY)
    attrs.setdefault("step", Video.Step.LADDER)
    made = attrs["state"] == Video.State.READY
    attrs.setdefault("plays_as", Video.PlaysAs.LADDER if made else Video.PlaysAs.NOTHING)
    attrs.setdefault("duration", timedelta(minutes=20))
    attrs.setdefault("width", 1280)
    attrs.setdefault("height", 720)
    attrs.setdefault("original_name", "film.mp4")
    return Video.objects.create(variant=variant, **attrs)


@contextmanager
def check_stays(workout_class: WorkoutClass) -> Iterator[None]:
    """Make rows of a checked class, which without this would take its check back.

    In a factory the order in which rows are made says nothing.
    """
    names = ("checked_by_id", "checked_at", "check_withdrawn")
    rows = WorkoutClass.objects.filter(pk=workout_class.pk)
    before = rows.values(*names).get()
    shown = {name: getattr(workout_class, name) for name in names}
    yield
    rows.update(check_withdrawn="")  # as a new check does, or the database lets none come back
    rows.update(**before)
    for name, value in shown.items():
        setattr(workout_class, name, value)


def make_variant(workout_class: WorkoutClass, *, ready: bool = True, **attrs: Any) -> Variant:
    """A variant in English at workout tempo; `duration` is that of its film, if ready.

    A check stays: the order in which rows are made says nothing.
    """
    duration = attrs.pop("duration", timedelta(minutes=20))
    attrs.setdefault("tempo", Tempo.WORKOUT)
    attrs.setdefault("language", "en")
    with check_stays(workout_class):
        variant = Variant.objects.create(workout_class=workout_class, **attrs)
        if ready:
            variant.video = make_video(variant, duration=duration)
            variant.save()
    return variant


def make_viewing(member: Member, variant: Variant, **attrs: Any) -> Viewing:
    """A film that a member began just now, and has not done."""
    now = timezone.now()
    attrs.setdefault("film", variant.video_id)
    attrs.setdefault("continues", True)
    for moment in ("measured_at", "credited_at", "started_at", "seen_at"):
        attrs.setdefault(moment, now)
    return Viewing.objects.create(
        member=member, variant=variant, workout_class_id=variant.workout_class_id, **attrs
    )


def make_chapter(
    variant: Variant,
    start: int,
    end: int,
    *,
    adds: Iterable[Movement] = (),
    removes: Iterable[Movement] = (),
    **attrs: Any,
) -> Chapter:
    """A chapter with a title, unless an exercise is named; the class then contains it.

    A check stays: the order in which rows are made says nothing.
    """
    if "exercise" not in attrs:
        attrs.setdefault("title", f"Chapter {next(_numbers)}")
    with check_stays(variant.workout_class):
        chapter = Chapter.objects.create(variant=variant, start=start, end=end, **attrs)
        chapter.adds.set(adds)
        chapter.removes.set(removes)
        refresh([variant.workout_class_id])
    return chapter


# `movements` are ticked: that is how they become what the class contains.
_TO_MANY = {
    "instructors": "instructors",
    "focus_tags": "focus_tags",
    "apparatus": "apparatus",
    "props": "props",
    "movements": "ticked_movements",
}


def make_class(*, variant: bool = True, **attrs: Any) -> WorkoutClass:
    """A class published an hour ago with one ready variant and no instructor.

    Lists for instructors, focus_tags, apparatus, props and movements are set after it is saved.
    """
    number = next(_numbers)
    attrs.setdefault("title", f"Class {number}")
    attrs.setdefault("slug", f"class-{number}")
    attrs.setdefault("level", Level.BEGINNER)
    attrs.setdefault("state", State.PUBLISHED)
    attrs.setdefault("published_at", timezone.now() - timedelta(hours=1))
    to_many = {field: attrs.pop(name) for name, field in _TO_MANY.items() if name in attrs}
    check = {name: attrs.pop(name) for name in ("checked_by", "checked_at") if name in attrs}
    workout_class = WorkoutClass.objects.create(**attrs)
    for name, rows in to_many.items():
        getattr(workout_class, name).set(rows)
    if check:  # after the ticks, for a change of those takes it back
        WorkoutClass.objects.filter(pk=workout_class.pk).update(**check)
        for name, value in check.items():
            setattr(workout_class, name, value)
    if variant:
        make_variant(workout_class)
    return workout_class


def make_checked_class(**attrs: Any) -> WorkoutClass:
    """A class that a curator checked just now."""
    attrs.setdefault("checked_by", make_member(is_staff=True))
    attrs.setdefault("checked_at", timezone.now())
    return make_class(**attrs)


def make_comment(workout_class: WorkoutClass, **attrs: Any) -> Comment:
    """A published comment; `parent` makes it a reply. Counts on the class are not kept here."""
    if "author" not in attrs and "author_name" not in attrs:
        attrs["author"] = make_member()
    attrs.setdefault("body", f"Comment {next(_numbers)}")
    if parent := attrs.get("parent"):
        attrs.setdefault("thread", parent.thread or parent)
    return Comment.objects.create(workout_class=workout_class, **attrs)
