"""What stands beside the threads of a page and moves with them: whose words are held, and which
moments of the film are spoken of.

A page needs both right after something was said, so one question reads both.
"""

from collections import defaultdict
from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple

from django.db.models import IntegerField, QuerySet, Value

from classes.kept import Latest
from classes.prepared import Prepared
from comments.models import Comment, TimeCode


class Moving(NamedTuple):
    held_of: frozenset[int]  # ids of members
    # By second of the film, ids of the published comments that speak of it, the oldest first. Of a
    # film that took the place of a longer one, seconds may lie beyond its end.
    spoken_of: Mapping[int, list[int]]


def moving(class_id: int, variant_id: int | None, state: Hashable = None) -> Moving:
    """Of a class and the film on its page, if there is one.

    One query; none where `state` is given, which names what was said until now, and somebody has
    asked since.
    """
    key = (class_id, variant_id)
    kept_state, kept = _kept.get(key) or (None, None)
    if kept is None or state is None or kept_state != state:
        kept = _read(class_id, variant_id)
        if state is not None:
            _kept.keep(key, (state, kept))
    return kept


_kept: Latest[tuple[int, int | None], tuple[Hashable, Moving]] = Latest(2_000)


def _read(class_id: int, variant_id: int | None) -> Moving:
    held_of: set[int] = set()
    spoken_of: dict[int, list[int]] = defaultdict(list)
    for second, number in sorted(_QUESTION.rows(class_id, variant_id or 0)):
        if second == _HELD:
            held_of.add(number)
        else:
            spoken_of[second].append(number)
    return Moving(frozenset(held_of), dict(spoken_of))


_HELD = -1  # in the place of a second


def _question(class_id: int, variant_id: int) -> QuerySet[Any, Any]:
    held = Comment.objects.filter(
        workout_class=class_id, state=Comment.State.HELD, author__isnull=False
    )
    spoken_of = TimeCode.objects.filter(
        comment__state=Comment.State.PUBLISHED, variant=variant_id
    ).order_by()
    return (
        held.order_by()
        .values_list(Value(_HELD, output_field=IntegerField()), "author")
        .union(spoken_of.values_list("second", "comment"), all=True)
    )


_QUESTION = Prepared(_question, 2)
