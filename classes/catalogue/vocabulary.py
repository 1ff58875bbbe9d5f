"""What may be chosen: the options of every facet, as plain data in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import CharField, F, JSONField, QuerySet, Value
from django.utils.translation import gettext as _

from classes.languages import canonical_tag, own_name
from classes.models import (
    Apparatus,
    FocusTag,
    FormerSlug,
    Instructor,
    Level,
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
class Vocabulary:
    options: Mapping[Facet, tuple[Option, ...]]
    # Addresses are promises: a value that a page had before it moved still means that page.
    moved: Mapping[tuple[Facet, str], str] = field(default_factory=dict)

    def find(self, facet: Facet, text: str) -> Option | None:
        """The option that a value in an address means, if it means one."""
        value = self.moved.get((facet, text), text)
        if facet is Facet.LANGUAGE:
            try:
                value = canonical_tag(text)
            except ValueError:
                return None
        return next((option for option in self.options[facet] if option.value == value), None)


def read_vocabulary() -> Vocabulary:
    """One query, whatever there is to choose from.

    Languages are those in which a listed class has a film.
    """
    rows = _terms(Facet.FOCUS, FocusTag.objects.all()).union(
        _terms(Facet.APPARATUS, Apparatus.objects.all()),
        _terms(Facet.PROP, Prop.objects.all()),
        _people(),
        _spoken_languages(),
        _former(Facet.FOCUS, "focustag"),
        _former(Facet.INSTRUCTOR, "instructor"),
        all=True,
    )
    found: dict[Facet, list[Option]] = {facet: [] for facet in Facet}
    addresses: dict[tuple[Facet, int], str] = {}
    former: list[tuple[Facet, int, str]] = []
    for kind, pk, value, name, names, _position in sorted(rows, key=lambda row: (row[5], row[3])):
        if kind.startswith(_FORMER):
            former.append((Facet(kind.removeprefix(_FORMER)), pk, value))
            continue
        facet = Facet(kind)
        addresses[facet, pk] = value
        if facet is Facet.LANGUAGE:
            found[facet].append(Option(value, own_name(value), language=value))
        else:
            found[facet].append(Option(value, in_reader_language(name, names)))
    found[Facet.SHOW] = [
        *(Option(tempo.value, str(tempo.label)) for tempo in Tempo),
        Option(OTHER_LANGUAGES, _("Other Languages")),
    ]
    found[Facet.LEVEL] = [Option(level.value, str(level.label)) for level in Level]
    found[Facet.LENGTH] = [Option(band.value, band.label) for band in BANDS.values()]
    return Vocabulary(
        options={facet: tuple(options) for facet, options in found.items()},
        moved={
            (facet, slug): addresses[facet, pk]
            for facet, pk, slug in former
            if (facet, pk) in addresses
        },
    )


# Rows of one shape, so that one query brings them all.
_COLUMNS = ("kind", "pk", "slug", "name", "names", "position")
_FORMER = "former "
_NO_NAMES = Value({}, JSONField())


def _kind(text: str) -> Value:
    return Value(text, CharField())


def _terms(facet: Facet, terms: QuerySet) -> QuerySet:
    return terms.order_by().annotate(kind=_kind(facet)).values_list(*_COLUMNS)


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
