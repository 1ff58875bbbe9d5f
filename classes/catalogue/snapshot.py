"""One version of the catalogue in memory: its sets of classes by what they are about.

Only the clock moves: a scheduled class is listed once its moment has come, and one that retires is
no longer listed from its own. Any number of threads may read a snapshot; what it works out on
demand would be the same whoever does.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from functools import cached_property, reduce
from operator import and_
from types import MappingProxyType
from typing import NamedTuple, Self

from django.utils import timezone

from classes.kept import Latest
from classes.languages import is_studio_language
from classes.models import Level, Tempo

from . import bits
from .answers import Hit, Version
from .facets import OF_A_FILM, OTHER_LANGUAGES, Facet
from .index import (
    CHECKED,
    COMMENTS,
    CONTAINS,
    FILM,
    GONE,
    NEVER,
    PUBLISHED,
    SECONDS,
    UNEVEN,
    Cell,
    Index,
    microseconds,
)
from .similar import Likeness
from .vocabulary import Vocabulary

_LOOKED_UP_MEANWHILE = 80  # classes that a walk through all passes while it takes to find one
_FOREVER = 2**63

# The kinds of film that will do, by their place in `Films.cells`, with their order: the lowest is
# the film to show.
Preference = Mapping[int, int]


class Listing(NamedTuple):
    """What is in the catalogue from one moment to another."""

    since: int
    until: int
    classes: int
    spoken: tuple[str, ...]  # the languages of its films


class Snapshot:
    """Classes are known by their ranks, and sets of them are integers; see `index`."""

    def __init__(
        self,
        version: Version,
        index: Index,
        *,
        all_read_at: Version | None = None,
        read_at: Mapping[int, Version] = MappingProxyType({}),
    ) -> None:
        self.version = version
        self.index = index
        self._all_read_at = all_read_at or version
        self._read_at = read_at  # those that were read again since
        sets = index.sets
        # Of focus tags what carries them, vouched for or not. All in the studio's order.
        self.options: dict[Facet, dict[str, int]] = {facet: {} for facet in Facet}
        self.contains: dict[str, int] = {}
        for (kind, _pk), slug in index.terms.slugs.items():
            options = self.contains if kind == CONTAINS else self.options[Facet(kind)]
            options[slug] = sets.get((kind, slug), 0)
        for level in Level:
            self.options[Facet.LEVEL][level.value] = sets.get((Facet.LEVEL, level.value), 0)
        self.checked = {slug: sets.get((CHECKED, slug), 0) for slug in self.contains}
        self.films = {
            Cell(*map(str, rest)): classes
            for (kind, *rest), classes in sets.items()
            if kind == FILM and classes
        }
        self.comments = self._planes(COMMENTS)
        self._listing: Listing | None = None
        self._found: tuple[Sequence[int], int] = ((), 0)
        self._done: tuple[Sequence[int], int] = ((), 0)
        # By rank, of the classes whose pages were asked for last: about 100 KB each at a hundred
        # thousand classes.
        self.likenesses: Latest[int, Likeness] = Latest(100)

    def followed_by(self, version: Version, index: Index, class_ids: Iterable[int]) -> Self:
        """A newer one, for which these classes alone were read anew."""
        read_at = {**self._read_at, **dict.fromkeys(class_ids, version)}
        return type(self)(version, index, all_read_at=self._all_read_at, read_at=read_at)

    def read_at(self, class_id: int) -> Version:
        """What this process keeps of one class for as long as that is not read again, it may keep
        under this version: no other class changes it, and what concerns them all does."""
        return self._read_at.get(class_id, self._all_read_at)

    # --- Words ----------------------------------------------------------------------------------

    @property
    def vocabulary(self) -> Vocabulary:
        """In the active language, with the languages of films that are listed now."""
        return self.index.terms.vocabulary(self.listing.spoken)

    @property
    def edition(self) -> str:
        """Names what is listed now, for what is kept of pages.

        It changes with the version, and when a scheduled class appears or another retires.
        """
        return f"{self.version.number}.{self.version.stamp}.{self.listing.since}"

    def instructors_of(self, class_id: int) -> list[tuple[str, str]]:
        """Slug and name of everyone who teaches it, in the studio's order."""
        names = self._names
        return [(slug, names[slug]) for slug in self._having(self._teaching, class_id)]

    def vouched_tags_of(self, class_id: int) -> list[str]:
        """Slugs of the tags that everyone sees on it, in the studio's order."""
        return self._having(self._vouching, class_id)

    # --- Which classes --------------------------------------------------------------------------

    @property
    def listing(self) -> Listing:
        """What is listed now."""
        now = microseconds(timezone.now())
        listing = self._listing
        if listing is None or not listing.since <= now < listing.until:
            self._listing = listing = self._list(now)
        return listing

    def suiting(self, avoids: Collection[str]) -> int:
        """Listed classes that were checked for all of these movements and contain none."""
        if not avoids:
            return self.listing.classes
        return bits.without(
            self.listing.classes & self.checked_for(avoids), self.containing(avoids)
        )

    def containing(self, movements: Iterable[str]) -> int:
        """Classes that contain any of these."""
        return bits.union(self.contains.get(slug, 0) for slug in movements)

    def checked_for(self, movements: Collection[str]) -> int:
        """Classes at which a person looked since each of these, at least one, was defined.

        None where one of them is not known: nobody can have looked for it.
        """
        return reduce(and_, (self.checked.get(slug, 0) for slug in movements))

    @cached_property
    def uncontradicted(self) -> Mapping[str, int]:
        """By focus tag, classes that carry it and contain nothing that it forbids."""
        forbids = self.index.terms.forbids
        return {
            slug: bits.without(classes, self.containing(forbids.get(slug, ())))
            for slug, classes in self.options[Facet.FOCUS].items()
        }

    @cached_property
    def vouched(self) -> Mapping[str, int]:
        """By focus tag, classes on which it keeps its promise."""
        forbids = self.index.terms.forbids
        return {
            slug: classes & self.checked_for(forbids[slug]) if slug in forbids else classes
            for slug, classes in self.uncontradicted.items()
        }

    def found(self, class_ids: Sequence[int]) -> int:
        """The set of those of these classes that there are."""
        ids, kept = self._found
        if ids is not class_ids:  # who counts them asks for a page of them next
            kept = self._set_of(class_ids)
            self._found = class_ids, kept
        return kept

    def done(self, class_ids: Sequence[int]) -> int:
        """As `found`, of what one member has done: the last one who asked."""
        ids, kept = self._done
        if ids is not class_ids:
            kept = self._set_of(class_ids)
            self._done = class_ids, kept
        return kept

    def are_few(self, class_ids: Sequence[int]) -> bool:
        """Whether to look these up one by one is faster than to go through all classes."""
        return len(class_ids) < len(self.index.places) // _LOOKED_UP_MEANWHILE

    # --- Films ----------------------------------------------------------------------------------

    @cached_property
    def kinds_of_film(self) -> Mapping[Facet, Mapping[str, frozenset[Cell]]]:
        """By facet and option, the kinds of film that satisfy it."""
        kinds: dict[Facet, dict[str, set[Cell]]] = {facet: {} for facet in OF_A_FILM}
        for cell in self.films:
            for facet, values in _values_of(cell).items():
                for value in values:
                    kinds[facet].setdefault(value, set()).add(cell)
        return {
            facet: {value: frozenset(cells) for value, cells in options.items()}
            for facet, options in kinds.items()
        }

    @cached_property
    def of_film_options(self) -> Mapping[Facet, Mapping[str, int]]:
        """By facet and option, classes that have such a film."""
        return {facet: self.by_option(facet, self.films.keys()) for facet in OF_A_FILM}

    def by_option(self, facet: Facet, cells: Set[Cell]) -> Mapping[str, int]:
        """Classes that have a film of one of these kinds, by the options of the facet."""
        return {
            value: bits.union(self.films[cell] for cell in kinds & cells)
            for value, kinds in self.kinds_of_film[facet].items()
        }

    @cached_property
    def any_film(self) -> Preference:
        """Every kind of film, in the order of `Variant.preference`."""
        cells = self.index.films.cells
        codes = (code for code, cell in enumerate(cells) if cell in self.films)
        in_order = sorted(codes, key=lambda code: _preference(cells[code]))
        return {code: place for place, code in enumerate(in_order)}

    @cached_property
    def bands_of_first_films(self) -> Mapping[str, int]:
        """Classes by the band of the film that they show first."""
        bands: dict[str, int] = {}
        taken = 0
        for code in self.any_film:
            cell = self.index.films.cells[code]
            first = bits.without(self.films[cell], taken)
            taken |= first
            if cell.band:
                bands[cell.band] = bands.get(cell.band, 0) | first
        return bands

    def only(self, cells: Collection[Cell]) -> Preference:
        """The same for these kinds alone."""
        every = self.index.films.cells
        return {code: place for code, place in self.any_film.items() if every[code] in cells}

    def film_of(self, rank: int, preference: Preference) -> int | None:
        """The place in `Films` of the film that a card of the class shows."""
        films = self.index.films
        best, shown = len(films.cells), None
        for at in films.of(rank):
            place = preference.get(films.cell_of[at], best)
            if place < best:
                best, shown = place, at
        return shown

    def hit(self, rank: int, preference: Preference) -> Hit:
        """The class with the film that its card shows."""
        film = self.film_of(rank, preference)
        variant_id = None if film is None else self.index.films.variant_ids[film]
        return Hit(self.index.places.ids[rank], variant_id)

    def planes_of_lengths(self, tempo: str, language: str) -> tuple[list[int], int]:
        """Planes of the whole seconds of such films, and those that last a fraction longer."""
        kind = (tempo, language)
        return self._planes(SECONDS, *kind), self.index.sets.get((UNEVEN, *kind), 0)

    # --- How it is worked out -------------------------------------------------------------------

    def _list(self, now: int) -> Listing:
        places, gone_at = self.index.places, self.index.gone_at
        past = places.until(now)
        gone = self.index.sets.get((GONE,), 0)
        retires_at = self.index.retires_at
        for pk, moment in retires_at.items():
            # Where the clock was turned back, it brings back what had gone.
            if min(now, gone_at) < moment <= max(now, gone_at):
                rank = places.rank_of(pk)
                gone ^= 0 if rank is None else 1 << rank
        classes = bits.without(self.index.sets.get((PUBLISHED,), 0) & bits.below(past), gone)
        # The moments of publication around now, and every end.
        events = [*places.moments[max(0, past - 1) : past + 1], *retires_at.values()]
        return Listing(
            since=max((moment for moment in events if moment <= now), default=NEVER),
            until=min((moment for moment in events if moment > now), default=_FOREVER),
            classes=classes,
            spoken=tuple(
                sorted({cell.language for cell, films in self.films.items() if films & classes})
            ),
        )

    def _set_of(self, class_ids: Sequence[int]) -> int:
        places = self.index.places
        if self.are_few(class_ids):
            ranks = map(places.rank_of, class_ids)
            return bits.from_numbers(rank for rank in ranks if rank is not None)
        return bits.from_flags(bytes(map(set(class_ids).__contains__, places.ids)))

    def _planes(self, *kind: str) -> list[int]:
        planes: list[int] = []
        while (*kind, len(planes)) in self.index.sets:
            planes.append(self.index.sets[*kind, len(planes)])
        return planes

    @cached_property
    def _names(self) -> Mapping[str, str]:
        people = self.vocabulary.options[Facet.INSTRUCTOR]  # names are the same in every language
        return {person.value: person.label for person in people}

    @cached_property
    def _teaching(self) -> list[tuple[str, bytes]]:
        teaching = self.options[Facet.INSTRUCTOR]
        return [(slug, self._octets(teaching[slug])) for slug in self._names if slug in teaching]

    @cached_property
    def _vouching(self) -> list[tuple[str, bytes]]:
        tags = self.vocabulary.options[Facet.FOCUS]
        return [
            (tag.value, self._octets(self.vouched[tag.value]))
            for tag in tags
            if tag.value in self.vouched
        ]

    def _octets(self, classes: int) -> bytes:
        return classes.to_bytes(len(self.index.places) // 8 + 1, "little")

    def _having(self, options: list[tuple[str, bytes]], class_id: int) -> list[str]:
        # In bytes, for to look at one bit of a long number means to copy the half of it.
        rank = self.index.places.rank_of(class_id)
        if rank is None:
            return []
        octet, bit = divmod(rank, 8)
        return [slug for slug, octets in options if octets[octet] >> bit & 1]


def _values_of(cell: Cell) -> Mapping[Facet, tuple[str, ...]]:
    shows = (cell.tempo,) if is_studio_language(cell.language) else (cell.tempo, OTHER_LANGUAGES)
    return {
        Facet.SHOW: shows,
        Facet.LANGUAGE: (cell.language,),
        Facet.LENGTH: (cell.band,) if cell.band else (),
    }


def _preference(cell: Cell) -> tuple[bool, bool, str]:
    """What `Variant.preference` says."""
    return (not is_studio_language(cell.language), cell.tempo != Tempo.WORKOUT, cell.language)
