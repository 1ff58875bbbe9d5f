"""What the database itself does when rows are written past the ways that people take."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from classes.body.checking import CHANGED_UNSEEN, check, why_withdrawn, withdraw_check
from classes.models import Chapter, Exercise, Movement, Tempo, Variant, WorkoutClass
from tests.factories import (
    make_chapter,
    make_checked_class,
    make_class,
    make_exercise,
    make_member,
    make_movement,
    make_video,
)

pytestmark = pytest.mark.django_db

Tick, Contained = WorkoutClass.ticked_movements.through, WorkoutClass.movements.through
Added, Removed = Chapter.adds.through, Chapter.removes.through
Usual = Exercise.movements.through


class Studio:
    """A checked class with one row in every table that its check stands on, and another class."""

    def __init__(self) -> None:
        self.twisting, self.rolling = make_movement(), make_movement()
        self.exercise = make_exercise(movements=[self.twisting])
        self.checked = make_checked_class(movements=[self.twisting])
        self.variant = self.checked.variants.get()
        self.chapter = make_chapter(
            self.variant,
            0,
            60,
            exercise=self.exercise,
            adds=[self.twisting],
            removes=[self.twisting],
        )
        self.other = make_class()

    def is_checked(self) -> bool:
        return WorkoutClass.objects.get(pk=self.checked.pk).is_checked


@pytest.fixture
def studio() -> Studio:
    studio = Studio()
    assert studio.is_checked()
    return studio


def sql(statement: str, *parameters) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        assert cursor.rowcount > 0  # else it shows nothing


def bulk(model, **fields) -> None:
    model.objects.bulk_create([model(**fields)])


CHANGES = {
    "tick inserted": lambda s: bulk(Tick, workoutclass=s.checked, movement=s.rolling),
    "tick updated": lambda s: Tick.objects.update(movement=s.rolling),
    "tick moved away": lambda s: Tick.objects.update(workoutclass=s.other),
    "tick deleted": lambda s: Tick.objects.all().delete(),
    "tick in SQL": lambda s: sql("DELETE FROM classes_workoutclass_ticked_movements"),
    "contents inserted": lambda s: bulk(Contained, workoutclass=s.checked, movement=s.rolling),
    "contents updated": lambda s: Contained.objects.update(movement=s.rolling),
    "contents deleted": lambda s: Contained.objects.all().delete(),
    "contents set": lambda s: s.checked.movements.set([s.rolling]),
    "chapter inserted": lambda s: bulk(Chapter, variant=s.variant, start=60, end=90, title="Legs"),
    "chapter updated": lambda s: Chapter.objects.update(end=F("end") + 1),
    "chapter saved": lambda s: s.chapter.save(),
    "chapter moved away": lambda s: Chapter.objects.update(variant=s.other.variants.get()),
    "chapter deleted": lambda s: Chapter.objects.all().delete(),
    "chapter in SQL": lambda s: sql("UPDATE classes_chapter SET title = '', start = 1"),
    "addition inserted": lambda s: bulk(Added, chapter=s.chapter, movement=s.rolling),
    "addition updated": lambda s: Added.objects.update(movement=s.rolling),
    "addition deleted": lambda s: Added.objects.all().delete(),
    "addition set": lambda s: s.chapter.adds.set([]),
    "removal inserted": lambda s: bulk(Removed, chapter=s.chapter, movement=s.rolling),
    "removal updated": lambda s: Removed.objects.update(movement=s.rolling),
    "removal deleted": lambda s: Removed.objects.all().delete(),
    "removal in SQL": lambda s: sql("DELETE FROM classes_chapter_removes"),
    "exercise's inserted": lambda s: bulk(Usual, exercise=s.exercise, movement=s.rolling),
    "exercise's updated": lambda s: Usual.objects.update(movement=s.rolling),
    "exercise's deleted": lambda s: Usual.objects.all().delete(),
    "exercise's in SQL": lambda s: sql("DELETE FROM classes_exercise_movements"),
    "variant inserted": lambda s: bulk(
        Variant, workout_class=s.checked, tempo=Tempo.OBSERVE, language="en"
    ),
    "variant moved away": lambda s: Variant.objects.filter(pk=s.variant.pk).update(
        workout_class=make_class(variant=False)
    ),
    "variant moved here": lambda s: Variant.objects.filter(workout_class=s.other).update(
        workout_class=s.checked, tempo=Tempo.OBSERVE
    ),
    "variant deleted": lambda s: s.variant.delete(),
    "film": lambda s: Variant.objects.filter(pk=s.variant.pk).update(video=make_video(s.variant)),
    "movement deleted": lambda s: Movement.objects.filter(pk=s.twisting.pk).delete(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_whatever_changes_what_a_class_contains_takes_its_check_back(studio, change):
    change(studio)

    workout_class = WorkoutClass.objects.get(pk=studio.checked.pk)
    assert not workout_class.is_checked
    assert workout_class.checked_by is None
    assert workout_class.check_withdrawn


def test_what_came_by_no_way_of_people_is_said_in_one_sentence(studio):
    Chapter.objects.update(note="slower")

    workout_class = WorkoutClass.objects.get(pk=studio.checked.pk)
    assert workout_class.check_withdrawn == CHANGED_UNSEEN
    assert why_withdrawn(workout_class) == CHANGED_UNSEEN


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
@pytest.mark.parametrize("model", [Tick, Added, Removed, Usual])
def test_table_that_is_emptied_takes_all_checks_back(studio, model):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # else it waits for the rows just made
        cursor.execute(f"TRUNCATE {model._meta.db_table}")

    assert not studio.is_checked()


@pytest.mark.parametrize(
    "change", [lambda s: s.chapter.save(), lambda s: withdraw_check(s.checked, "Kneeling was seen")]
)
def test_class_that_was_read_before_its_check_fell_does_not_bring_it_back(studio, change):
    read_before = WorkoutClass.objects.get(pk=studio.checked.pk)
    change(studio)
    why = WorkoutClass.objects.get(pk=studio.checked.pk).check_withdrawn

    read_before.title = "Another"
    read_before.save()

    workout_class = WorkoutClass.objects.get(pk=studio.checked.pk)
    assert workout_class.title == "Another"
    assert not workout_class.is_checked
    assert workout_class.checked_by is None
    assert workout_class.check_withdrawn == why != ""


def test_many_that_were_read_before_do_not_bring_it_back_either(studio):
    read_before = list(WorkoutClass.objects.filter(pk=studio.checked.pk))
    Chapter.objects.update(note="slower")

    WorkoutClass.objects.bulk_update(
        read_before, ["title", "checked_at", "checked_by", "check_withdrawn"]
    )

    assert not studio.is_checked()


def test_class_whose_check_fell_can_be_checked_again(studio):
    Chapter.objects.update(note="slower")

    check(studio.checked, make_member(), watched=[studio.variant])

    assert studio.is_checked()
    assert WorkoutClass.objects.get(pk=studio.checked.pk).check_withdrawn == ""


KEPT = {
    "its title": lambda s: WorkoutClass.objects.update(title="Another", updated_at=timezone.now()),
    "saved": lambda s: WorkoutClass.objects.get(pk=s.checked.pk).save(),
    "its tags": lambda s: s.checked.focus_tags.clear(),
    "a film that keeps the check": lambda s: Variant.objects.filter(pk=s.variant.pk).update(
        video=make_video(s.variant, keeps_check=True)
    ),
    "the same film": lambda s: s.variant.save(),
    "no film": lambda s: s.variant.video.delete(),
    "another class": lambda s: make_chapter(s.other.variants.get(), 0, 9, exercise=s.exercise),
    "an exercise that it does not use": lambda s: make_exercise(movements=[s.rolling]),
    "a movement that nobody does": lambda s: s.rolling.delete(),
    "the name of an exercise": lambda s: Exercise.objects.update(aliases=["Sawing"]),
}


@pytest.mark.parametrize("change", KEPT.values(), ids=KEPT.keys())
def test_what_a_check_does_not_stand_for_leaves_it_alone(studio, change):
    change(studio)

    assert studio.is_checked()


def test_a_class_that_nobody_checked_keeps_its_reason():
    workout_class = make_class(check_withdrawn="A new film was brought in")
    variant = workout_class.variants.get()

    bulk(Chapter, variant=variant, start=0, end=9, title="Legs")

    workout_class.refresh_from_db()
    assert workout_class.check_withdrawn == "A new film was brought in"


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_nobody_checks_a_class_on_what_somebody_else_is_writing():
    """The tick comes while the check is on its way, and takes it back once it is there."""
    workout_class, curator, twisting = make_class(), make_member(), make_movement()
    checked = Event()

    def check_slowly() -> None:
        with transaction.atomic():
            check(workout_class, curator, watched=workout_class.variants.all())
            checked.set()
            time.sleep(0.5)  # the other one is waiting by now, or sees nothing
        connection.close()

    def tick() -> None:
        checked.wait(10)
        bulk(Tick, workoutclass=workout_class, movement=twisting)
        connection.close()

    with ThreadPoolExecutor() as threads:
        for done in [threads.submit(check_slowly), threads.submit(tick)]:
            done.result(timeout=30)

    assert not WorkoutClass.objects.get(pk=workout_class.pk).is_checked
