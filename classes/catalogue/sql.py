"""Selecting, counting and paging by plain SQL: two queries, whatever is chosen.

`listed()` is where every one of them starts, and a focus tag is what `vouched_taggings()` says.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add, or_
from typing import Any

from django.conf import settings
from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    IntegerField,
    OrderBy,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
    Window,
)
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import RowNumber

from classes.body.vouching import Tagging, contradicting_taggings, vouched_taggings
from classes.models import Variant, WorkoutClass

from .choices import Choices, Sort
from .facets import BANDS, OF_A_FILM, OTHER_LANGUAGES, Band, Facet

PAGE_SIZE = 24

_Instructing = WorkoutClass.instructors.through
# Facets whose options are rows of their own: the table between, and its column for them.
_RELATED: tuple[tuple[Facet, Any, str], ...] = (
    (Facet.APPARATUS, WorkoutClass.apparatus.through, "apparatus"),
    (Facet.PROP, WorkoutClass.props.through, "prop"),
    (Facet.INSTRUCTOR, _Instructing, "instructor"),
)


@dataclass(frozen=True)
class Counts:
    """How many classes there are, and how many each option would leave.

    An option that would leave none has no entry.
    """

    total: int
    options: dict[Facet, dict[str, int]]
    # Classes that carry every chosen focus tag and are left out only because nobody has checked
    # them for what the tags promise.
    unchecked: int

    def of(self, facet: Facet, value: str) -> int:
        return self.options[facet].get(value, 0)


@dataclass(frozen=True)
class Hit:
    """A class of the result and the film that its card shows; None where none is ready."""

    class_id: int
    variant_id: int | None


def count(choices: Choices) -> Counts:
    """Counts for every facet in one query.

    An option of a facet that widens is counted with that facet's own choices set aside; one of a
    facet that narrows, with them.
    """
    counters = [
        _counted(_TOTAL, _class_filter(choices).values(option=_text(""))),
        _counted(
            Facet.LEVEL, _class_filter(choices, besides=Facet.LEVEL).values(option=F("level"))
        ),
        _counted(
            Facet.FOCUS,
            vouched_taggings()
            .filter(workoutclass__in=_class_filter(choices))
            .values(option=F("focustag__slug")),
            of="workoutclass_id",
        ),
    ]
    for facet, through, name in _RELATED:
        rows = through.objects.filter(workoutclass__in=_class_filter(choices, besides=facet))
        counters.append(
            _counted(facet, rows.values(option=F(f"{name}__slug")), of="workoutclass_id")
        )
    films = {facet: _films(choices, besides=facet) for facet in OF_A_FILM}
    counters += [
        _counted(facet, films[facet].values(option=option), of="workout_class_id")
        for facet, option in (
            (Facet.LANGUAGE, F("language")),
            (Facet.LENGTH, _band_of_film()),
            (Facet.SHOW, F("tempo")),
        )
    ]
    counters.append(
        _counted(
            Facet.SHOW,
            films[Facet.SHOW]
            .filter(~Variant.in_studio_language())
            .values(option=_text(OTHER_LANGUAGES)),
            of="workout_class_id",
        )
    )
    if choices.focus:
        carrying = _class_filter(choices, may_be_unchecked=True)
        counters.append(_counted(_CARRYING, carrying.values(option=_text(""))))

    options: dict[str, dict[str, int]] = {}
    for counter, option, number in counters[0].union(*counters[1:], all=True):
        if number:
            options.setdefault(counter, {})[option] = number
    total = options.get(_TOTAL, {}).get("", 0)
    return Counts(
        total=total,
        options={facet: options.get(facet, {}) for facet in Facet},
        unchecked=options.get(_CARRYING, {}).get("", total) - total,
    )


def page(choices: Choices, number: int) -> tuple[Hit, ...]:
    """The classes of one page in the order asked for, in one query; empty past the end.

    `number` is from 1. The film is the first, by `preference()`, that satisfies `show`,
    `language` and `length`; its length is the one by which classes are sorted.
    """
    films = (
        Variant.objects.ready()
        .filter(_film_filter(choices), workout_class=OuterRef("pk"))
        .order_by(*Variant.by_preference())
    )
    classes = _class_filter(choices).annotate(film=Subquery(films.values("pk")[:1]))
    if choices.sort in (Sort.SHORTEST, Sort.LONGEST):
        classes = classes.annotate(film_length=Subquery(films.values("video__duration")[:1]))
    start = (number - 1) * PAGE_SIZE
    rows = classes.order_by(*_order(choices), "-published_at", "-pk").values_list("pk", "film")
    return tuple(Hit(*row) for row in rows[start : start + PAGE_SIZE])


def count_each(states: Sequence[Choices]) -> list[int]:
    """How many classes each state would find, in one query; at least one state."""
    counters = [
        _counted(str(place), _class_filter(state).values(option=_text("")))
        for place, state in enumerate(states)
    ]
    found = {place: number for place, _, number in counters[0].union(*counters[1:], all=True)}
    return [found.get(str(place), 0) for place in range(len(states))]


def newest_by_focus(slugs: Sequence[str], size: int) -> dict[str, list[int]]:
    """The ids of the newest classes under each focus tag, at most `size`, in one query."""
    newest_first = [F("workoutclass__published_at").desc(), F("workoutclass_id").desc()]
    rows = (
        vouched_taggings()
        .filter(focustag__slug__in=slugs, workoutclass__in=WorkoutClass.objects.listed().order_by())
        .annotate(place=Window(RowNumber(), partition_by=F("focustag_id"), order_by=newest_first))
        .filter(place__lte=size)
        .order_by("place")
        .values_list("focustag__slug", "workoutclass_id")
    )
    found: dict[str, list[int]] = {slug: [] for slug in slugs}
    for slug, class_id in rows:
        found[slug].append(class_id)
    return found


# --- Which classes, which films -----------------------------------------------------------------


def _class_filter(
    choices: Choices, *, besides: Facet | None = None, may_be_unchecked: bool = False
) -> QuerySet[WorkoutClass]:
    """Listed classes that satisfy everything chosen, `besides` set aside."""
    classes = _with_words(WorkoutClass.objects.listed().order_by(), choices)
    if choices.level and besides is not Facet.LEVEL:
        classes = classes.filter(level__in=choices.level)
    for facet, through, name in _RELATED:
        if choices.of(facet) and besides is not facet:
            rows = through.objects.filter(**{f"{name}__slug__in": choices.of(facet)})
            classes = classes.filter(pk__in=rows.values("workoutclass_id"))
    if choices.focus:
        taggings = (
            Tagging.objects.exclude(pk__in=contradicting_taggings().values("pk"))
            if may_be_unchecked
            else vouched_taggings()
        )
        classes = classes.filter(pk__in=_of_all(choices.focus, taggings))
    if any(choices.of(facet) for facet in OF_A_FILM):
        films = Variant.objects.ready().filter(_film_filter(choices))
        classes = classes.filter(pk__in=films.values("workout_class_id"))
    return classes


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


def _films(choices: Choices, *, besides: Facet) -> QuerySet[Variant]:
    """Ready films that satisfy what is chosen, of classes that do; `besides` is set aside."""
    classes = _class_filter(_about_the_class(choices))
    return (
        Variant.objects.ready()
        .filter(_film_filter(choices, besides=besides), workout_class__in=classes)
        .order_by()
    )


def _about_the_class(choices: Choices) -> Choices:
    return choices.choosing(dict.fromkeys(OF_A_FILM, ()))


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


def _in_band(band: Band) -> Q:
    within = Q(video__duration__gte=band.at_least)
    return within & Q(video__duration__lt=band.below) if band.below else within


def _band_of_film() -> Case:
    return Case(
        *(When(_in_band(band), then=_text(value)) for value, band in BANDS.items()),
        output_field=CharField(),
    )


# --- Words --------------------------------------------------------------------------------------


def _with_words(classes: QuerySet[WorkoutClass], choices: Choices) -> QuerySet[WorkoutClass]:
    """Classes in which every word occurs: in title, description, a teacher's or a tag's name."""
    for word in choices.words:
        classes = classes.filter(
            _says("title", word) | _says("description", word) | _named_after(word)
        )
    return classes


def _says(column: str, word: str) -> Q:
    # LIKE on SQLite folds the case of ASCII letters only; a regular expression folds all.
    if word.isascii():
        return Q(**{f"{column}__icontains": word})
    return Q(**{f"{column}__iregex": re.escape(word)})


def _named_after(word: str) -> Q:
    """Classes with a teacher, or a tag that is vouched for, whose name contains the word.

    A tag's name in every language of the site, whatever the reader's: one address, one result.
    """
    teaching = _Instructing.objects.filter(_says("instructor__name", word))
    in_all_languages = [f"focustag__names__{code}" for code, _name in settings.LANGUAGES]
    tagged = vouched_taggings().filter(
        _any(_says(column, word) for column in ("focustag__name", *in_all_languages))
    )
    return Q(pk__in=teaching.values("workoutclass_id")) | Q(pk__in=tagged.values("workoutclass_id"))


def _relevance(words: list[str]) -> Case | CombinedExpression:
    """The sum, over the words, of the best place where each occurs: title 4, name 2, text 1."""
    scores = [
        Case(
            When(_says("title", word), then=4),
            When(_named_after(word), then=2),
            default=1,
            output_field=IntegerField(),
        )
        for word in words
    ]
    return reduce(add, scores)


# --- Order and counting -------------------------------------------------------------------------


def _order(choices: Choices) -> list[OrderBy]:
    """What comes before "newest first"."""
    match choices.sort:
        case Sort.SHORTEST:
            return [F("film_length").asc(nulls_last=True)]
        case Sort.LONGEST:
            return [F("film_length").desc(nulls_last=True)]
        case Sort.DISCUSSED:
            return [F("comment_count").desc()]
        case Sort.RELEVANCE:
            return [_relevance(choices.words).desc()]
    return []


_TOTAL = "total"
_CARRYING = "carrying"


def _counted(counter: str, rows: QuerySet, *, of: str = "pk") -> QuerySet:
    """Rows (counter, option, number of classes), to be united with those of other counters.

    `rows` have been grouped by `option`.
    """
    return rows.annotate(counter=_text(counter), number=Count(of, distinct=True)).values_list(
        "counter", "option", "number"
    )


def _text(value: str) -> Value:
    return Value(value, CharField())


def _any(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions)
