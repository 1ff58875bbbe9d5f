"""A large studio, made in bulk and the same every time."""

import random
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Member
from classes.models import (
    Apparatus,
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
from comments.models import Comment

LANGUAGES = ["en", "en", "en", "es", "pt-BR", "he"]
TITLES = [
    "Slow and gentle mat",
    "Morning spine",
    "Shoulders and breath",
    "Standing balance",
    "Evening hips",
    "Long core",
]


class Studio:
    """Grows by classes; holds what the pages under measure need."""

    def __init__(self) -> None:
        self.random = random.Random(7)
        self.curator = Member.objects.create_user("curator@example.org", display_name="Curator")
        self.member = Member.objects.create_user("member@example.org", display_name="Member")
        self.instructors = _terms(Instructor, 20, bio="Teaches slowly.")
        self.movements = _terms(Movement, 16, defined_at=timezone.now() - timedelta(days=900))
        self.focus_tags = _terms(FocusTag, 14)
        self.focus_tags[0].forbids.set(self.movements[:3])
        self.apparatus = _terms(Apparatus, 8)
        self.props = _terms(Prop, 10)

    def grow_to(self, count: int) -> None:
        """Add classes until there are `count`, each with a poster, 1–3 films and its tags."""
        present = WorkoutClass.objects.count()
        now = timezone.now()
        classes = WorkoutClass.objects.bulk_create(
            WorkoutClass(
                title=self.random.choice(TITLES),
                slug=f"class-{number}",
                description="For a back that wants to be moved with care. " * 8,
                level=self.random.choice(Level.values),
                state=State.PUBLISHED,
                published_at=now - timedelta(minutes=count - number + 1),
                checked_by=self.curator if number % 5 else None,
                checked_at=now if number % 5 else None,
                poster=poster,
            )
            for number, poster in enumerate(_posters(count - present), start=present)
        )
        for name, terms, most in (
            ("instructors", self.instructors, 2),
            ("focus_tags", self.focus_tags, 4),
            ("apparatus", self.apparatus, 2),
            ("props", self.props, 3),
            ("movements", self.movements, 5),
        ):
            self._relate(name, classes, terms, most)
        self._film(classes)

    def _relate(self, name: str, classes: list[WorkoutClass], terms: list[Any], most: int) -> None:
        through = getattr(WorkoutClass, name).through
        column = f"{terms[0]._meta.model_name}_id"
        through.objects.bulk_create(
            through(workoutclass_id=workout_class.pk, **{column: term.pk})
            for workout_class in classes
            for term in self.random.sample(terms, self.random.randint(1, most))
        )

    def _film(self, classes: list[WorkoutClass]) -> None:
        kinds = sorted({(tempo, language) for tempo in Tempo.values for language in LANGUAGES})
        variants = Variant.objects.bulk_create(
            Variant(workout_class=workout_class, tempo=tempo, language=language)
            for workout_class in classes
            for tempo, language in self.random.sample(kinds, self.random.randint(1, 3))
        )
        videos = Video.objects.bulk_create(
            Video(
                variant=variant,
                state=Video.State.READY,
                duration=timedelta(seconds=self.random.randint(300, 4200)),
                width=1280,
                height=720,
            )
            for variant in variants
        )
        for variant, video in zip(variants, videos, strict=True):
            variant.video = video
        Variant.objects.bulk_update(variants, ["video"], batch_size=500)

    def discuss(self, slug: str, count: int) -> WorkoutClass:
        """Comments under one class: threads of five, each with four replies."""
        workout_class = WorkoutClass.objects.get(slug=slug)
        writers = [
            Member.objects.create_user(f"writer{number}@example.org", display_name=f"W {number}")
            for number in range(40)
        ]
        now = timezone.now()
        for number in range(count // 5):
            thread = Comment.objects.create(
                workout_class=workout_class,
                author=writers[number],
                body="My lower back thanks you. Which class would you do next? " * 3,
                written_at=now - timedelta(hours=number),
            )
            Comment.objects.bulk_create(
                Comment(
                    workout_class=workout_class,
                    author=self.random.choice(writers),
                    thread=thread,
                    parent=thread,
                    body="Try it again tomorrow, with the knees bent.",
                    written_at=now - timedelta(hours=number, minutes=-minute),
                )
                for minute in range(1, 5)
            )
        workout_class.comment_count = count
        workout_class.save(update_fields=["comment_count"])
        return workout_class


def _terms(model: Any, count: int, **attrs: Any) -> list[Any]:
    kind = model.__name__.lower()
    return model.objects.bulk_create(
        model(name=f"{kind.capitalize()} {number}", slug=f"{kind}-{number}", **attrs)
        for number in range(count)
    )


def _posters(count: int) -> list[Picture]:
    return Picture.objects.bulk_create(
        Picture(width=1280, height=720, widths=[320, 640, 960, 1280]) for _ in range(count)
    )
