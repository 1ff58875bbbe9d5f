"""Classes like another, from memory. What makes them alike is said in `sql` once more."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from . import bits
from .answers import Similar
from .facets import Facet

if TYPE_CHECKING:
    from .snapshot import Snapshot


class Likeness(NamedTuple):
    """What all classes have in common with one, whoever asks. Sets of ranks, as in `Snapshot`."""

    tags: Mapping[str, int]  # of those on the one, the classes that keep them too
    movements: Mapping[str, int]
    same_level: int
    same_length: int
    candidates: int  # with such a tag or movement, listed or not, the one itself among them
    score: Sequence[int]  # planes


def similar(
    catalogue: "Snapshot", class_id: int, size: int, avoids: Sequence[str]
) -> tuple[Similar, ...]:
    """By a sum that everybody can follow; the newest first where it is the same.

    Four for each tag that is vouched for on both, two for the level, one for the band of the
    first film, one for the apparatus, and one for each movement that both contain, up to three.
    Only classes with such a tag or movement in common. The class itself may be in any state.
    """
    rank = catalogue.index.places.rank_of(class_id)
    if rank is None:
        return ()
    alike = catalogue.likenesses.get(rank)
    if alike is None:
        alike = _likeness(catalogue, rank)
        catalogue.likenesses.keep(rank, alike)
    candidates = bits.without(catalogue.suiting(avoids) & alike.candidates, 1 << rank)
    return tuple(
        Similar(
            catalogue.hit(other, catalogue.any_film),
            focus=tuple(slug for slug, classes in alike.tags.items() if bits.has(classes, other)),
            movements=tuple(s for s, those in alike.movements.items() if bits.has(those, other)),
            same_level=bits.has(alike.same_level, other),
            same_length=bits.has(alike.same_length, other),
        )
        for other in bits.by_value(candidates, alike.score, size, falling=True)
    )


def _likeness(catalogue: "Snapshot", rank: int) -> Likeness:
    tags = _those_of(rank, catalogue.vouched)
    movements = _those_of(rank, catalogue.contains)
    same_level = bits.union(_those_of(rank, catalogue.options[Facet.LEVEL]).values())
    same_apparatus = bits.union(_those_of(rank, catalogue.options[Facet.APPARATUS]).values())
    same_length = bits.union(_those_of(rank, catalogue.bands_of_first_films).values())
    score: list[int] = []
    for tagged in tags.values():
        bits.add(score, tagged, place=2)
    bits.add(score, same_level, place=1)
    bits.add(score, same_length)
    bits.add(score, same_apparatus)
    for place, containing in enumerate(_up_to_three(movements.values())):
        bits.add(score, containing, place)
    candidates = bits.union([*tags.values(), *movements.values()])
    return Likeness(tags, movements, same_level, same_length, candidates, score)


def _those_of(rank: int, options: Mapping[str, int]) -> dict[str, int]:
    return {slug: classes for slug, classes in options.items() if bits.has(classes, rank)}


def _up_to_three(sets: Iterable[int]) -> tuple[int, int]:
    """In how many of the sets each number is, as two planes: 0, 1, 2, or 3 and more."""
    planes: list[int] = []
    for numbers in sets:
        bits.add(planes, numbers)
    ones, twos, *more = [*planes, 0, 0]
    many = bits.union(more)
    return ones | many, twos | many
