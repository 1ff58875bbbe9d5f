"""Exercises: how they are found by name, and every class and second in which one occurs."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, F, Func, IntegerField, OuterRef, Prefetch, QuerySet, Sum
from django.db.models.functions import Least

from classes.body.avoiding import Mark, marks_for
from classes.body.shown_timeline import Stretch, within
from classes.body.timeline_text import Names, fold
from classes.models import Chapter, Exercise, Variant, WorkoutClass

MAX_QUERY = 60  # characters, as many as a name has


@dataclass(frozen=True)
class InFilm:
    """When one film does the exercise, in the order of the film; at least once."""

    variant: Variant
    stretches: list[Stretch]


@dataclass(frozen=True)
class InClass:
    """A class with the exercise in it."""

    workout_class: WorkoutClass
    films: list[InFilm]  # the one to show first before the others
    mark: Mark | None  # what of the visitor's set speaks against it

    @property
    def longest(self) -> timedelta:
        """How long the film that stays with it longest does it altogether."""
        return max(
            sum((stretch.length for stretch in film.stretches), timedelta()) for film in self.films
        )


# --- By name ------------------------------------------------------------------------------------


def named_like(exercises: Iterable[Exercise], words: str) -> list[Exercise]:
    """Those of which one name, in any language, has for each word one that begins with it.

    Signs alone name nothing.
    """
    wanted = fold(words).split()
    return [
        exercise
        for exercise in exercises
        if any(_has(fold(name), wanted) for name in _names(exercise))
    ]


def nearest_names(exercises: Sequence[Exercise], words: str) -> list[str]:
    """Up to three that may have been meant, the likeliest first."""
    return Names(exercises).near(words)


def _names(exercise: Exercise) -> list[str]:
    return [exercise.name, *exercise.names.values(), *exercise.aliases]


def _has(name: str, wanted: Sequence[str]) -> bool:
    words = name.split()
    return bool(wanted) and all(
        any(word.startswith(beginning) for word in words) for beginning in wanted
    )


# --- Where --------------------------------------------------------------------------------------


class WholeSeconds(Func):
    """The whole seconds of a duration, as `film_seconds` counts them."""

    output_field = IntegerField()

    def as_sqlite(self, compiler, connection, **context):  # which keeps microseconds
        return super().as_sql(
            compiler, connection, template="(%(expressions)s / 1000000)", **context
        )

    def as_postgresql(self, compiler, connection, **context):  # which keeps an interval
        template = "FLOOR(EXTRACT(EPOCH FROM %(expressions)s))::integer"
        return super().as_sql(compiler, connection, template=template, **context)


_FILM_SECONDS = WholeSeconds("variant__video__duration")


def _public_chapters() -> QuerySet[Chapter]:
    """Chapters of films that play, in classes that are listed."""
    # Asked of each chapter: a list of all classes that are out would be made for a few of them.
    is_listed = Exists(WorkoutClass.objects.listed().filter(pk=OuterRef("variant__workout_class")))
    return Chapter.objects.filter(is_listed, start__lt=_FILM_SECONDS)


def occurring() -> QuerySet[Exercise]:
    """Exercises that some listed class has."""
    return Exercise.objects.filter(Exists(_public_chapters().filter(exercise=OuterRef("pk"))))


def classes_with(exercise: Exercise) -> list[int]:
    """Ids of the listed classes that have it. One query.

    The class that stays with it longest comes first, by its one film that does; where that is
    equal, the newest.
    """
    published_at = "variant__workout_class__published_at"
    films = (
        _public_chapters()
        .filter(exercise=exercise)
        .values("variant", "variant__workout_class", published_at)
        .annotate(seconds=Sum(Least(F("end"), _FILM_SECONDS) - F("start")))
        .order_by("-seconds", f"-{published_at}", "-variant__workout_class")
    )
    return list(dict.fromkeys(films.values_list("variant__workout_class", flat=True)))


def where(
    exercise: Exercise, class_ids: Sequence[int], avoids: Collection[str] = ()
) -> list[InClass]:
    """Every second of it in these classes, in their order. Three queries, and those of `marks_for`.

    `avoids` are slugs of movements. A class that is no longer listed is left out.
    """
    films = Prefetch("variants", Variant.objects.ready().select_related("video__poster"))
    listed = WorkoutClass.objects.listed().defer("description").select_related("poster")
    classes = listed.prefetch_related(films).in_bulk(class_ids)
    marks = marks_for(class_ids, avoids)
    chapters = defaultdict(list)
    in_classes = Chapter.objects.filter(
        exercise=exercise, variant__workout_class__in=class_ids
    ).order_by("start")
    for chapter in in_classes:
        chapters[chapter.variant_id].append(chapter)
    return [
        InClass(classes[pk], in_films, marks.get(pk))
        for pk in class_ids
        if pk in classes and (in_films := _in_films(classes[pk], chapters))
    ]


def _in_films(
    workout_class: WorkoutClass, chapters: Mapping[int, Sequence[Chapter]]
) -> list[InFilm]:
    films = []
    for variant in workout_class.ready_variants:
        stretches = within(chapters.get(variant.pk, ()), variant.duration or timedelta())
        if stretches:
            films.append(InFilm(variant, stretches))
    return films
