"""The catalogue's answers by plain SQL: exact at any moment, and no faster than that.

Members are answered from memory (`bitmaps`); this is asked while the memory is not up to date, and
judges it in the tests. `listed()` is where every query starts, and a focus tag is what
`vouched_taggings()` says.
"""

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
    F,
    Func,
    IntegerField,
    Max,
    OrderBy,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce, Least, RowNumber
from django.db.models.sql.compiler import SQLCompiler
from django.utils.translation import get_language

from classes.body.vouching import Tagging, contradicting_taggings, vouched_taggings
from classes.models import Movement, Variant, WorkoutClass

from .answers import PAGE_SIZE, Counts, Found, Hit, LeftOut, Similar, Version
from .choices import Choices, Sort
from .facets import BANDS, OF_A_FILM, OTHER_LANGUAGES, Band, Facet
from .vocabulary import Vocabulary, VocabularyRows

_Contained = WorkoutClass.movements.through
_OnApparatus = WorkoutClass.apparatus.through
# Facets whose options are rows of their own: the table between, and its column for them.
_RELATED: tuple[tuple[Facet, Any, str], ...] = (
    (Facet.APPARATUS, _OnApparatus, "apparatus"),
    (Facet.PROP, WorkoutClass.props.through, "prop"),
    (Facet.INSTRUCTOR, WorkoutClass.instructors.through, "instructor"),
)


class SqlCatalogue:
    """What the database says now. `version` is only passed on: nothing is kept but the vocabulary.

    Every method runs one query, a page by relevance two, `similar` four; `vocabulary` runs one
    when it is first asked for.
    """

    def __init__(self, version: Version) -> None:
        self.version = version
        self._rows: VocabularyRows | None = None
        self._vocabularies: dict[str | None, Vocabulary] = {}

    @property
    def vocabulary(self) -> Vocabulary:
        if self._rows is None:
            self._rows = VocabularyRows.read()
        language = get_language()
        if language not in self._vocabularies:
            self._vocabularies[language] = self._rows.in_language()
        return self._vocabularies[language]

    def count(self, choices: Choices, found: Found | None = None) -> Counts:
        asked = _Asked(choices, found)
        rows = _united(_counters(asked))
        total = rows.get(_TOTAL, {}).get("", 0)
        return Counts(
            total=total,
            options={facet: rows.get(facet, {}) for facet in Facet},
            unchecked=rows.get(_CARRYING, {}).get("", total) - total,
            left_out=LeftOut(
                containing=rows.get(_CONTAINING, {}).get("", 0),
                unchecked=rows.get(_UNCHECKED, {}).get("", 0),
            ),
        )

    def page(self, choices: Choices, number: int, found: Found | None = None) -> tuple[Hit, ...]:
        asked = _Asked(choices, found)
        start = (number - 1) * PAGE_SIZE
        film = _first_film(_film_filter(choices))
        classes = asked.classes()
        if choices.sort is Sort.RELEVANCE and choices.q:
            # Found by words, they stand in an order that the database does not know.
            suitable = set(classes.values_list("pk", flat=True))
            best_first = [pk for pk in asked.found_ids if pk in suitable]
            on_page = best_first[start : start + PAGE_SIZE]
            films = dict(
                WorkoutClass.objects.filter(pk__in=on_page)
                .order_by()
                .values_list("pk", Subquery(film.values("pk")))
            )
            return tuple(Hit(pk, films[pk]) for pk in on_page)
        if choices.sort in (Sort.SHORTEST, Sort.LONGEST):
            classes = classes.annotate(film_length=Subquery(film.values("video__duration")))
        rows = (
            classes.annotate(film=Subquery(film.values("pk")))
            .order_by(*_order(choices.sort), "-published_at", "-pk")
            .values_list("pk", "film")
        )
        return tuple(Hit(*row) for row in rows[start : start + PAGE_SIZE])

    def count_each(self, states: Sequence[Choices], found: Found | None = None) -> list[int]:
        if not states:
            return []
        counters = [
            _counted(str(place), _Asked(state, found).classes().values(option=_text("")))
            for place, state in enumerate(states)
        ]
        rows = _united(counters)
        return [rows.get(str(place), {}).get("", 0) for place in range(len(states))]

    def newest_by_focus(
        self, slugs: Sequence[str], size: int, avoids: Sequence[str] = ()
    ) -> dict[str, list[Hit]]:
        newest_first = [F("workoutclass__published_at").desc(), F("workoutclass_id").desc()]
        place = Window(RowNumber(), partition_by=F("focustag_id"), order_by=newest_first)
        classes = _Asked(Choices(avoid=tuple(avoids)))
        rows = (
            vouched_taggings()
            .filter(focustag__slug__in=slugs, workoutclass__in=classes.classes())
            .annotate(place=place, film=Subquery(_first_film(of="workoutclass_id").values("pk")))
            .filter(place__lte=size)
            .order_by("place")
            .values_list("focustag__slug", "workoutclass_id", "film")
        )
        hits: dict[str, list[Hit]] = {slug: [] for slug in slugs}
        for slug, class_id, film in rows:
            hits[slug].append(Hit(class_id, film))
        return hits

    def similar(self, class_id: int, size: int, avoids: Sequence[str] = ()) -> tuple[Similar, ...]:
        return _similar(class_id, size, avoids)


# --- Which classes, which films -----------------------------------------------------------------


@dataclass(frozen=True)
class _Asked:
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
            return _unchecked(classes, self.choices.avoids)
        if not self.choices.avoids:
            return classes
        return _without(classes, self.choices.avoids).filter(
            pk__in=_checked_for(self.choices.avoids).values("pk")
        )

    def but_for_avoids(
        self, *, besides: Facet | None = None, may_be_unchecked: bool = False
    ) -> QuerySet[WorkoutClass]:
        """The same, whatever they contain."""
        choices = self.choices
        classes = WorkoutClass.objects.listed().order_by()
        if choices.q:
            classes = classes.filter(pk__in=_Ids(self.found_ids))
        if choices.level and besides is not Facet.LEVEL:
            classes = classes.filter(level__in=choices.level)
        for facet, through, name in _RELATED:
            if choices.of(facet) and besides is not facet:
                rows = through.objects.filter(**{f"{name}__slug__in": choices.of(facet)})
                classes = classes.filter(pk__in=rows.values("workoutclass_id"))
        if choices.focus:
            taggings = _not_contradicted() if may_be_unchecked else vouched_taggings()
            classes = classes.filter(pk__in=_of_all(choices.focus, taggings))
        if any(choices.of(facet) for facet in OF_A_FILM):
            films = Variant.objects.ready().filter(_film_filter(choices))
            classes = classes.filter(pk__in=films.values("workout_class_id"))
        return classes

    def films(self, *, besides: Facet) -> QuerySet[Variant]:
        """Ready films that satisfy what is chosen, of classes that do; `besides` is set aside."""
        of_any_film = replace(self, choices=self.choices.choosing(dict.fromkeys(OF_A_FILM, ())))
        return (
            Variant.objects.ready()
            .filter(
                _film_filter(self.choices, besides=besides),
                workout_class__in=of_any_film.classes(),
            )
            .order_by()
        )

    @property
    def found_ids(self) -> Sequence[int]:
        if self.found is None:
            raise ValueError("Words were asked for, but not what the search found for them.")
        return self.found.class_ids


def _without(classes: QuerySet[WorkoutClass], slugs: Sequence[str]) -> QuerySet[WorkoutClass]:
    containing = _Contained.objects.filter(movement__slug__in=slugs)
    return classes.exclude(pk__in=containing.values("workoutclass_id"))


def _checked_for(slugs: Sequence[str]) -> QuerySet[WorkoutClass]:
    """Classes at which a person looked since each of these movements was defined.

    None where one of them is not known: nobody can have looked for it.
    """
    latest = (
        Movement.objects.filter(slug__in=slugs)
        .order_by()
        .values(together=_text(""))
        .annotate(number=Count("pk"), latest=Max("defined_at"))
        .filter(number=len(set(slugs)))
    )
    return WorkoutClass.objects.order_by().filter(
        checked_by__isnull=False, checked_at__gte=Subquery(latest.values("latest"))
    )


def _unchecked(classes: QuerySet[WorkoutClass], slugs: Sequence[str]) -> QuerySet[WorkoutClass]:
    """Those left out only because nobody has checked them for all of these; none for nothing."""
    if not slugs:
        return classes.none()
    return _without(classes, slugs).exclude(pk__in=_checked_for(slugs).values("pk"))


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


class _Ids(Func):
    """Ids as rows, in one parameter: a word may be in more classes than a query has places."""

    template = "(SELECT value FROM json_each(%(expressions)s))"

    def __init__(self, class_ids: Sequence[int]) -> None:
        super().__init__(_text(json.dumps(list(class_ids))))

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        rows = "(SELECT value::bigint FROM json_array_elements_text(%(expressions)s::json))"
        return self.as_sql(compiler, connection, template=rows, **context)


def _first_film(wanted: Q | None = None, *, of: str = "pk") -> QuerySet[Variant]:
    """The film that a card shows, for a subquery: the first ready one that is wanted."""
    films = Variant.objects.ready().filter(wanted or Q(), workout_class=OuterRef(of))
    return films.order_by(*Variant.by_preference())[:1]


def _film_filter(choices: Choices, *, besides: Facet | None = None) -> Q:
    """What one film must satisfy: each of the three facets, in any of its chosen values."""
    wanted = Q()
    if choices.language and besides is not Facet.LANGUAGE:
        wanted &= Q(language__in=choices.language)
    if choices.length and besides is not Facet.LENGTH:
        wanted &= _any(_in_band(BANDS[value]) for value in choices.length)
    if choices.show and besides is not Facet.SHOW:
        wanted &= _any(
            ~Variant.in_studio_language() if value == OTHER_LANGUAGES else Q(tempo=value)
            for value in choices.show
        )
    return wanted


def _in_band(band: Band, column: str = "video__duration") -> Q:
    within = Q(**{f"{column}__gte": band.at_least})
    return within & Q(**{f"{column}__lt": band.below}) if band.below else within


def _band_of(column: str = "video__duration") -> Case:
    return Case(
        *(When(_in_band(band, column), then=_text(value)) for value, band in BANDS.items()),
        output_field=CharField(),
    )


# --- Counting and order -------------------------------------------------------------------------

_TOTAL = "total"
_CARRYING = "carrying"
_CONTAINING = "containing"
_UNCHECKED = "unchecked"


def _counters(asked: _Asked) -> list[QuerySet]:
    counters = [
        _counted(_TOTAL, asked.classes().values(option=_text(""))),
        _counted(Facet.LEVEL, asked.classes(besides=Facet.LEVEL).values(option=F("level"))),
        _counted(
            Facet.FOCUS,
            vouched_taggings()
            .filter(workoutclass__in=asked.classes())
            .values(option=F("focustag__slug")),
            of="workoutclass_id",
        ),
    ]
    for facet, through, name in _RELATED:
        rows = through.objects.filter(workoutclass__in=asked.classes(besides=facet))
        counters.append(
            _counted(facet, rows.values(option=F(f"{name}__slug")), of="workoutclass_id")
        )
    films = {facet: asked.films(besides=facet) for facet in OF_A_FILM}
    elsewhere = films[Facet.SHOW].filter(~Variant.in_studio_language())
    counters += [
        _counted(facet, rows, of="workout_class_id")
        for facet, rows in (
            (Facet.LANGUAGE, films[Facet.LANGUAGE].values(option=F("language"))),
            (Facet.LENGTH, films[Facet.LENGTH].values(option=_band_of())),
            (Facet.SHOW, films[Facet.SHOW].values(option=F("tempo"))),
            (Facet.SHOW, elsewhere.values(option=_text(OTHER_LANGUAGES))),
        )
    ]
    if asked.choices.focus:
        carrying = asked.classes(may_be_unchecked=True)
        counters.append(_counted(_CARRYING, carrying.values(option=_text(""))))
    if avoids := asked.choices.avoids:
        all_of_them = asked.but_for_avoids()
        containing = _Contained.objects.filter(movement__slug__in=avoids)
        counters += [
            _counted(
                _CONTAINING,
                all_of_them.filter(pk__in=containing.values("workoutclass_id")).values(
                    option=_text("")
                ),
            ),
            _counted(_UNCHECKED, _unchecked(all_of_them, avoids).values(option=_text(""))),
        ]
    return counters


def _counted(counter: str, rows: QuerySet, *, of: str = "pk") -> QuerySet:
    """Rows (counter, option, number of classes), to be united with those of other counters.

    `rows` have been grouped by `option`.
    """
    return rows.annotate(counter=_text(counter), number=Count(of, distinct=True)).values_list(
        "counter", "option", "number"
    )


def _united(counters: Sequence[QuerySet]) -> dict[str, dict[str, int]]:
    """The numbers by counter and option, in one query; what is nought has no entry."""
    numbers: dict[str, dict[str, int]] = {}
    for counter, option, number in counters[0].union(*counters[1:], all=True):
        if number:
            numbers.setdefault(counter, {})[option] = number
    return numbers


def _order(sort: Sort) -> list[OrderBy]:
    """What comes before "newest first"."""
    match sort:
        case Sort.SHORTEST:
            return [F("film_length").asc(nulls_last=True)]
        case Sort.LONGEST:
            return [F("film_length").desc(nulls_last=True)]
        case Sort.DISCUSSED:
            return [F("comment_count").desc()]
    return []


def _text(value: str) -> Value:
    return Value(value, CharField())


def _any(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions)


# --- Similar classes ----------------------------------------------------------------------------


def _similar(class_id: int, size: int, avoids: Sequence[str]) -> tuple[Similar, ...]:
    """By a sum that everybody can follow; the newest first where it is the same.

    Four for each tag that is vouched for on both, two for the level, one for the band of the
    first film, one for the apparatus, and one for each movement that both contain, up to three.
    Only classes with such a tag or movement in common.
    """
    film_length = Subquery(_first_film().values("video__duration"))
    this = (
        WorkoutClass.objects.order_by()
        .filter(pk=class_id)
        .annotate(film_length=film_length)
        .values_list("level", _band_of("film_length"))
        .first()
    )
    if this is None:
        return ()
    level, band = this
    own_tags = vouched_taggings().filter(workoutclass=class_id)
    own_movements = _Contained.objects.filter(workoutclass=class_id)
    own_apparatus = _OnApparatus.objects.filter(workoutclass=class_id)
    shared_tags = vouched_taggings().filter(focustag__in=own_tags.values("focustag_id"))
    shared_movements = _Contained.objects.filter(movement__in=own_movements.values("movement_id"))
    shared_apparatus = _OnApparatus.objects.filter(
        apparatus__in=own_apparatus.values("apparatus_id")
    )
    rows = (
        _Asked(Choices(avoid=tuple(avoids)))
        .classes()
        .exclude(pk=class_id)
        .annotate(
            tags=_number_of(shared_tags),
            moves=_number_of(shared_movements),
            film=Subquery(_first_film().values("pk")),
            film_length=film_length,
            same_level=_one_if(Q(level=level)),
            same_apparatus=_one_if(Q(pk__in=shared_apparatus.values("workoutclass_id"))),
        )
        .annotate(same_length=_one_if(_in_band(BANDS[band], "film_length") if band else _NEVER))
        .filter(Q(tags__gt=0) | Q(moves__gt=0))
        .annotate(
            score=4 * F("tags")
            + 2 * F("same_level")
            + F("same_length")
            + F("same_apparatus")
            + Least("moves", 3)
        )
        .order_by("-score", "-published_at", "-pk")
        .values_list("pk", "film", "same_level", "same_length")[:size]
    )
    found = [row[0] for row in rows]
    tags = _slugs_of(shared_tags, "focustag", found)
    movements = _slugs_of(shared_movements, "movement", found)
    return tuple(
        Similar(
            Hit(pk, film),
            focus=tags.get(pk, ()),
            movements=movements.get(pk, ()),
            same_level=bool(same_level),
            same_length=bool(same_length),
        )
        for pk, film, same_level, same_length in rows
    )


_NEVER = Q(pk__in=())


def _one_if(condition: Q) -> Case:
    return Case(When(condition, then=1), default=0, output_field=IntegerField())


def _number_of(rows: QuerySet) -> Coalesce:
    """How many of the rows are about the class."""
    numbers = (
        rows.filter(workoutclass=OuterRef("pk"))
        .values("workoutclass_id")
        .annotate(number=Count("pk"))
    )
    return Coalesce(Subquery(numbers.values("number")), 0)


def _slugs_of(rows: QuerySet, term: str, class_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """By class, in the studio's order."""
    slugs: dict[int, tuple[str, ...]] = {}
    found = rows.filter(workoutclass__in=class_ids).order_by(f"{term}__position", f"{term}__name")
    for class_id, slug in found.values_list("workoutclass_id", f"{term}__slug"):
        slugs[class_id] = (*slugs.get(class_id, ()), slug)
    return slugs


# --- What views call until they ask a Catalogue -------------------------------------------------


def read_vocabulary() -> Vocabulary:
    return VocabularyRows.read().in_language()


def count(choices: Choices) -> Counts:
    return SqlCatalogue(Version(0, 0)).count(choices, _found(choices))


def page(choices: Choices, number: int) -> tuple[Hit, ...]:
    return SqlCatalogue(Version(0, 0)).page(choices, number, _found(choices))


def count_each(states: Sequence[Choices]) -> list[int]:
    found = next((found for state in states if (found := _found(state))), None)
    return SqlCatalogue(Version(0, 0)).count_each(states, found)


def newest_by_focus(slugs: Sequence[str], size: int) -> dict[str, list[int]]:
    found = SqlCatalogue(Version(0, 0)).newest_by_focus(slugs, size)
    return {slug: [hit.class_id for hit in hits] for slug, hits in found.items()}


def _found(choices: Choices) -> Found | None:
    if not choices.q:
        return None
    classes = WorkoutClass.objects.listed()
    for word in choices.words:
        tagged = vouched_taggings().filter(focustag__name__icontains=word)
        classes = classes.filter(
            Q(title__icontains=word)
            | Q(description__icontains=word)
            | Q(instructors__name__icontains=word)
            | Q(pk__in=tagged.values("workoutclass_id"))
        )
    return Found(list(dict.fromkeys(classes.values_list("pk", flat=True))))
