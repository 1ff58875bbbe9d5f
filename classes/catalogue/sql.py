"""The catalogue's answers by plain SQL: exact at any moment, and no faster than that.

Members are answered from memory (`bitmaps`); this is asked while the memory is not up to date, and
judges it in the tests. `listed()` is where every query starts, a focus tag is what
`vouched_taggings()` says, and which rows a state asks for stands in `sql_rows`.
"""

from collections.abc import Sequence

from django.db.models import Count, F, OrderBy, QuerySet, Subquery, Window
from django.db.models.functions import RowNumber
from django.utils.translation import get_language

from classes.body.vouching import vouched_taggings
from classes.models import Variant, WorkoutClass

from .answers import PAGE_SIZE, Counts, Found, Hit, LeftOut, Similar, Version
from .choices import Choices, Sort
from .facets import OF_A_FILM, OTHER_LANGUAGES, Facet
from .sql_rows import (
    RELATED,
    Asked,
    Contained,
    band_of,
    film_filter,
    first_film,
    text,
    unchecked,
)
from .sql_similar import similar
from .vocabulary import Vocabulary, VocabularyRows


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
        asked = Asked(choices, found)
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
        asked = Asked(choices, found)
        start = (number - 1) * PAGE_SIZE
        film = first_film(film_filter(choices))
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
            return tuple(Hit(pk, films[pk]) for pk in on_page if pk in films)
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
            _counted(str(place), Asked(state, found).classes().values(option=text("")))
            for place, state in enumerate(states)
        ]
        rows = _united(counters)
        return [rows.get(str(place), {}).get("", 0) for place in range(len(states))]

    def newest_by_focus(
        self, slugs: Sequence[str], size: int, avoids: Sequence[str] = ()
    ) -> dict[str, list[Hit]]:
        newest_first = [F("workoutclass__published_at").desc(), F("workoutclass_id").desc()]
        place = Window(RowNumber(), partition_by=F("focustag_id"), order_by=newest_first)
        classes = Asked(Choices(avoid=tuple(avoids)))
        rows = (
            vouched_taggings()
            .filter(focustag__slug__in=slugs, workoutclass__in=classes.classes())
            .annotate(place=place, film=Subquery(first_film(of="workoutclass_id").values("pk")))
            .filter(place__lte=size)
            .order_by("place")
            .values_list("focustag__slug", "workoutclass_id", "film")
        )
        hits: dict[str, list[Hit]] = {slug: [] for slug in slugs}
        for slug, class_id, film in rows:
            hits[slug].append(Hit(class_id, film))
        return hits

    def similar(self, class_id: int, size: int, avoids: Sequence[str] = ()) -> tuple[Similar, ...]:
        return similar(class_id, size, avoids)


# --- Counting and order -------------------------------------------------------------------------

_TOTAL = "total"
_CARRYING = "carrying"
_CONTAINING = "containing"
_UNCHECKED = "unchecked"


def _counters(asked: Asked) -> list[QuerySet]:
    counters = [
        _counted(_TOTAL, asked.classes().values(option=text(""))),
        _counted(Facet.LEVEL, asked.classes(besides=Facet.LEVEL).values(option=F("level"))),
        _counted(
            Facet.FOCUS,
            vouched_taggings()
            .filter(workoutclass__in=asked.classes())
            .values(option=F("focustag__slug")),
            of="workoutclass_id",
        ),
    ]
    for facet, through, name in RELATED:
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
            (Facet.LENGTH, films[Facet.LENGTH].values(option=band_of())),
            (Facet.SHOW, films[Facet.SHOW].values(option=F("tempo"))),
            (Facet.SHOW, elsewhere.values(option=text(OTHER_LANGUAGES))),
        )
    ]
    if asked.choices.focus:
        carrying = asked.classes(may_be_unchecked=True)
        counters.append(_counted(_CARRYING, carrying.values(option=text(""))))
    if avoids := asked.choices.avoids:
        all_of_them = asked.but_for_avoids()
        containing = Contained.objects.filter(movement__slug__in=avoids)
        counters += [
            _counted(
                _CONTAINING,
                all_of_them.filter(pk__in=containing.values("workoutclass_id")).values(
                    option=text("")
                ),
            ),
            _counted(_UNCHECKED, unchecked(all_of_them, avoids).values(option=text(""))),
        ]
    return counters


def _counted(counter: str, rows: QuerySet, *, of: str = "pk") -> QuerySet:
    """Rows (counter, option, number of classes), to be united with those of other counters.

    `rows` have been grouped by `option`.
    """
    return rows.annotate(counter=text(counter), number=Count(of, distinct=True)).values_list(
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
