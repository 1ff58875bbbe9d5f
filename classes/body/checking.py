"""A named person's word about what a class contains, and every way it is taken back.

Whoever changes something that a check stood for takes the check back here first, in a sentence
that says what changed. What changes rows past all this is caught by the database: see `triggers`.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import Member
from classes.durations import clock
from classes.models import Chapter, Exercise, Movement, Variant, WorkoutClass

from .contents import refresh
from .coverage import coverage

# What the triggers write, in every language of the studio; `why_withdrawn` translates it.
CHANGED_UNSEEN = gettext_noop("What the class contains was changed outside of these pages")

_BATCH = 500  # classes


class CannotCheck(Exception):
    """The class cannot be checked now; the text says why."""


def hold(pk: int) -> datetime | None:
    """Let nobody else check this class or take its check back in the meantime; when it was checked.

    Needs a transaction, and holds until its end. A film that becomes ready while somebody sends
    off their check would otherwise go unseen.
    """
    checked = WorkoutClass.objects.select_for_update().order_by().filter(pk=pk)
    return checked.values_list("checked_at", flat=True).get()


# --- Given ----------------------------------------------------------------------------------------


@transaction.atomic
def check(workout_class: WorkoutClass, by: Member, *, watched: Iterable[Variant]) -> None:
    """Record that `by` stands for what the class contains, which is brought up to date before.

    `watched` are the variants that `by` watched whole. Every ready variant must be among them, or
    have a whole timeline; CannotCheck names the first that has neither, or whose timeline is longer
    than its film. Contradictions do not stand in the way: a check says what is, not what ought to
    be.
    """
    hold(workout_class.pk)
    watched_ids = {variant.pk for variant in watched}
    ready = list(
        workout_class.variants.ready().select_related("video").prefetch_related("chapters")
    )
    if not ready:
        raise CannotCheck(_("This class has no film to check yet."))
    for variant in ready:
        if refusal := why_not_check(variant, is_watched=variant.pk in watched_ids):
            raise CannotCheck(refusal)
    refresh([workout_class.pk])
    now = timezone.now()
    seen = [variant.pk for variant in ready if variant.pk in watched_ids]
    workout_class.variants.filter(pk__in=seen).update(watched_whole_at=now)
    # Apart from the check: whatever writes both at once was read before the last one fell, and the
    # database keeps it from coming back.
    WorkoutClass.objects.filter(pk=workout_class.pk).update(check_withdrawn="")
    workout_class.checked_by = by
    workout_class.checked_at = now
    workout_class.check_withdrawn = ""
    _tell_history(workout_class, _("The class was checked"))
    workout_class.save(update_fields=["checked_by", "checked_at", "check_withdrawn", "updated_at"])


def why_not_check(variant: Variant, *, is_watched: bool) -> str:
    """A sentence, or nothing where this variant lets its class be checked. See `coverage`."""
    covered = coverage(variant)
    if covered.overhang:
        return _("The timeline of “%(variant)s” is longer than its film.") % {"variant": variant}
    if is_watched or covered.is_whole:
        return ""
    if not covered.has_chapters:
        return _("“%(variant)s” has not been watched whole.") % {"variant": variant}
    start, end = covered.gaps[0]
    sentence = _(
        "“%(variant)s” has not been watched whole, and its timeline says nothing of what happens "
        "from %(start)s to %(end)s."
    )
    return sentence % {"variant": variant, "start": _clock(start), "end": _clock(end)}


# --- Taken back -----------------------------------------------------------------------------------


@transaction.atomic
def withdraw_check(workout_class: WorkoutClass, reason: str) -> bool:
    """Take the check back because something it stood for has changed; say why.

    True where there was a check. Call it before the change is written, or the database has taken
    the check back already, and knows no reason. `reason` is a sentence for curators.
    """
    if hold(workout_class.pk) is None:
        return False
    workout_class.checked_by = None
    workout_class.checked_at = None
    workout_class.check_withdrawn = Truncator(reason).chars(200)  # what the column holds
    _tell_history(workout_class, reason)
    workout_class.save(update_fields=["checked_by", "checked_at", "check_withdrawn", "updated_at"])
    return True


@transaction.atomic
def note_change(workout_class: WorkoutClass, reason: str, *, by: Member | None = None) -> None:
    """Take the check back, if there is one; say in the class's history in any case why.

    `by` is who did it, where no request says so.
    """
    if by is not None:
        workout_class._history_user = by  # type: ignore[attr-defined]
    if not withdraw_check(workout_class, reason):
        _tell_history(workout_class, reason)
        workout_class.save(update_fields=["updated_at"])


@transaction.atomic
def withdraw_checks(class_ids: Iterable[int], reason: str) -> int:
    """The same for all of these classes that are checked, and how many that were.

    Those that are not are held as well until the end of the transaction, so that nobody checks one
    on what is about to change. A constant number of queries for 500 of them. Rows that are loaded
    already do not know of it.
    """
    withdrawn = 0
    for batch in in_batches(class_ids):
        # In the order of their keys: two who hold many would otherwise wait for each other.
        classes = WorkoutClass.objects.filter(pk__in=batch).order_by("pk").select_for_update()
        checked = [each for each in classes if each.checked_at is not None]
        if not checked:
            continue
        changes = {
            "checked_by_id": None,
            "checked_at": None,
            "check_withdrawn": Truncator(reason).chars(200),
            "updated_at": timezone.now(),
        }
        WorkoutClass.objects.filter(pk__in=[each.pk for each in checked]).update(**changes)
        for workout_class in checked:
            for name, value in changes.items():
                setattr(workout_class, name, value)
        _tell_histories(checked, reason)
        withdrawn += len(checked)
    return withdrawn


def withdraw_for_ticks(
    workout_class: WorkoutClass, before: Iterable[Movement], after: Iterable[Movement]
) -> bool:
    """Take the check back if what a curator ticked has changed, naming what came and went."""
    changes = _comings_and_goings(before, after)
    if not changes:
        return False
    reason = _("What the class contains was changed: %(changes)s") % {"changes": changes}
    return withdraw_check(workout_class, reason)


def withdraw_for_exercise(
    exercise: Exercise, before: Iterable[Movement], after: Iterable[Movement]
) -> int:
    """Take back every check of a class that uses the exercise, if what it usually involves has
    changed; how many that were."""
    changes = _comings_and_goings(before, after)
    if not changes:
        return 0
    reason = _("What “%(exercise)s” involves was changed: %(changes)s") % {
        "exercise": exercise,
        "changes": changes,
    }
    return withdraw_checks(classes_with(exercise), reason)


def classes_with(exercise: Exercise) -> list[int]:
    """Ids of the classes that use the exercise, drafts and films in the works included."""
    used = Chapter.objects.filter(exercise=exercise).order_by()
    ids = used.values_list("variant__workout_class_id", flat=True).distinct()
    return list(ids)


def why_withdrawn(workout_class: WorkoutClass) -> str:
    """Why there is no check any more; what a person caused, in that person's language."""
    reason = workout_class.check_withdrawn
    return _(reason) if reason == CHANGED_UNSEEN else reason


def in_batches(class_ids: Iterable[int]) -> Iterator[list[int]]:
    """Ids in their order, each once, at most 500 together."""
    ids = sorted(set(class_ids))
    return (ids[i : i + _BATCH] for i in range(0, len(ids), _BATCH))


def _comings_and_goings(before: Iterable[Movement], after: Iterable[Movement]) -> str:
    before, after = set(before), set(after)
    return ", ".join(
        [
            *(f"+ {movement}" for movement in sorted(after - before, key=str)),
            *(f"− {movement}" for movement in sorted(before - after, key=str)),
        ]
    )


# --- History --------------------------------------------------------------------------------------


def _tell_history(workout_class: WorkoutClass, reason: str) -> None:
    # The history compares only what a form could edit, and a check is no such field.
    workout_class._change_reason = _for_history(reason)  # type: ignore[attr-defined]


def _tell_histories(classes: Sequence[WorkoutClass], reason: str) -> None:
    """What saving each of them would write into the history, which for itself writes no lists."""
    history = WorkoutClass.history
    entries = history.bulk_history_create(
        classes, update=True, default_change_reason=_for_history(reason)
    )
    entry_of = {entry.id: entry for entry in entries}
    for field in history.model._history_m2m_fields:
        kept = getattr(history.model, field.name).model
        through = getattr(WorkoutClass, field.name).through
        columns = [column.attname for column in through._meta.fields]
        rows = through.objects.filter(workoutclass__in=list(entry_of)).values(*columns)
        kept.objects.bulk_create(
            kept(history=entry_of[row["workoutclass_id"]], **row) for row in rows
        )


def _for_history(reason: str) -> str:
    return Truncator(reason).chars(100)


def _clock(seconds: int) -> str:
    return clock(timedelta(seconds=seconds))
