"""The catalogue as sets of classes: how what `loading` reads becomes what `bitmaps` answers from.

Every class has a rank, its number in all the sets (`bits`): by the moment of its publication and
then by id, the oldest lowest, so that a new class comes on top and shifts no other. Those without
a date lie below all. Drafts, scheduled and retired classes have their ranks like any other, for
those too have a page with classes like them; what the catalogue may list is a set among the sets.

All times are whole microseconds, moments since 1970 in UTC. Nothing here asks the database.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.utils.translation import get_language

from . import bits
from .facets import BANDS, Facet
from .vocabulary import Vocabulary, VocabularyRows

# What a set is about: one of the kinds below, and whatever tells its sets apart.
Key = tuple[str | int, ...]

PUBLISHED = "published"  # (): scheduled ones and those that went out of the catalogue as well
GONE = "gone"  # (): those that had gone out of it by `Index.gone_at`
CONTAINS = "contains"  # (movement)
CHECKED = "checked"  # (movement): checked by a person since it was defined
FILM = "film"  # (tempo, language, band): of the films that can be watched
SECONDS = "seconds"  # (tempo, language, place): a plane of their lengths, in whole seconds
UNEVEN = "uneven"  # (tempo, language): length is no whole number of seconds
COMMENTS = "comments"  # (place): a plane of the number of comments
# Besides, for the facets of classes, (facet, slug). Under a focus: carried, vouched for or not.

NEVER = -(2**63)  # before every moment
SECOND = 1_000_000
_MOST_SECONDS = 2**32 - 1

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


class Cell(NamedTuple):
    """What of a film the catalogue can be asked for. `band` is empty where nobody knows its length.

    A class has at most one film of a tempo in a language.
    """

    tempo: str
    language: str
    band: str


@dataclass(frozen=True)
class Terms:
    """The words by which classes are found, and what of them is a rule. All by slugs."""

    rows: VocabularyRows
    # By kind and id, in the studio's order; movements are of the kind CONTAINS.
    slugs: Mapping[tuple[str, int], str]
    defined_at: Mapping[str, int]  # of each movement
    forbids: Mapping[str, Sequence[str]]  # movements, by focus tag
    _vocabularies: dict[tuple[str | None, tuple[str, ...]], Vocabulary] = field(
        default_factory=dict, compare=False
    )

    def vocabulary(self, spoken: tuple[str, ...]) -> Vocabulary:
        """In the active language. Made once, for it stays the same while only classes change."""
        key = (get_language(), spoken)
        if key not in self._vocabularies:
            self._vocabularies[key] = self.rows.in_language(spoken)
        return self._vocabularies[key]


# Tuples and not objects: there may be a hundred thousand.
ClassRow = tuple[int, int, bool, int | None, str, int, int]
"""published_at or NEVER, id, is published, retires_at, level, comments, checked_at or NEVER."""
FilmRow = tuple[int, int, str, str, int | None]
"""Id of the class, id of the variant, tempo, language, length."""
TermRow = tuple[str, int, int]
"""Kind, id of the class, id of the term."""


@dataclass(frozen=True)
class Rows:
    """What the database says of some classes. Films of one class stand together."""

    classes: Iterable[ClassRow]
    films: Iterable[FilmRow]
    terms: Iterable[TermRow]


@dataclass(frozen=True)
class Places:
    """Which class has which rank."""

    ids: "array[int]"  # by rank
    moments: "array[int]"  # by rank; rising
    sorted_ids: "array[int]"
    moments_by_id: "array[int]"  # in the order of `sorted_ids`

    @classmethod
    def of(cls, ids: Iterable[int], moments: Iterable[int]) -> "Places":
        by_rank = cls(array("q", ids), array("q", moments), array("q"), array("q"))
        for pk, moment in sorted(zip(by_rank.ids, by_rank.moments, strict=True)):
            by_rank.sorted_ids.append(pk)
            by_rank.moments_by_id.append(moment)
        return by_rank

    def __len__(self) -> int:
        return len(self.ids)

    def rank_of(self, class_id: int) -> int | None:
        at = bisect_left(self.sorted_ids, class_id)
        if at == len(self.sorted_ids) or self.sorted_ids[at] != class_id:
            return None
        return self.gap_for(self.moments_by_id[at], class_id)

    def gap_for(self, moment: int, class_id: int) -> int:
        """The rank that such a class has, or would have."""
        first = bisect_left(self.moments, moment)
        after = bisect_right(self.moments, moment, first)
        return bisect_left(self.ids, class_id, first, after)

    def until(self, moment: int) -> int:
        """How many classes are dated no later than this."""
        return bisect_right(self.moments, moment)


@dataclass(frozen=True)
class Films:
    """The films of each class that can be watched, without an object for each."""

    cells: tuple[Cell, ...]  # every kind of film that there is
    first: "array[int]"  # by the rank of the class: where its films begin in the three below
    number: "array[int]"  # by the rank of the class
    variant_ids: "array[int]"
    cell_of: "array[int]"  # as a place in `cells`
    lengths: "array[int]"  # -1 where nobody knows

    def of(self, rank: int) -> range:
        """The places of its films."""
        first = self.first[rank]
        return range(first, first + self.number[rank])


@dataclass(frozen=True)
class Index:
    terms: Terms
    places: Places
    sets: Mapping[Key, int]
    films: Films
    comments: "array[int]"  # by rank
    retires_at: Mapping[int, int]  # by id, where a class has an end
    gone_at: int


def build(rows: Rows, terms: Terms, *, gone_at: int, cells: Sequence[Cell] = ()) -> Index:
    """About a second for a hundred thousand classes. `cells` are those that are known already."""
    classes = sorted(rows.classes)
    size = len(classes)
    places = Places.of((row[1] for row in classes), (row[0] for row in classes))
    rank_of = {row[1]: rank for rank, row in enumerate(classes)}
    flags: dict[Key, bytearray] = defaultdict(lambda: bytearray(size))
    retires_at = {}
    for rank, (_, pk, _, ends, level, _, _) in enumerate(classes):
        flags[Facet.LEVEL.value, level][rank] = 1
        if ends is not None:
            retires_at[pk] = ends
            flags[(GONE,)][rank] = ends <= gone_at
    flags[(PUBLISHED,)] = bytearray(row[2] for row in classes)

    _put_terms(flags, rows.terms, terms, rank_of)
    films, seconds = _films(flags, rows.films, rank_of, cells)
    comments = array("I", (row[5] for row in classes))

    sets = {key: bits.from_flags(column) for key, column in flags.items()}
    checked_at = array("q", (row[6] for row in classes))
    for moment in set(terms.defined_at.values()):
        checked = bits.from_flags(bytes(map(moment.__le__, checked_at)))
        for slug, defined_at in terms.defined_at.items():
            if defined_at == moment:
                sets[CHECKED, slug] = checked
    for place, plane in enumerate(bits.planes_of(comments)):
        sets[COMMENTS, place] = plane
    for kind, values in seconds.items():
        for place, plane in enumerate(bits.planes_of(values)):
            sets[SECONDS, *kind, place] = plane
    return Index(terms, places, sets, films, comments, retires_at, gone_at)


class _Columns(dict[tuple[str, int], bytearray]):
    """The flags of a term by its kind and id; of one that nobody knows, flags that lead nowhere."""

    def __init__(self, flags: dict[Key, bytearray], terms: Terms) -> None:
        super().__init__()
        self.flags = flags
        self.terms = terms

    def __missing__(self, term: tuple[str, int]) -> bytearray:
        slug = self.terms.slugs.get(term)
        # It was made a moment ago, and whoever reads it again will know it.
        column = self.flags[term[0], slug] if slug else bytearray(len(self.flags[(PUBLISHED,)]))
        self[term] = column
        return column


def _put_terms(
    flags: dict[Key, bytearray],
    rows: Iterable[TermRow],
    terms: Terms,
    rank_of: Mapping[int, int],
) -> None:
    columns = _Columns(flags, terms)
    for kind, class_id, term_id in rows:
        rank = rank_of.get(class_id)
        if rank is not None:
            columns[kind, term_id][rank] = 1


def _films(
    flags: dict[Key, bytearray],
    rows: Iterable[FilmRow],
    rank_of: Mapping[int, int],
    cells: Sequence[Cell],
) -> tuple[Films, Mapping[tuple[str, str], "array[int]"]]:
    """The films, and by tempo and language the whole seconds of the film of each class."""
    size = len(rank_of)
    codes = {cell: code for code, cell in enumerate(cells)}
    first, number = array("I", bytes(4 * size)), array("H", bytes(2 * size))
    variant_ids, cell_of, lengths = array("q"), array("H"), array("q")
    seconds: dict[tuple[str, str], array[int]] = defaultdict(lambda: array("I", bytes(4 * size)))
    for class_id, variant_id, tempo, language, length in rows:
        rank = rank_of.get(class_id)
        if rank is None:
            continue
        if not number[rank]:
            first[rank] = len(variant_ids)
        number[rank] += 1
        cell = Cell(tempo, language, band_of(length))
        variant_ids.append(variant_id)
        cell_of.append(codes.setdefault(cell, len(codes)))
        lengths.append(-1 if length is None else length)
        flags[FILM, tempo, language, cell.band][rank] = 1
        if length is not None:
            whole, rest = divmod(length, SECOND)
            seconds[tempo, language][rank] = min(max(whole, 0), _MOST_SECONDS)
            if rest:
                flags[UNEVEN, tempo, language][rank] = 1
    return Films(tuple(codes), first, number, variant_ids, cell_of, lengths), seconds


_BAND_VALUES = list(BANDS)
_BAND_STARTS = [band.at_least // _MICROSECOND for band in BANDS.values()]


def band_of(length: int | None) -> str:
    return "" if length is None else _BAND_VALUES[bisect_right(_BAND_STARTS, length) - 1]
