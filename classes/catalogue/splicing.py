"""Changing some classes of an index without building it again.

What comes out is a new index; the old one stays as it is, for whoever is answering from it. Sets
and lists that nothing happened to are shared between the two.
"""

from array import array
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from . import bits
from .index import Films, Index, Places, Rows, build

_T = TypeVar("_T")


def with_classes(index: Index, class_ids: Collection[int], rows: Rows) -> Index:
    """The index with these classes as `rows` have them; those of which there is no row are gone.

    A few milliseconds at a hundred thousand classes. A class that is published, or moves to
    another date, shifts the ranks above it; each stretch of such ranks costs about one more.
    """
    changed = build(rows, index.terms, gone_at=index.gone_at, cells=index.films.cells)
    change = _plan(index.places, class_ids, changed.places)
    sets = {
        key: change.of_set(index.sets.get(key, 0), changed.sets.get(key, 0))
        for key in {**index.sets, **changed.sets}
    }
    return replace(
        index,
        places=change.places,
        sets=sets,
        films=_films(index.films, changed.films, change),
        comments=change.of_column(index.comments, changed.comments),
        retires_at=_replaced(index.retires_at, class_ids, changed.retires_at),
    )


@dataclass(frozen=True)
class _Change:
    places: Places  # afterwards
    touched: int  # the old ranks of classes that change or go
    gone: Sequence[tuple[int, int]]  # runs of old ranks
    came: Sequence[tuple[int, int]]  # runs of new ranks
    ranks: Sequence[int]  # the new rank of each class that changed or came, by its rank among them
    stayed: Mapping[int, int]  # old rank by new, of classes that changed in their places

    def of_set(self, before: int, changed: int) -> int:
        after = bits.without(before, self.touched)
        after = bits.opened(bits.closed(after, self.gone), self.came)
        if changed:
            after |= bits.from_numbers(self.ranks[number] for number in bits.to_numbers(changed))
        return before if after == before else after

    def of_column(self, before: "array[int]", changed: "array[int]") -> "array[int]":
        """A list by rank; those that changed have their values from `changed`."""
        after = before[:]
        for start, length in reversed(self.gone):
            del after[start : start + length]
        for start, length in self.came:
            after[start:start] = array(after.typecode, bytes(after.itemsize * length))
        for number, rank in enumerate(self.ranks):
            after[rank] = changed[number]
        return after


def _plan(before: Places, class_ids: Collection[int], changed: Places) -> _Change:
    old = {pk: rank for pk in class_ids if (rank := before.rank_of(pk)) is not None}
    stays = {
        pk
        for pk, moment in zip(changed.ids, changed.moments, strict=True)
        if pk in old and before.moments[old[pk]] == moment
    }
    gone = bits.runs_of(sorted(rank for pk, rank in old.items() if pk not in stays))
    comes = [
        (moment, pk)
        for pk, moment in zip(changed.ids, changed.moments, strict=True)
        if pk not in stays
    ]
    places, came = _shifted(before, gone, comes)
    ranks = [places.gap_for(*place) for place in zip(changed.moments, changed.ids, strict=True)]
    return _Change(
        places=places,
        touched=bits.from_numbers(old.values()),
        gone=gone,
        came=came,
        ranks=ranks,
        stayed={rank: old[pk] for pk, rank in zip(changed.ids, ranks, strict=True) if pk in stays},
    )


def _shifted(
    before: Places, gone: Sequence[tuple[int, int]], comes: Sequence[tuple[int, int]]
) -> tuple[Places, list[tuple[int, int]]]:
    """The places without the runs that are gone and with the classes (moment, id) that come.

    Also the runs of new ranks of those.
    """
    if not gone and not comes:
        return before, []
    after = Places(before.ids[:], before.moments[:], before.sorted_ids[:], before.moments_by_id[:])
    for start, length in reversed(gone):
        for pk in before.ids[start : start + length]:
            at = bisect_left(after.sorted_ids, pk)
            del after.sorted_ids[at], after.moments_by_id[at]
        del after.ids[start : start + length], after.moments[start : start + length]
    came = []
    for moment, pk in comes:  # rising, as they were sorted
        rank = after.gap_for(moment, pk)
        after.ids.insert(rank, pk)
        after.moments.insert(rank, moment)
        at = bisect_left(after.sorted_ids, pk)
        after.sorted_ids.insert(at, pk)
        after.moments_by_id.insert(at, moment)
        came.append(rank)
    return after, bits.runs_of(came)


def _films(before: Films, changed: Films, change: _Change) -> Films:
    """Films are added at the end; those that nobody has any longer stay where they are.

    A class that has the same films as before keeps them, lest every comment add some.
    """
    first = change.of_column(before.first, changed.first)
    after = Films(
        cells=changed.cells,
        first=first,
        number=change.of_column(before.number, changed.number),
        variant_ids=before.variant_ids[:],
        cell_of=before.cell_of[:],
        lengths=before.lengths[:],
    )
    for number, rank in enumerate(change.ranks):
        films = _of(changed, number)
        old_rank = change.stayed.get(rank)
        if old_rank is not None and _of(before, old_rank) == films:
            first[rank] = before.first[old_rank]
            continue
        first[rank] = len(after.variant_ids)
        for variant_id, cell, length in films:
            after.variant_ids.append(variant_id)
            after.cell_of.append(cell)
            after.lengths.append(length)
    return after


def _of(films: Films, rank: int) -> list[tuple[int, int, int]]:
    return [(films.variant_ids[at], films.cell_of[at], films.lengths[at]) for at in films.of(rank)]


def _replaced(
    before: Mapping[int, _T], class_ids: Collection[int], changed: Mapping[int, _T]
) -> Mapping[int, _T]:
    if not changed and before.keys().isdisjoint(class_ids):
        return before
    return {pk: value for pk, value in before.items() if pk not in class_ids} | changed  # type: ignore[operator]
