"""Classes that a member keeps, to find them again."""

from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from accounts.models import Member
from classes.models import SavedClass, WorkoutClass

MOST_SAVED = 2_000  # more than anybody finds again; and a bound for whoever sends them by script


class LibraryIsFull(Exception):
    """The member has saved as many classes as there may be."""


class Saved(NamedTuple):
    class_id: int
    title: str
    slug: str


class Found(NamedTuple):
    """What is not visible to the member now has no name for them."""

    workout_class: WorkoutClass
    is_visible: bool


@transaction.atomic
def save_class(member: Member, class_id: int, *, saved_at: datetime | None = None) -> None:
    """Safe to call twice: the class stays where it was. LibraryIsFull beyond MOST_SAVED.

    `saved_at` is for a class that is put back to where it stood.
    """
    # In turn, so that two at once do not both take the last place.
    Member.objects.select_for_update(no_key=True).only("pk").get(pk=member.pk)
    own = SavedClass.objects.filter(member=member)
    if own.filter(workout_class=class_id).exists():
        return
    if own.count() >= MOST_SAVED:
        raise LibraryIsFull
    now = timezone.now()
    SavedClass.objects.create(
        member=member, workout_class_id=class_id, saved_at=min(saved_at or now, now)
    )


def unsave_class(member: Member, class_id: int) -> datetime | None:
    """Since when it had been saved, for `save_class`. Safe to call twice: then it was not."""
    saved = SavedClass.objects.filter(member=member, workout_class=class_id).first()
    if saved is None:
        return None
    saved.delete()
    return saved.saved_at


def find_class(member: Member, slug: str) -> Found | None:
    """The class of that slug, or of the one it once had, that the member may open or has saved.

    Who saved a class may give it up, whatever became of it. Two queries, more for a former slug.
    """
    found = WorkoutClass.objects.filter(slug=slug).first() or WorkoutClass.moved_from(slug)
    if found is None:
        return None
    is_visible = WorkoutClass.objects.visible_to(member).filter(pk=found.pk).exists()
    if is_visible or member.saved_classes.filter(workout_class=found).exists():
        return Found(found, is_visible)
    return None


def count_saved(member: Member) -> int:
    return SavedClass.objects.filter(member=member).count()


def saved_classes(member: Member, start: int, end: int) -> list[Saved]:
    """Places `start` to `end` of the list, the last saved first. One query."""
    rows = SavedClass.objects.filter(member=member).order_by("-saved_at", "-pk")
    columns = ("workout_class", "workout_class__title", "workout_class__slug")
    return [Saved(*row) for row in rows.values_list(*columns)[start:end]]
