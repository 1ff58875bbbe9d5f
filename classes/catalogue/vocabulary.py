"""What may be chosen: the options of every facet and what may be avoided, as plain data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Self

from django.db.models import CharField, F, JSONField, QuerySet, Value
from django.utils.translation import gettext as _

from classes.languages import canonical_tag, own_name
from classes.models import (
    Apparatus,
    AvoidSet,
    FocusTag,
    FormerSlug,
    Instructor,
    Level,
    Movement,
    Prop,
    Tempo,
    Variant,
    WorkoutClass,
)
from classes.models.terms import in_reader_language

from .facets import BANDS, OTHER_LANGUAGES, Facet


@dataclass(frozen=True)
class Option:
    """One value of a facet. `language` is that of its label where it is not the reader's."""

    value: str
    label: str
    language: str = ""


@dataclass(frozen=True)
class AvoidSetOption:
    """A starter set that avoids something; `movements` are slugs, in the studio's order."""

    value: str
    label: str
    movements: tuple[str, ...]


@dataclass(frozen=True)
class Vocabulary:
    options: Mapping[Facet, tuple[Option, ...]]
    # Addresses are promises: a value that a page had before it moved still means that page.
    moved: Mapping[tuple[Facet, str], str] = field(default_factory=dict)
    movements: tuple[Option, ...] = ()
    avoid_sets: tuple[AvoidSetOption, ...] = ()

    def find(self, facet: Facet, text: str) -> Option | None:
        """The option that a value in an address means, if it means one."""
        value = self.moved.get((facet, text), text)
        if facet is Facet.LANGUAGE:
            try:
                value = canonical_tag(text)
            except ValueError:
                return None
        return next((option for option in self.options[facet] if option.value == value), None)

    def find_movement(self, text: str) -> Option | None:
        """The movement that a value of `avoid` means, if it means one."""
        return next((option for option in self.movements if option.value == text), None)


class TermRow(NamedTuple):
    """A row of the one query. `pk` is that of what the row is about, or belongs to."""

    kind: str
    pk: int
    slug: str
    name: str
    names: dict[str, str]
    position: int


@dataclass(frozen=True)
class VocabularyRows:
    """The vocabulary before it is put into a language: what an index keeps, to ask no query.

    `spoken` are the languages in which a class had a film that was listed when this was read.
    """

    rows: tuple[TermRow, ...]  # in the studio's order
    spoken: tuple[str, ...]

    @classmethod
    def read(cls) -> Self:
        """One query, whatever there is to choose from."""
        first, *others = _sources()
        found = (TermRow(*row) for row in first.union(*others, all=True))
        rows = sorted(found, key=lambda row: (row.position, row.name, row.pk))
        return cls(
            tuple(row for row in rows if row.kind != Facet.LANGUAGE),
            tuple(row.slug for row in rows if row.kind == Facet.LANGUAGE),
        )

    def in_language(self, spoken: Iterable[str] | None = None) -> Vocabulary:
        """The vocabulary in the active language. Runs no query.

        `spoken` stands for the languages that were read: a class that is published as time goes
        by may bring another.
        """
        languages = self.spoken if spoken is None else sorted(spoken)
        addresses = {(row.kind, row.pk): row.slug for row in self.rows}
        return Vocabulary(
            options={
                **{facet: tuple(self._options(facet)) for facet in Facet},
                Facet.SHOW: (
                    *(Option(tempo.value, str(tempo.label)) for tempo in Tempo),
                    Option(OTHER_LANGUAGES, _("Other Languages")),
                ),
                Facet.LEVEL: tuple(Option(level.value, str(level.label)) for level in Level),
                Facet.LENGTH: tuple(Option(band.value, band.label) for band in BANDS.values()),
                Facet.LANGUAGE: tuple(
                    Option(code, own_name(code), language=code) for code in languages
                ),
            },
            moved={
                (facet, row.slug): address
                for facet in Facet
                for row in self._of(_FORMER + facet)
                if (address := addresses.get((facet.value, row.pk)))
            },
            movements=tuple(self._options(_MOVEMENT)),
            avoid_sets=tuple(self._avoid_sets()),
        )

    def _of(self, kind: str) -> Iterable[TermRow]:
        return (row for row in self.rows if row.kind == kind)

    def _options(self, kind: str) -> Iterable[Option]:
        return (Option(row.slug, in_reader_language(row.name, row.names)) for row in self._of(kind))

    def _avoid_sets(self) -> Iterable[AvoidSetOption]:
        movements: dict[int, list[str]] = {}
        for row in self._of(_IN_AVOID_SET):
            movements.setdefault(row.pk, []).append(row.slug)
        for row in self._of(_AVOID_SET):
            if row.pk in movements:  # one that avoids nothing is no help
                label = in_reader_language(row.name, row.names)
                yield AvoidSetOption(row.slug, label, tuple(movements[row.pk]))


# Rows of one shape, so that one query brings them all.
_COLUMNS = ("kind", "pk", "slug", "name", "names", "position")
_MOVEMENT = "movement"
_AVOID_SET = "avoid set"
_IN_AVOID_SET = "in avoid set"
_FORMER = "former "
_NO_NAMES = Value({}, JSONField())


def _sources() -> list[QuerySet]:
    return [
        _terms(Facet.FOCUS, FocusTag.objects.all()),
        _terms(Facet.APPARATUS, Apparatus.objects.all()),
        _terms(Facet.PROP, Prop.objects.all()),
        _terms(_MOVEMENT, Movement.objects.all()),
        _terms(_AVOID_SET, AvoidSet.objects.all()),
        _in_avoid_sets(),
        _people(),
        _spoken_languages(),
        _former(Facet.FOCUS, "focustag"),
        _former(Facet.INSTRUCTOR, "instructor"),
    ]


def _kind(text: str) -> Value:
    return Value(text, CharField())


def _terms(kind: str, terms: QuerySet) -> QuerySet:
    return terms.order_by().annotate(kind=_kind(kind)).values_list(*_COLUMNS)


def _in_avoid_sets() -> QuerySet:
    rows: QuerySet = AvoidSet.movements.through.objects.order_by()
    return (
        rows.annotate(kind=_kind(_IN_AVOID_SET), names=_NO_NAMES)
        .values_list("kind", "avoidset_id", "movement__slug", "movement__name", "names")
        .annotate(position=F("movement__position"))
    )


def _people() -> QuerySet:
    people = Instructor.objects.order_by()
    return people.annotate(kind=_kind(Facet.INSTRUCTOR), names=_NO_NAMES).values_list(*_COLUMNS)


def _spoken_languages() -> QuerySet:
    films = Variant.objects.ready().filter(workout_class__in=WorkoutClass.objects.listed())
    return (
        films.order_by()
        .annotate(kind=_kind(Facet.LANGUAGE), no=Value(0), names=_NO_NAMES)
        .values_list("kind", "no", "language", F("language"), "names", "no")
        .distinct()
    )


def _former(facet: Facet, model: str) -> QuerySet:
    return (
        FormerSlug.objects.filter(content_type__app_label="classes", content_type__model=model)
        .annotate(kind=_kind(_FORMER + facet), name=F("slug"), names=_NO_NAMES, no=Value(0))
        .values_list("kind", "object_id", "slug", "name", "names", "no")
    )
