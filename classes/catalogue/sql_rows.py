"""Which classes, and which of their films, a state of the catalogue asks for: as querysets."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    Case,
    CharField,
    Count,
    Func,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.sql.compiler import SQLCompiler

from classes.body.vouching import Tagging, contradicting_taggings, vouched_taggings
from classes.models import Movement, Variant, WorkoutClass

from .answers import Found
from .choices import Choices
from .facets import BANDS, OF_A_FILM, OTHER_LANGUAGES, Band, Facet

Contained = WorkoutClass.movements.through
OnApparatus = WorkoutClass.apparatus.through
# Facets whose options are rows of their own: the table between, and its column for them.
RELATED: tuple[tuple[Facet, Any, str], ...] = (
    (Facet.APPARATUS, OnApparatus, "apparatus"),
    (Facet.PROP, WorkoutClass.props.through, "prop"),
    (Facet.INSTRUCTOR, WorkoutClass.instructors.through, "instructor"),
)


@dataclass(frozen=True)
class Asked:
    """A state of the catalogue with what the search found for its words."""

    choices: Choices
    found: Found | None = None

    def classes(
        self, *, besides: Facet | None = None, may_be_unchecked: bool = False
    ) -> QuerySet[WorkoutClass]:
        """Listed classes that satisfy everything chosen, `besides` set aside.

        `may_be_unchecked` takes a focus tag at its word where nobody has checked the class.
        """
        classes = self.but_for_avoids(besides=besides, may_be_unchecked=may_be_unchecked)
        if self.choices.unchecked:
            return unchecked(classes, self.choices.avoids)
        if not self.choices.avoids:
            return classes
        return without(classes, self.choices.avoids).filter(
            pk__in=checked_for(self.choices.avoids).values("pk")
        )

    def but_for_avoids(
        self, *, besides: Facet | None = None, may_be_unchecked: bool = False
    ) -> QuerySet[WorkoutClass]:
        """The same, whatever they contain."""
        choices = self.choices
        classes = WorkoutClass.objects.listed().order_by()
        if choices.q:
            classes = classes.filter(pk__in=Ids(self.found_ids))
        if choices.done:
            classes = classes.exclude(pk__in=Ids(choices.done))
        if choices.level and besides is not Facet.LEVEL:
            classes = classes.filter(level__in=choices.level)
        for facet, through, name in RELATED:
            if choices.of(facet) and besides is not facet:
                rows = through.objects.filter(**{f"{name}__slug__in": choices.of(facet)})
                classes = classes.filter(pk__in=rows.values("workoutclass_id"))
        if choices.focus:
            taggings = _not_contradicted() if may_be_unchecked else vouched_taggings()
            classes = classes.filter(pk__in=_of_all(choices.focus, taggings))
        if any(choices.of(facet) for facet in OF_A_FILM):
            films = Variant.objects.ready().filter(film_filter(choices))
            classes = classes.filter(pk__in=films.values("workout_class_id"))
        return classes

    def films(self, *, besides: Facet) -> QuerySet[Variant]:
        """Ready films that satisfy what is chosen, of classes that do; `besides` is set aside."""
        of_any_film = replace(self, choices=self.choices.choosing(dict.fromkeys(OF_A_FILM, ())))
        return (
            Variant.objects.ready()
            .filter(
                film_filter(self.choices, besides=besides),
                workout_class__in=of_any_film.classes(),
            )
            .order_by()
        )

    @property
    def found_ids(self) -> Sequence[int]:
        if self.found is None:
            raise ValueError("Words were asked for, but not what the search found for them.")
        return self.found.class_ids


def without(classes: QuerySet[WorkoutClass], slugs: Sequence[str]) -> QuerySet[WorkoutClass]:
    containing = Contained.objects.filter(movement__slug__in=slugs)
    return classes.exclude(pk__in=containing.values("workoutclass_id"))


def checked_for(slugs: Sequence[str]) -> QuerySet[WorkoutClass]:
    """Classes at which a person looked since each of these movements was defined.

    None where one of them is not known: nobody can have looked for it.
    """
    latest = (
        Movement.objects.filter(slug__in=slugs)
        .order_by()
        .values(together=text(""))
        .annotate(number=Count("pk"), latest=Max("defined_at"))
        .filter(number=len(set(slugs)))
    )
    return WorkoutClass.objects.order_by().filter(
        checked_by__isnull=False, checked_at__gte=Subquery(latest.values("latest"))
    )


def unchecked(classes: QuerySet[WorkoutClass], slugs: Sequence[str]) -> QuerySet[WorkoutClass]:
    """Those left out only because nobody has checked them for all of these; none for nothing."""
    if not slugs:
        return classes.none()
    return without(classes, slugs).exclude(pk__in=checked_for(slugs).values("pk"))


def _not_contradicted() -> QuerySet:
    return Tagging.objects.exclude(pk__in=contradicting_taggings().values("pk"))


def _of_all(slugs: Sequence[str], taggings: QuerySet) -> QuerySet:
    """Ids of the classes that have every tag among `taggings`.

    Counted, not asked tag by tag: twenty tags in an address took seconds that way.
    """
    return (
        taggings.filter(focustag__slug__in=slugs)
        .values("workoutclass_id")
        .annotate(number=Count("pk"))
        .filter(number=len(slugs))
        .values("workoutclass_id")
    )


class Ids(Func):
    """Ids as rows, in one parameter: a word may be in more classes than a query has places."""

    template = "(SELECT value FROM json_each(%(expressions)s))"

    def __init__(self, class_ids: Sequence[int]) -> None:
        super().__init__(text(json.dumps(list(class_ids))))

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        rows = "(SELECT value::bigint FROM json_array_elements_text(%(expressions)s::json))"
        return self.as_sql(compiler, connection, template=rows, **context)


def first_film(wanted: Q | None = None, *, of: str = "pk") -> QuerySet[Variant]:
    """The film that a card shows, for a subquery: the first ready one that is wanted."""
    films = Variant.objects.ready().filter(wanted or Q(), workout_class=OuterRef(of))
    return films.order_by(*Variant.by_preference())[:1]


def film_filter(choices: Choices, *, besides: Facet | None = None) -> Q:
    """What one film must satisfy: each of the three facets, in any of its chosen values."""
    wanted = Q()
    if choices.language and besides is not Facet.LANGUAGE:
        wanted &= Q(language__in=choices.language)
    if choices.length and besides is not Facet.LENGTH:
        wanted &= _any(in_band(BANDS[value]) for value in choices.length)
    if choices.show and besides is not Facet.SHOW:
        wanted &= _any(
            ~Variant.in_studio_language() if value == OTHER_LANGUAGES else Q(tempo=value)
            for value in choices.show
        )
    return wanted


def in_band(band: Band, column: str = "video__duration") -> Q:
    within = Q(**{f"{column}__gte": band.at_least})
    return within & Q(**{f"{column}__lt": band.below}) if band.below else within


def band_of(column: str = "video__duration") -> Case:
    return Case(
        *(When(in_band(band, column), then=text(value)) for value, band in BANDS.items()),
        output_field=CharField(),
    )


def text(value: str) -> Value:
    return Value(value, CharField())


def _any(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions)
