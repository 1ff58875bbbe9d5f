"""The catalogue's answers from memory: a filter is an intersection of sets of classes, a count the
size of one, and a page its highest numbers (`bits`).

The sets are those of one version (`snapshot`). Nothing here asks the database, and what is
answered is what `sql` would, to which the tests hold it.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from itertools import compress, islice
from operator import and_

from . import bits
from .answers import PAGE_SIZE, Counts, Found, Hit, LeftOut, Similar
from .choices import Choices, Sort
from .facets import OF_A_FILM, Facet
from .index import Cell
from .similar import similar
from .snapshot import Preference, Snapshot

# Their options are the class's own, and any of those chosen will do.
_OF_A_CLASS = (Facet.LEVEL, Facet.APPARATUS, Facet.PROP, Facet.INSTRUCTOR)


class BitmapCatalogue(Snapshot):
    """Answers of one version. No method runs a query."""

    def count(self, choices: Choices, found: Found | None = None) -> Counts:
        asked = _Asked(self, choices, found)
        suitable = asked.classes()
        of_any_film = asked.classes(of_any_film=True)
        options = {Facet.FOCUS: _sizes(self.vouched, suitable)}
        for facet in _OF_A_CLASS:
            classes = asked.classes(besides=facet) if choices.of(facet) else suitable
            options[facet] = _sizes(self.options[facet], classes)
        for facet in OF_A_FILM:
            options[facet] = _sizes(asked.film_options(facet), of_any_film)
        total = suitable.bit_count()
        carrying = asked.classes(may_be_unchecked=True).bit_count() if choices.focus else total
        return Counts(total, options, unchecked=carrying - total, left_out=asked.left_out())

    def page(self, choices: Choices, number: int, found: Found | None = None) -> tuple[Hit, ...]:
        asked = _Asked(self, choices, found)
        classes, start = asked.classes(), (number - 1) * PAGE_SIZE
        match choices.sort:
            case Sort.RELEVANCE if choices.q:
                ranks = _best_first(self, classes, asked.found_ids, start)
            case Sort.SHORTEST | Sort.LONGEST:
                falling = choices.sort is Sort.LONGEST
                ranks = _by_length(self, classes, asked.films, start, falling=falling)
            case Sort.DISCUSSED:
                comments = self.index.comments.__getitem__
                ranks = bits.by_value(
                    classes, self.comments, PAGE_SIZE, start, falling=True, exact=comments
                )
            case _:
                ranks = bits.highest(classes, PAGE_SIZE, start)
        return tuple(self.hit(rank, asked.films) for rank in ranks)

    def count_each(self, states: Sequence[Choices], found: Found | None = None) -> list[int]:
        return [_Asked(self, state, found).classes().bit_count() for state in states]

    def newest_by_focus(
        self, slugs: Sequence[str], size: int, avoids: Sequence[str] = ()
    ) -> dict[str, list[Hit]]:
        classes = self.suiting(avoids)
        return {
            slug: [
                self.hit(rank, self.any_film)
                for rank in bits.highest(classes & self.vouched.get(slug, 0), size)
            ]
            for slug in slugs
        }

    def similar(self, class_id: int, size: int, avoids: Sequence[str] = ()) -> tuple[Similar, ...]:
        return similar(self, class_id, size, avoids)


def _sizes(options: Mapping[str, int], classes: int) -> dict[str, int]:
    """How many of the classes each option would leave, where that is any."""
    return {
        value: number
        for value, having in options.items()
        if (number := (having & classes).bit_count())
    }


# --- Which classes ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Asked:
    """A state of the catalogue with what the search found for its words."""

    catalogue: Snapshot
    choices: Choices
    found: Found | None = None

    def classes(
        self,
        *,
        besides: Facet | None = None,
        of_any_film: bool = False,
        may_be_unchecked: bool = False,
    ) -> int:
        """Listed classes that satisfy everything chosen, `besides` set aside.

        `of_any_film` sets aside what is asked of a film. `may_be_unchecked` takes a focus tag at
        its word where nobody has checked the class.
        """
        classes = self._suiting
        for facet, chosen in self._chosen.items():
            if facet is not besides:
                classes &= chosen
        if self.choices.focus:
            tags = self.catalogue.uncontradicted if may_be_unchecked else self.catalogue.vouched
            classes &= reduce(and_, (tags.get(slug, 0) for slug in self.choices.focus))
        if self._asks_for_a_film and not of_any_film:
            classes &= self._with_such_films
        return classes

    def left_out(self) -> LeftOut:
        avoids = self.choices.avoids
        if not avoids:
            return LeftOut()
        whatever = _Asked(
            self.catalogue, replace(self.choices, avoid=(), unchecked=False), self.found
        )
        classes = whatever.classes()
        containing = classes & self.catalogue.containing(avoids)
        unchecked = bits.without(classes ^ containing, self.catalogue.checked_for(avoids))
        return LeftOut(containing.bit_count(), unchecked.bit_count())

    def film_options(self, facet: Facet) -> Mapping[str, int]:
        """By option, classes with a film that satisfies it and what else is chosen of films."""
        if not any(self.choices.of(other) for other in OF_A_FILM if other is not facet):
            return self.catalogue.of_film_options[facet]
        return self.catalogue.by_option(facet, self._cells(besides=facet))

    @cached_property
    def films(self) -> Preference:
        """The kinds of film that a card may show."""
        if not self._asks_for_a_film:
            return self.catalogue.any_film
        return self.catalogue.only(self._cells())

    @property
    def found_ids(self) -> Sequence[int]:
        if self.found is None:
            raise ValueError("Words were asked for, but not what the search found for them.")
        return self.found.class_ids

    @cached_property
    def _suiting(self) -> int:
        """Listed classes with the words that suit the visitor's body."""
        catalogue, avoids = self.catalogue, self.choices.avoids
        if not self.choices.unchecked:
            classes = catalogue.suiting(avoids)
        elif avoids:
            known = catalogue.containing(avoids) | catalogue.checked_for(avoids)
            classes = bits.without(catalogue.listing.classes, known)
        else:
            classes = 0
        if self.choices.done:
            classes = bits.without(classes, catalogue.done(self.choices.done))
        return classes & catalogue.found(self.found_ids) if self.choices.q else classes

    @cached_property
    def _chosen(self) -> Mapping[Facet, int]:
        """By facet, classes with any of the options that are chosen."""
        return {
            facet: bits.union(self.catalogue.options[facet].get(value, 0) for value in values)
            for facet in _OF_A_CLASS
            if (values := self.choices.of(facet))
        }

    @property
    def _asks_for_a_film(self) -> bool:
        return any(self.choices.of(facet) for facet in OF_A_FILM)

    @cached_property
    def _with_such_films(self) -> int:
        return bits.union(self.catalogue.films[cell] for cell in self._cells())

    def _cells(self, besides: Facet | None = None) -> Set[Cell]:
        """The kinds of film that satisfy what is chosen, `besides` set aside."""
        cells: Set[Cell] = self.catalogue.films.keys()
        for facet in OF_A_FILM:
            if facet is not besides and (values := self.choices.of(facet)):
                kinds = self.catalogue.kinds_of_film[facet]
                cells &= frozenset().union(*(kinds.get(value, ()) for value in values))
        return cells


# --- Order --------------------------------------------------------------------------------------


def _best_first(catalogue: Snapshot, classes: int, found: Sequence[int], start: int) -> list[int]:
    places = catalogue.index.places
    if catalogue.are_few(found):
        ranks = (rank for pk in found if (rank := places.rank_of(pk)) is not None)
        suitable_ranks = (rank for rank in ranks if bits.has(classes, rank))
        return list(islice(suitable_ranks, start, start + PAGE_SIZE))
    suitable = set(compress(places.ids, bits.to_flags(classes, len(places))))
    best_first = filter(suitable.__contains__, found)
    on_page = islice(best_first, start, start + PAGE_SIZE)
    return [rank for pk in on_page if (rank := places.rank_of(pk)) is not None]


def _by_length(
    catalogue: Snapshot, classes: int, films: Preference, start: int, *, falling: bool
) -> list[int]:
    """By the length of the film that the card shows; those without any come last."""
    cells = catalogue.index.films.cells
    shown: dict[tuple[str, str], int] = {}  # by kind of film, whose card shows it
    lengthless = 0
    for code in sorted(films, key=films.__getitem__):
        tempo, language, band = cells[code]
        chosen = classes & catalogue.films[cells[code]]
        classes ^= chosen
        if band:
            shown[tempo, language] = shown.get((tempo, language), 0) | chosen
        else:
            lengthless |= chosen
    planes: list[int] = []
    uneven = 0
    for kind, chosen in shown.items():
        seconds, fractions = catalogue.planes_of_lengths(*kind)
        uneven |= chosen & fractions
        planes += [0] * (len(seconds) - len(planes))
        for place, plane in enumerate(seconds):
            planes[place] |= chosen & plane

    def length(rank: int) -> int:
        film = catalogue.film_of(rank, films)
        return 0 if film is None else catalogue.index.films.lengths[film]

    measured = bits.union(shown.values())
    ranks = bits.by_value(
        measured, planes, PAGE_SIZE, start, falling=falling, exact=length, inexact=uneven
    )
    rest = PAGE_SIZE - len(ranks)
    skip = max(0, start - measured.bit_count())
    return ranks + bits.highest(classes | lengthless, rest, skip)
