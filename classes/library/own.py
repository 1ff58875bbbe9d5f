"""What pages say of a member's own beside a class: saved, begun, done.

Asked on every page of a signed-in member, so each is one prepared query.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from django.db.models import (
    Case,
    DateTimeField,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)

from accounts.models import Member
from classes.models import HistoryPause, SavedClass, Viewing
from classes.prepared import Prepared, aware


class CardMark(NamedTuple):
    """What a card says of a class that the member saved, or did."""

    is_saved: bool = False
    is_done: bool = False


UNMARKED = CardMark()


class OwnFacts(NamedTuple):
    """A member's own of a class and of one of its films."""

    is_saved: bool
    done_at: datetime | None  # the last time that any film of the class was done
    times_done: int  # all films of the class together
    # Where the member stopped in this film; 0 where they never saw it, or it was replaced since.
    second: int
    continues: bool  # begun, and this round is not done: else `second` is where they ended
    is_paused: bool  # nothing is kept of what they watched
    marks: Mapping[int, CardMark] = MappingProxyType({})  # of classes beside it, by id


def own_facts(
    member_id: int, class_id: int, variant_id: int | None, beside: Sequence[int] = ()
) -> OwnFacts | None:
    """None where there is no such member. One query.

    `beside` are at most `MOST_BESIDE` other classes, whose cards stand on the page: those of them
    that have a mark are in `marks`.
    """
    asked = [*beside, *[_NO_CLASS] * (MOST_BESIDE - len(beside))]
    rows = _FACTS.rows(member_id, class_id, variant_id or 0, *asked)
    facts = [row for row in rows if row[0] == _NO_CLASS]
    if not facts:
        return None
    _, is_saved, is_paused, *_ = facts[0]
    done_at, times_done, second, continues = None, 0, 0, False
    for _, _, _, row_done_at, row_times, row_second, row_continues, is_of_film in facts:
        if row_done_at is not None:
            moment = aware(row_done_at)
            done_at = max(moment, done_at or moment)
            times_done += row_times
        if is_of_film:
            second, continues = row_second, bool(row_continues)
    saved = {row[0] for row in rows if row[0] != _NO_CLASS and row[1]}
    done = {row[0] for row in rows if row[0] != _NO_CLASS and not row[1]}
    marks = _marked(beside, saved, done)
    return OwnFacts(bool(is_saved), done_at, times_done, second, continues, bool(is_paused), marks)


def marks_of(member_id: int, class_ids: Iterable[int]) -> Mapping[int, CardMark]:
    """By class, those that have a mark: others are not in it. One query, none without classes."""
    asked = list(dict.fromkeys(class_ids))
    if not asked:
        return {}
    saved: set[int] = set()
    done: set[int] = set()
    for start in range(0, len(asked), _MOST):
        some = asked[start : start + _MOST]
        # The same question for any number: the last one is asked for again and again.
        padded = some + some[-1:] * (_MOST - len(some))
        for class_id, is_done in _MARKS.rows(member_id, *padded):
            (done if is_done else saved).add(class_id)
    return _marked(asked, saved, done)


def _marked(
    class_ids: Iterable[int], saved: Container[int], done: Container[int]
) -> Mapping[int, CardMark]:
    return {pk: CardMark(pk in saved, pk in done) for pk in class_ids if pk in saved or pk in done}


def done_class_ids(member_id: int) -> list[int]:
    """Of the classes of which the member did any film. One query."""
    return [pk for (pk,) in _DONE.rows(member_id)]


# --- The questions -----------------------------------------------------------------------------

_MOST = 30  # the cards of a page, and some beside them
MOST_BESIDE = 4
_NO_CLASS = 0


def _facts_and_marks(member: int, class_id: int, variant: int, *beside: int) -> QuerySet[Any, Any]:
    """Those of the class, and a row for each of the others that is saved, or done and so not.

    Which class a row is about comes first; `_NO_CLASS` for the one whose page it is.
    """
    no = Value(False)
    rest = (no, Value(None, DateTimeField()), Value(0), Value(0), no, no)
    saved = SavedClass.objects.order_by().filter(member=member, workout_class__in=beside)
    done = _done(member).filter(workout_class__in=beside)
    return _facts(member, class_id, variant).union(
        saved.values_list("workout_class", Value(True), *rest),
        done.values_list("workout_class", no, *rest),
        all=True,
    )


def _facts(member: int, class_id: int, variant: int) -> QuerySet[Any, Any]:
    """A row for each film of the class that the member saw; one row where there is none."""
    saved = SavedClass.objects.filter(member=OuterRef("pk"), workout_class=class_id)
    pause = HistoryPause.objects.filter(member=OuterRef("pk"))
    # Another film has other seconds.
    is_of_film = Q(seen__variant=variant, seen__film=F("seen__variant__video"))
    return (
        Member.objects.order_by()
        .filter(pk=member)
        .annotate(
            seen=FilteredRelation("viewings", condition=Q(viewings__workout_class=class_id)),
            own_saved=Exists(saved),
            own_pause=Exists(pause),
            own_film=Case(When(is_of_film, then=True), default=False),
        )
        .values_list(
            Value(_NO_CLASS),
            "own_saved",
            "own_pause",
            "seen__done_at",
            "seen__times_done",
            "seen__second",
            "seen__continues",
            "own_film",
        )
    )


def _marks(member: int, *class_ids: int) -> QuerySet[Any, Any]:
    """Each class, and whether it is done rather than saved."""
    saved = SavedClass.objects.order_by().filter(member=member, workout_class__in=class_ids)
    done = _done(member).filter(workout_class__in=class_ids)
    return saved.values_list("workout_class", Value(False)).union(
        done.values_list("workout_class", Value(True)), all=True
    )


def _done(member: int) -> QuerySet[Any, Any]:
    return Viewing.objects.order_by().filter(member=member, done_at__isnull=False)


_FACTS = Prepared(_facts_and_marks, 3 + MOST_BESIDE)
_MARKS = Prepared(_marks, 1 + _MOST)
_DONE = Prepared(lambda member: _done(member).values_list("workout_class").distinct(), 1)
