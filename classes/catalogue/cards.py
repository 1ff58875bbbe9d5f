"""What the card of a class shows, wherever there are cards: plain data from one flat query."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import NamedTuple, Protocol, runtime_checkable
from uuid import UUID

from django.utils.translation import gettext as _

from classes.addresses import address_of
from classes.body.vouching import vouched_taggings
from classes.languages import is_studio_language, own_name
from classes.models import Level, Tempo, WorkoutClass
from classes.models.video import address_of_picture
from classes.prepared import NOW, Prepared, lasting, uuid_of
from classes.templatetags.pictures import Renditions

from .answers import Catalogue, Hit
from .facets import Facet


@dataclass(frozen=True)
class Note:
    """A word on the poster. `language` is that of the word where it is not the reader's."""

    text: str
    language: str = ""


class Poster(NamedTuple):
    """A picture as far as a card shows it, which costs a tenth of the model's."""

    address: str
    width: int
    height: int
    widths: Sequence[int]


class Film(NamedTuple):
    """A film that can be watched."""

    variant_id: int
    tempo: str
    language: str
    duration: timedelta | None
    poster: Renditions | None


@dataclass(frozen=True)
class Card:
    """`film` is the one whose length and link the card has; None while none is ready."""

    class_id: int
    title: str
    slug: str
    level: str
    is_free: bool
    comment_count: int
    poster: Renditions | None  # what a curator chose
    film: Film | None
    first_film_id: int | None  # id of the variant at the class's own address
    instructors: tuple[str, ...]
    focus_tags: tuple[str, ...]  # in the reader's language, and only what is vouched for

    @property
    def url(self) -> str:
        if self.film is None or self.film.variant_id == self.first_film_id:
            return address_of("classes:detail", self.slug)
        return address_of("classes:variant", self.slug, self.film.tempo, self.film.language)

    @property
    def picture(self) -> Renditions | None:
        """The curator's poster, else a frame of the film that the card leads to."""
        return self.poster or (self.film.poster if self.film else None)

    @property
    def level_label(self) -> str:
        return str(Level(self.level).label)

    @property
    def notes(self) -> list[Note]:
        """What tells this film from the usual one, and whether it costs nothing."""
        notes = [Note(_("Free"))] if self.is_free else []
        if self.film and self.film.tempo != Tempo.WORKOUT:
            notes.append(Note(str(Tempo(self.film.tempo).label)))
        if self.film and not is_studio_language(self.film.language):
            notes.append(Note(own_name(self.film.language), self.film.language))
        return notes


def cards_for_hits(catalogue: Catalogue, hits: Sequence[Hit]) -> dict[Hit, Card]:
    """Cards in the order of the hits: one query for every thirty classes, and two more where the
    catalogue knows no names.

    A class that is no longer listed has none. Where the film of a hit is gone, or none was named,
    the card has the class's first.
    """
    if not hits:
        return {}
    class_ids = [hit.class_id for hit in hits]
    classes = _read(class_ids)
    names = names_of(catalogue, class_ids)
    labels = focus_labels(catalogue)
    return {
        hit: _card(classes[hit.class_id], hit.variant_id, names[hit.class_id], labels)
        for hit in hits
        if hit.class_id in classes
    }


# --- Classes with their films -------------------------------------------------------------------


class _Row(NamedTuple):
    """A class with one of its variants; with None where there is none, or without its film.

    As the database gives it (`classes.prepared`): of most rows a page needs but some columns.
    """

    class_id: int
    title: str
    slug: str
    level: str
    is_free: bool
    comment_count: int
    poster_id: UUID | str | None
    poster_width: int | None
    poster_height: int | None
    poster_widths: str | None  # JSON
    variant_id: int | None
    video_id: UUID | str | None
    tempo: str
    language: str
    duration: timedelta | int | None
    frame_id: UUID | str | None
    frame_width: int | None
    frame_height: int | None
    frame_widths: str | None

    @property
    def preference(self) -> tuple[bool, bool, str]:
        """What `Variant.preference` says."""
        return (not is_studio_language(self.language), self.tempo != Tempo.WORKOUT, self.language)


_MOST = 30  # the cards of a page, and some beside them
_FRAME = "variants__video__poster"
_COLUMNS = (
    *("pk", "title", "slug", "level", "is_free", "comment_count"),
    *("poster_id", "poster__width", "poster__height", "poster__widths"),
    *("variants__pk", "variants__video_id", "variants__tempo", "variants__language"),
    "variants__video__duration",
    *(f"{_FRAME}_id", f"{_FRAME}__width", f"{_FRAME}__height", f"{_FRAME}__widths"),
)
_ROWS = Prepared(
    lambda *class_ids: (
        WorkoutClass.objects.listed(NOW).filter(pk__in=class_ids).order_by().values_list(*_COLUMNS)
    ),
    _MOST,
)


def _read(class_ids: Iterable[int]) -> dict[int, list[_Row]]:
    """The rows of each listed class, one for each of its variants."""
    asked = list(dict.fromkeys(class_ids))
    found: dict[int, list[_Row]] = {}
    for start in range(0, len(asked), _MOST):
        some = asked[start : start + _MOST]
        # The same question for any number: the last one is asked for again and again.
        for row in _ROWS.rows(*some, *some[-1:] * (_MOST - len(some))):
            found.setdefault(row[0], []).append(_Row._make(row))
    return found


def _card(
    rows: list[_Row], variant_id: int | None, names: "Names", labels: Mapping[str, str]
) -> Card:
    films = [row for row in rows if row.video_id]
    if len(films) > 1:
        films.sort(key=lambda row: row.preference)
    first = films[0] if films else None
    film = next((each for each in films if each.variant_id == variant_id), first)
    row = rows[0]
    return Card(
        class_id=row.class_id,
        title=row.title,
        slug=row.slug,
        level=row.level,
        is_free=bool(row.is_free),
        comment_count=row.comment_count,
        poster=_picture(row.poster_id, row.poster_width, row.poster_height, row.poster_widths),
        film=_film(film) if film else None,
        first_film_id=first.variant_id if first else None,
        instructors=names.instructors,
        focus_tags=tuple(labels[slug] for slug in names.focus_tags if slug in labels),
    )


def _film(row: _Row) -> Film | None:
    if row.variant_id is None:
        return None
    frame = _picture(row.frame_id, row.frame_width, row.frame_height, row.frame_widths)
    return Film(row.variant_id, row.tempo, row.language, lasting(row.duration), frame)


def _picture(
    pk: UUID | str | None, width: int | None, height: int | None, widths: str | None
) -> Poster | None:
    if pk is None or width is None or height is None or widths is None:
        return None
    return Poster(address_of_picture(uuid_of(pk)), width, height, _widths(widths))


@lru_cache(maxsize=100)  # most pictures have the same
def _widths(text: str) -> tuple[int, ...]:
    return tuple(json.loads(text))


# --- Names of people and tags -------------------------------------------------------------------


class Names(NamedTuple):
    """Of one class: who teaches it, and slugs of the tags that are vouched for; in order."""

    instructors: tuple[str, ...] = ()
    focus_tags: tuple[str, ...] = ()


@runtime_checkable
class KnowsNames(Protocol):
    """A catalogue that has the names of a class without a query, in the studio's order."""

    def instructors_of(self, class_id: int) -> Sequence[tuple[str, str]]:
        """Slug and name."""

    def vouched_tags_of(self, class_id: int) -> Sequence[str]:
        """Slugs."""


def names_of(catalogue: Catalogue, class_ids: Sequence[int]) -> Mapping[int, Names]:
    """Names by class, from the catalogue or else by two queries."""
    if isinstance(catalogue, KnowsNames):
        return {
            class_id: Names(
                tuple(name for _slug, name in catalogue.instructors_of(class_id)),
                tuple(catalogue.vouched_tags_of(class_id)),
            )
            for class_id in class_ids
        }
    return read_names(class_ids)


def focus_labels(catalogue: Catalogue) -> dict[str, str]:
    """In the reader's language, by slug."""
    return {option.value: option.label for option in catalogue.vocabulary.options[Facet.FOCUS]}


def read_names(class_ids: Sequence[int]) -> Mapping[int, Names]:
    people: dict[int, list[str]] = {}
    teaching = WorkoutClass.instructors.through.objects.filter(workoutclass_id__in=class_ids)
    teaching = teaching.order_by("instructor__position", "instructor__name")
    for class_id, name in teaching.values_list("workoutclass_id", "instructor__name"):
        people.setdefault(class_id, []).append(name)
    tags: dict[int, list[str]] = {}
    tagged = vouched_taggings().filter(workoutclass_id__in=class_ids)
    tagged = tagged.order_by("focustag__position", "focustag__name")
    for class_id, slug in tagged.values_list("workoutclass_id", "focustag__slug"):
        tags.setdefault(class_id, []).append(slug)
    return {pk: Names(tuple(people.get(pk, ())), tuple(tags.get(pk, ()))) for pk in class_ids}
