"""A large studio that does not exist, for trying out what a hundred thousand classes cost.

Plausible in what its numbers do: a few teachers teach most classes, most films are in the
studio's language, one class in five is unchecked, a timeline stands in every fourth, and promises
are kept. Its films have lengths and posters but cannot be played. The same seed makes the same
studio.
"""

import random
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db import connection
from django.db.models import OuterRef, Subquery

from accounts.models import Member
from classes.body.triggers import triggers as check_triggers
from classes.catalogue.changes import everything_changed
from classes.catalogue.triggers import triggers as catalogue_triggers
from classes.demo.portraits import draw_portrait
from classes.demo.studio import read_studio
from classes.models import (
    Apparatus,
    Chapter,
    Exercise,
    FocusTag,
    Instructor,
    Level,
    Movement,
    Picture,
    Prop,
    State,
    Tempo,
    Variant,
    Video,
    WorkoutClass,
)
from classes.models.video import pictures_folder
from classes.taxonomy import load_taxonomy
from classes.triggers import suspended
from classes.video.pictures import make_renditions

AT_ONCE = 2_000  # classes in one statement
INSTRUCTORS = 40
POSTERS = 8

_FIRST_NAMES = (
    *("Ada", "Bela", "Carla", "Dario", "Elif", "Femi", "Greta", "Hana", "Ivo", "Jette"),
    *("Kenji", "Lucía", "Mirte", "Noor", "Odile", "Paz", "Quim", "Rosa", "Sanna", "Tomek"),
)
_LAST_NAMES = ("Alder", "Brook", "Castell", "Dahl", "Ennis", "Fabre", "Grove", "Holm")
_MANNERS = (
    *("Slow & Gentle", "Quiet", "Steady", "Classical", "Early", "Long", "Short", "Playful"),
    *("Patient", "Strong", "Evening", "Sunday"),
)
_SUBJECTS = (
    *("Mat", "Reformer", "Standing Work", "Spine", "Shoulders", "Hips", "Breath", "Core"),
    *("Balance", "Feet", "Back Care", "Wall Work"),
)
_OCCASIONS = (
    *("for Back Pain", "after a Long Day", "for Runners", "for Stiff Mornings", "at a Desk"),
    *("before Bed", "with a Magic Circle", "for Beginners", "in Half an Hour", "by the Window"),
)
_SENTENCES = (
    "We begin on the back and stay there until the breath is wide.",
    "Nothing is hurried, and every position has an easier one beside it.",
    "It leaves the neck alone and asks something of the hips.",
    "Have a folded blanket within reach.",
    "The second half stands up.",
    "For a spine that wants to be moved with care.",
    "You will need the strength of your hands, so warm your wrists first.",
    "Do it twice a week and you will notice it on the stairs.",
)
_LANGUAGES = ("en",) * 12 + ("es", "es", "pt-BR", "fr", "de", "ar")


@contextmanager
def unwatched() -> Iterator[None]:
    """One transaction in which no trigger looks at every row; then everything counts as changed."""
    watching = [*catalogue_triggers(connection.vendor), *check_triggers(connection.vendor)]
    with suspended(connection, watching):
        yield
        everything_changed()


@dataclass
class LargeStudio:
    """Makes classes in bulk, inside of `unwatched`. `say` is told how many there are by then."""

    now: datetime
    seed: int = 7
    say: Callable[[int], None] = lambda number: None

    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311 - repeatable, not secret

    def grow_by(self, number: int) -> None:
        """Add that many classes, the newest of which came out just now."""
        self._prepare()
        first = (WorkoutClass.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
        made = 0
        while made < number:
            size = min(AT_ONCE, number - made)
            self._make(first + made, size, age_of_first=number - made)
            made += size
            self.say(made)

    # --- What classes are made of -----------------------------------------------------------------

    def _prepare(self) -> None:
        load_taxonomy(defined_at=self.now - timedelta(days=3650))
        self.curator = self._curator()
        self.tags = list(FocusTag.objects.prefetch_related("forbids"))
        self.forbidden = {tag.pk: {m.pk for m in tag.forbids.all()} for tag in self.tags}
        self.movements = list(Movement.objects.values_list("pk", flat=True))
        self.exercises = [
            (exercise.pk, {m.pk for m in exercise.movements.all()})
            for exercise in Exercise.objects.prefetch_related("movements")
        ]
        self.apparatus = list(Apparatus.objects.all())
        self.props = list(Prop.objects.all())
        self.instructors = self._instructors()
        self.posters = self._posters()

    def _curator(self) -> Member:
        """Who checked the classes. Without a password nobody signs in by this name."""
        member, _is_new = Member.objects.get_or_create(
            email="large-studio@example.org", defaults={"display_name": "Lena Wexcombe"}
        )
        return member

    def _instructors(self) -> list[Instructor]:
        names = [f"{first} {last}" for last in _LAST_NAMES for first in _FIRST_NAMES]
        wanted = self.chance.sample(names, INSTRUCTORS)
        Instructor.objects.bulk_create(
            [
                Instructor(name=name, slug=f"large-{number}", bio=f"{name} teaches slowly.")
                for number, name in enumerate(wanted, start=1)
            ],
            ignore_conflicts=True,
        )
        return list(Instructor.objects.filter(slug__startswith="large-").order_by("pk"))

    def _posters(self) -> list[Picture]:
        """A few real pictures, shared: a file for each class would fill the disk."""
        palettes = [teacher.palette for teacher in read_studio().instructors]
        posters = []
        for number in range(POSTERS):
            drawn = draw_portrait(palettes[number % len(palettes)], seed=f"large {number}")
            made = make_renditions(drawn, pictures_folder())
            posters.append(
                Picture.objects.create(
                    id=uuid.UUID(made.name),
                    width=made.width,
                    height=made.height,
                    widths=list(made.widths),
                )
            )
        return posters

    # --- Classes ----------------------------------------------------------------------------------

    def _make(self, number: int, size: int, *, age_of_first: int) -> None:
        plans = [self._plan(number + place, age=age_of_first - 1 - place) for place in range(size)]
        WorkoutClass.objects.bulk_create([plan.workout_class for plan in plans])
        self._relate(WorkoutClass.instructors.through, "instructor_id", plans, "instructors")
        self._relate(WorkoutClass.focus_tags.through, "focustag_id", plans, "tags")
        self._relate(WorkoutClass.apparatus.through, "apparatus_id", plans, "apparatus")
        self._relate(WorkoutClass.props.through, "prop_id", plans, "props")
        self._relate(WorkoutClass.ticked_movements.through, "movement_id", plans, "ticked")
        self._relate(WorkoutClass.movements.through, "movement_id", plans, "contained")
        self._film(plans)

    def _plan(self, number: int, *, age: int) -> "_Plan":
        chance = self.chance
        tags = self._some(self.tags, most=3)
        forbidden = set().union(*(self.forbidden[tag.pk] for tag in tags))
        allowed = [pk for pk in self.movements if pk not in forbidden]
        ticked = set(chance.sample(allowed, min(len(allowed), chance.randint(1, 4))))
        taught = [each for each in self.exercises if forbidden.isdisjoint(each[1])]
        has_timeline = taught and number % 4 == 0
        timeline = chance.choices(taught, k=chance.randint(6, 12)) if has_timeline else []
        is_checked = chance.random() < 0.8
        published_at = self.now - timedelta(minutes=17 * age + chance.randint(0, 16))
        title = " ".join(chance.choice(words) for words in (_MANNERS, _SUBJECTS, _OCCASIONS))
        return _Plan(
            workout_class=WorkoutClass(
                title=title,
                slug=f"large-{number}",
                description=" ".join(chance.sample(_SENTENCES, 4)),
                level=chance.choice(Level.values),
                state=State.PUBLISHED if chance.random() < 0.97 else State.RETIRED,
                published_at=published_at,
                is_free=chance.random() < 0.02,
                poster=chance.choice(self.posters) if self.posters else None,
                checked_by=self.curator if is_checked else None,
                checked_at=published_at if is_checked else None,
            ),
            instructors=self._some_instructors(),
            tags=[tag.pk for tag in tags],
            apparatus=[self._often_the_first(self.apparatus).pk],
            props=[prop.pk for prop in self._some(self.props, most=2, least=0)],
            ticked=sorted(ticked),
            contained=sorted(ticked.union(*(movements for _pk, movements in timeline))),
            timeline=[pk for pk, _movements in timeline],
            films=self._films(),
        )

    def _some(self, terms: Sequence[Any], *, most: int, least: int = 1) -> list[Any]:
        return self.chance.sample(terms, min(len(terms), self.chance.randint(least, most)))

    def _often_the_first(self, terms: Sequence[Any]) -> Any:
        return terms[min(len(terms) - 1, int(self.chance.expovariate(0.7)))]

    def _some_instructors(self) -> list[int]:
        first = self._often_the_first(self.instructors[: INSTRUCTORS // 2])
        second = self.chance.choice(self.instructors)
        return list({first.pk, second.pk} if self.chance.random() < 0.1 else {first.pk})

    def _films(self) -> list[tuple[str, str, int]]:
        """Tempo, language and seconds of each film."""
        kinds = {("workout-tempo", self.chance.choice(_LANGUAGES))}
        if self.chance.random() < 0.4:
            kinds.add((self.chance.choice(Tempo.values), self.chance.choice(_LANGUAGES)))
        return [(*kind, self.chance.randint(300, 4200)) for kind in sorted(kinds)]

    def _relate(self, through: Any, column: str, plans: list["_Plan"], name: str) -> None:
        through.objects.bulk_create(
            through(workoutclass_id=plan.workout_class.pk, **{column: pk})
            for plan in plans
            for pk in getattr(plan, name)
        )

    # --- Films and their timelines ----------------------------------------------------------------

    def _film(self, plans: list["_Plan"]) -> None:
        variants = Variant.objects.bulk_create(
            Variant(workout_class=plan.workout_class, tempo=tempo, language=language)
            for plan in plans
            for tempo, language, _seconds in plan.films
        )
        lengths = [seconds for plan in plans for _tempo, _language, seconds in plan.films]
        Video.objects.bulk_create(
            Video(
                variant=variant,
                state=Video.State.READY,
                step=Video.Step.LADDER,
                plays_as=Video.PlaysAs.LADDER,
                duration=timedelta(seconds=seconds),
                width=1280,
                height=720,
                original_name="film.mp4",
            )
            for variant, seconds in zip(variants, lengths, strict=True)
        )
        film = Video.objects.filter(variant=OuterRef("pk")).values("pk")[:1]
        pks = [variant.pk for variant in variants]
        Variant.objects.filter(pk__range=(min(pks), max(pks))).update(video=Subquery(film))
        first_films = {
            variant.workout_class_id: (variant, seconds)
            for variant, seconds in reversed(list(zip(variants, lengths, strict=True)))
        }
        Chapter.objects.bulk_create(
            chapter
            for plan in plans
            if plan.timeline
            for chapter in _chapters(*first_films[plan.workout_class.pk], plan.timeline)
        )


@dataclass
class _Plan:
    """One class with the ids of all that belongs to it."""

    workout_class: WorkoutClass
    instructors: list[int]
    tags: list[int]
    apparatus: list[int]
    props: list[int]
    ticked: list[int]
    contained: list[int]
    timeline: list[int]
    films: list[tuple[str, str, int]]


def _chapters(variant: Variant, seconds: int, exercises: list[int]) -> Iterator[Chapter]:
    """The film parted evenly among its exercises."""
    edges = [seconds * place // len(exercises) for place in range(len(exercises) + 1)]
    for exercise, (start, end) in zip(exercises, pairwise(edges), strict=True):
        yield Chapter(variant=variant, exercise_id=exercise, start=start, end=end)
