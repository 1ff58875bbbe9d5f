"""What `classes` keeps of a person, for the lists of `accounts.privacy`."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult

from accounts.models import Departure, Member
from accounts.privacy.registry import Holding, Record, Trace
from accounts.privacy.retention import rule_for_rows
from classes.models import Avoidance, Forgetting, HistoryPause, SavedClass, Viewing, WorkoutClass

Words = Departure.Words

_CHUNK = 1000  # rows in memory at a time
# For who wants to know in the log's stead what happened; rows of dead workers never finish.
_TASKS_KEPT = timedelta(days=14)
_FORGETTING_KEPT = timedelta(days=1)  # no word from a player is under way for longer


def _rows(found: QuerySet[Any]) -> Iterator[Any]:
    return found.order_by("pk").iterator(chunk_size=_CHUNK)


def read_avoidance(member: Member) -> Iterator[Record]:
    for avoidance in Avoidance.objects.filter(member=member).prefetch_related("movements"):
        yield {"movements": [movement.name for movement in avoidance.movements.all()]}


def erase_avoidance(member: Member, words: Words) -> None:
    Avoidance.objects.filter(member=member).delete()


def read_saved(member: Member) -> Iterator[Record]:
    for saved in _rows(member.saved_classes.select_related("workout_class")):
        yield {**_class(saved.workout_class), "saved_at": saved.saved_at}


def erase_saved(member: Member, words: Words) -> None:
    SavedClass.objects.filter(member=member).delete()


def read_viewings(member: Member) -> Iterator[Record]:
    for viewing in _rows(member.viewings.select_related("workout_class", "variant")):
        yield {
            **_class(viewing.workout_class),
            "tempo": viewing.variant.tempo,
            "language": viewing.variant.language,
            "started_at": viewing.started_at,
            "seen_at": viewing.seen_at,
            "at_second": viewing.second,
            "seconds_of_this_round": int.from_bytes(bytes(viewing.covered)).bit_count(),
            "is_to_be_continued": viewing.continues,
            "done_at": viewing.done_at,
            "times_done": viewing.times_done,
        }


def erase_viewings(member: Member, words: Words) -> None:
    Viewing.objects.filter(member=member).delete()


def read_history_pause(member: Member) -> Iterator[Record]:
    for pause in HistoryPause.objects.filter(member=member):
        yield {"since": pause.since}


def erase_history_pause(member: Member, words: Words) -> None:
    HistoryPause.objects.filter(member=member).delete()


def read_forgetting(member: Member) -> Iterator[Record]:
    for forgetting in Forgetting.objects.filter(member=member):
        yield {"at": forgetting.at}


def erase_forgetting(member: Member, words: Words) -> None:
    Forgetting.objects.filter(member=member).delete()


def _class(workout_class: WorkoutClass) -> Record:
    return {"class": workout_class.title, "address": workout_class.get_absolute_url()}


HOLDINGS = (
    Holding(
        "history_pause",
        _("That you paused your history"),
        _("Until you go on with it. Meanwhile nothing is written down of what you watch."),
        read_history_pause,
        erase_history_pause,
        relations=("classes.HistoryPause.member",),
    ),
    Holding(
        "forgetting",
        _("When you last removed something from your history"),
        _(
            "So that a player which is still open somewhere does not bring it back. For a day, and "
            "without a word of what it was."
        ),
        read_forgetting,
        erase_forgetting,
        relations=("classes.Forgetting.member",),
    ),
    Holding(
        "viewings",
        _("What you watched"),
        _(
            "Where you are in each film and when you did it, so that you can go on. Nobody else is "
            "shown it. Until you remove it from your history, or pause that."
        ),
        read_viewings,
        erase_viewings,
        relations=("classes.Viewing.member",),
    ),
    Holding(
        "saved",
        _("Classes that you saved"),
        _("To find them again, until you take them off your list."),
        read_saved,
        erase_saved,
        relations=("classes.SavedClass.member",),
    ),
    Holding(
        "avoidance",
        _("What you avoid"),
        _(
            "Movements that you ruled out, so that classes with them are left out for you. That is "
            "about your health, so nobody else is shown it, and it stands in no log. Until you "
            "change it."
        ),
        read_avoidance,
        erase_avoidance,
        relations=("classes.Avoidance.member",),
    ),
)


def release_checks_of_before(member: Member) -> None:
    """Rows of the history, which the database leaves alone."""
    WorkoutClass.history.filter(checked_by_id=member.pk).update(checked_by=None)


TRACES = (
    Trace(
        _("Who checked what a body does in a class"),
        ("classes.WorkoutClass.checked_by", "classes.HistoricalWorkoutClass.checked_by"),
        release=release_checks_of_before,
    ),
    Trace(_("Who brought in a film"), ("classes.Video.uploaded_by",)),
    Trace(
        _("Who changed a class, an exercise or a focus"),
        (
            "classes.HistoricalWorkoutClass.history_user",
            "classes.HistoricalVariant.history_user",
            "classes.HistoricalExercise.history_user",
            "classes.HistoricalFocusTag.history_user",
        ),
    ),
    Trace(
        _("The page of a teacher, which stays the studio’s, without an account"),
        ("classes.Instructor.member",),
    ),
)


def finished_tasks() -> QuerySet[DBTaskResult]:
    before = timezone.now() - _TASKS_KEPT
    finished = DBTaskResult.objects.finished().filter(finished_at__lt=before)
    return finished | DBTaskResult.objects.running().filter(started_at__lt=before)


def past_forgettings() -> QuerySet[Forgetting]:
    return Forgetting.objects.filter(at__lt=timezone.now() - _FORGETTING_KEPT)


RULES = (
    rule_for_rows(
        "forgettings",
        _("When something was removed from a history"),
        _FORGETTING_KEPT,
        past_forgettings,
    ),
    rule_for_rows(
        "tasks", _("Work done in the background, and what went wrong"), _TASKS_KEPT, finished_tasks
    ),
)
