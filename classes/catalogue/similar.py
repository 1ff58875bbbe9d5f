"""Classes like another, from memory. What makes them alike is said in `sql` once more."""

from collections.abc import Iterable, Mapping, Sequence

from . import bits
from .answers import Similar
from .facets import Facet
from .snapshot import Snapshot


def similar(
    catalogue: Snapshot, class_id: int, size: int, avoids: Sequence[str]
) -> tuple[Similar, ...]:
    """By a sum that everybody can follow; the newest first where it is the same.

    Four for each tag that is vouched for on both, two for the level, one for the band of the
    first film, one for the apparatus, and one for each movement that both contain, up to three.
    Only classes with such a tag or movement in common. The class itself may be in any state.
    """
    rank = catalogue.index.places.rank_of(class_id)
    if rank is None:
        return ()
    tags = _those_of(rank, catalogue.vouched)
    movements = _those_of(rank, catalogue.contains)
    same_level = bits.union(_those_of(rank, catalogue.options[Facet.LEVEL]).values())
    same_apparatus = bits.union(_those_of(rank, catalogue.options[Facet.APPARATUS]).values())
    same_length = bits.union(_those_of(rank, catalogue.bands_of_first_films).values())

    candidates = catalogue.suiting(avoids) & bits.union([*tags.values(), *movements.values()])
    candidates = bits.without(candidates, 1 << rank)
    score: list[int] = []
    for tagged in tags.values():
        bits.add(score, candidates & tagged, place=2)
    bits.add(score, candidates & same_level, place=1)
    bits.add(score, candidates & same_length)
    bits.add(score, candidates & same_apparatus)
    for place, containing in enumerate(_up_to_three(movements.values())):
        bits.add(score, candidates & containing, place)
    return tuple(
        Similar(
            catalogue.hit(other, catalogue.any_film),
            focus=tuple(slug for slug, classes in tags.items() if bits.has(classes, other)),
            movements=tuple(s for s, classes in movements.items() if bits.has(classes, other)),
            same_level=bits.has(same_level, other),
            same_length=bits.has(same_length, other),
        )
        for other in bits.by_value(candidates, score, size, falling=True)
    )


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
