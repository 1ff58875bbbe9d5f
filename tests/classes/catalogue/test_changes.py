"""What counts as a change of the catalogue, however it is made."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from threading import Event, Thread
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, connections, models, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Member
from classes.captioning.webvtt import PlainCue
from classes.catalogue import Choices, SqlCatalogue, Version, changes, keeping
from classes.catalogue.cards import cards_for_hits
from classes.catalogue.changes import (
    NOTHING_YET,
    after_migrate,
    current_version,
    everything_changed,
    forget_old_changes,
    since,
)
from classes.catalogue.triggers import MOST_CLASSES, WATCHED, triggers
from classes.models import (
    Apparatus,
    AvoidSet,
    Captions,
    CatalogueChange,
    CatalogueVersion,
    Chapter,
    Exercise,
    FocusTag,
    Instructor,
    Movement,
    Picture,
    Prop,
    Variant,
    Video,
    WorkoutClass,
)
from classes.triggers import missing_from
from tests.factories import (
    make_apparatus,
    make_avoid_set,
    make_chapter,
    make_checked_class,
    make_class,
    make_exercise,
    make_focus_tag,
    make_instructor,
    make_member,
    make_movement,
    make_prop,
    make_variant,
    make_video,
)

EVERYTHING = None
NOTHING: frozenset[int] = frozenset()


def changed_by(act: Callable[[], Any]) -> frozenset[int] | None:
    """The ids of the classes that it changes; `EVERYTHING` if it concerns them all."""
    everything_changed()  # so that there is a version from which to go on
    before = current_version()
    act()
    changed = since(before)
    return changed.class_ids if changed else EVERYTHING


def execute(statement: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


# --- What matters of a row ----------------------------------------------------------------------


def a_picture() -> Picture:
    return Picture.objects.create(width=16, height=9, widths=[320])


def a_chapter() -> Chapter:
    return make_chapter(make_variant(make_class(variant=False)), 0, 9)


MAKE: dict[type[models.Model], Callable[[], models.Model]] = {
    Apparatus: make_apparatus,
    AvoidSet: make_avoid_set,
    Chapter: a_chapter,
    Exercise: make_exercise,
    FocusTag: make_focus_tag,
    Instructor: make_instructor,
    Member: make_member,
    Movement: make_movement,
    Picture: a_picture,
    Prop: make_prop,
    Variant: lambda: make_variant(make_class(variant=False), ready=False),
    Video: lambda: make_video(make_class().variants.get()),
    WorkoutClass: lambda: make_class(variant=False),
}


@pytest.fixture
def studio() -> WorkoutClass:
    """A class with one row in every table that is watched."""
    twisting, exercise, tag = make_movement(), make_exercise(), make_focus_tag()
    tag.forbids.add(make_movement())
    exercise.movements.add(twisting)
    make_avoid_set(movements=[twisting])
    workout_class = make_class(
        instructors=[make_instructor()],
        focus_tags=[tag],
        apparatus=[make_apparatus()],
        props=[make_prop()],
        movements=[twisting],
        poster=a_picture(),
        checked_by=make_member(),
        checked_at=timezone.now(),
    )
    variant = workout_class.variants.get()
    make_chapter(variant, 0, 60, exercise=exercise, adds=[twisting], removes=[make_movement()])
    make_chapter(variant, 60, 90)
    Captions.objects.store(variant, "en", [PlainCue(0, 2, "Roll down.")])
    tag.move_to("elsewhere")
    return workout_class


def row_of(model: type[models.Model], column: str) -> models.Model:
    rows = model._default_manager.order_by("pk")
    # A chapter has an exercise or a title, so one of the two has none to change.
    return rows.filter(exercise=None).get() if (model, column) == (Chapter, "title") else rows[0]


def other_value(field: models.Field, value: Any) -> Any:
    """One that the field does not hold, of its own kind."""
    if isinstance(field, models.ForeignKey):
        if field.remote_field.model is ContentType:
            return ContentType.objects.get(app_label="classes", model="instructor").pk
        return MAKE[field.remote_field.model]().pk
    match field:
        case models.JSONField():
            return ["other"] if isinstance(value, list) else {"es": "otro"}
        case models.BooleanField():
            return not value
        case models.IntegerField():
            return value + 1
        case models.DurationField():
            return timedelta(minutes=7)
        case models.DateTimeField():
            return timezone.now() + timedelta(days=3)
    return {"state": "retired", "tempo": "observe-and-learn"}.get(field.name, "other")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("watched", "column"),
    [
        pytest.param(watched, column, id=f"{watched.table}-{column}")
        for watched in WATCHED
        for column in watched.columns
    ],
)
def test_each_column_that_matters_is_noted_in_a_bulk_update(studio, watched, column):
    row = row_of(watched.model, column)
    field = next(field for field in row._meta.local_fields if field.column == column)
    value = other_value(field, getattr(row, field.attname))
    same_row = watched.model._default_manager.filter(pk=row.pk)

    changed = changed_by(lambda: same_row.update(**{field.name: value}))
    nothing = changed_by(lambda: same_row.update(**{field.name: value}))

    if "NULL" in watched.concerns:
        assert changed is EVERYTHING
    else:
        assert changed is not EVERYTHING
        assert studio.pk in changed
    assert nothing == NOTHING


@pytest.mark.django_db
@pytest.mark.parametrize(
    "watched",
    [pytest.param(watched, id=watched.table) for watched in WATCHED if watched.comes_and_goes],
)
def test_each_row_that_comes_or_goes_is_noted(studio, watched):
    make = MAKE.get(watched.model, watched.model._default_manager.first)
    row = make()
    same_row = watched.model._default_manager.filter(pk=row.pk)

    gone = changed_by(same_row.delete)
    back = changed_by(lambda: watched.model._default_manager.bulk_create([row]))

    if "NULL" in watched.concerns:
        assert (gone, back) == (EVERYTHING, EVERYTHING)
    else:
        assert gone == back
        assert len(gone) == 1


@pytest.mark.django_db
def test_what_the_catalogue_does_not_show_is_no_change(studio):
    def act() -> None:
        WorkoutClass.objects.update(check_withdrawn="Why", updated_at=timezone.now())
        Video.objects.update(progress=50, error="Nothing")
        make_video(studio.variants.get(), duration=timedelta(hours=1))  # not shown yet
        Instructor.objects.update(bio="Teaches.")
        FocusTag.objects.update(description="Kind.")
        make_member()
        studio.refresh_from_db()
        studio.save()

    assert changed_by(act) == NOTHING


@pytest.mark.django_db
def test_former_address_of_a_class_concerns_that_class_alone(studio):
    assert changed_by(partial(studio.move_to, "moved")) == {studio.pk}


@pytest.mark.django_db
def test_check_that_falls_by_itself_is_noted():
    checked = make_checked_class()

    assert changed_by(checked.checked_by.delete) == {checked.pk}


@pytest.mark.django_db
def test_film_is_noted_where_it_is_shown():
    workout_class, _another = make_class(), make_class()
    film = workout_class.variants.get().video

    assert changed_by(lambda: Video.objects.filter(pk=film.pk).update(duration=timedelta(1))) == {
        workout_class.pk
    }


@pytest.mark.django_db
def test_film_that_moves_to_another_class_is_noted_with_both():
    here, there = make_class(), make_class(variant=False)

    assert changed_by(lambda: here.variants.update(workout_class=there)) == {here.pk, there.pk}


@pytest.mark.django_db
def test_deletion_that_cascades_names_the_class_that_is_gone():
    workout_class = make_class(focus_tags=[make_focus_tag()], instructors=[make_instructor()])
    pk = workout_class.pk

    assert changed_by(workout_class.delete) == {pk}


@pytest.mark.django_db
def test_line_of_sql_is_noted():
    workout_class, _another = make_class(), make_class()

    statement = "UPDATE classes_workoutclass SET level = %s WHERE id = %s"
    assert changed_by(lambda: execute(statement, "open", workout_class.pk)) == {workout_class.pk}


@pytest.mark.django_db
def test_table_that_is_emptied_is_noted():
    make_class(props=[make_prop()])
    connection.check_constraints()  # PostgreSQL empties no table with some of them still open
    empty = "TRUNCATE" if connection.vendor == "postgresql" else "DELETE FROM"

    assert changed_by(lambda: execute(f"{empty} classes_workoutclass_props")) != NOTHING


@pytest.mark.django_db
def test_what_is_there_already_is_no_change_when_it_is_added():
    tag, workout_class = make_focus_tag(), make_class()
    tagging = WorkoutClass.focus_tags.through(workoutclass=workout_class, focustag=tag)

    def add() -> None:
        workout_class.focus_tags.add(tag)
        WorkoutClass.focus_tags.through.objects.bulk_create([tagging], ignore_conflicts=True)

    assert changed_by(add) == {workout_class.pk}
    assert changed_by(add) == NOTHING


# --- Versions -----------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(("number", "are_named"), [(MOST_CLASSES, True), (MOST_CLASSES + 1, False)])
def test_more_classes_than_anybody_reads_one_by_one_are_all(number, are_named):
    new = [
        WorkoutClass(title="Many", slug=f"many-{n}", level="open", state="draft")
        for n in range(number)
    ]

    changed = changed_by(lambda: WorkoutClass.objects.bulk_create(new, batch_size=5_000))

    assert changed == ({row.pk for row in new} if are_named else EVERYTHING)


@pytest.mark.django_db
def test_statement_raises_the_version_once_on_postgresql():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has triggers for rows only")
    for _ in range(3):
        make_class()
    before = current_version()

    WorkoutClass.objects.update(level="open")

    assert current_version().number == before.number + 1


@pytest.mark.django_db
def test_how_much_is_said_changes_the_whole_and_not_the_substance():
    workout_class = make_class()
    before = current_version()

    WorkoutClass.objects.update(comment_count=7)
    said = current_version()
    WorkoutClass.objects.update(title="Anew")
    renamed = current_version()

    assert said != before
    assert said.substance == before.substance
    assert renamed.substance != said.substance
    assert since(before).class_ids == {workout_class.pk}


@pytest.mark.django_db
def test_changes_add_up_from_whatever_version_one_has():
    first, second = make_class(), make_class()
    everything_changed()
    versions = [current_version()]
    for workout_class in (first, second):
        WorkoutClass.objects.filter(pk=workout_class.pk).update(level="open")
        versions.append(current_version())

    assert [since(version).class_ids for version in versions] == [
        {first.pk, second.pk},
        {second.pk},
        NOTHING,
    ]
    assert since(versions[0]).version == versions[-1]


@pytest.mark.django_db
def test_number_that_was_given_back_does_not_pass_for_the_one_that_took_it():
    workout_class = make_class()
    everything_changed()
    before = current_version()
    with suppress(ZeroDivisionError), transaction.atomic():
        make_class()
        rolled_back = current_version()
        raise ZeroDivisionError
    while current_version().number < rolled_back.number:
        WorkoutClass.objects.filter(pk=workout_class.pk).update(
            comment_count=F("comment_count") + 1
        )

    assert current_version().number == rolled_back.number
    assert current_version() != rolled_back
    assert since(rolled_back) is EVERYTHING
    assert since(before).class_ids == {workout_class.pk}


@pytest.mark.django_db
def test_catalogue_without_a_version_begins_one():
    make_class()
    CatalogueVersion.objects.all().delete()

    assert current_version() == NOTHING_YET
    make_class()
    assert current_version() > NOTHING_YET
    assert since(NOTHING_YET) is EVERYTHING


@pytest.mark.django_db
def test_version_takes_one_query_and_what_changed_three(django_assert_num_queries):
    make_class()
    before = current_version()
    make_class()

    with django_assert_num_queries(1):
        current_version()
    with django_assert_num_queries(3):
        since(before)


@pytest.mark.django_db
def test_old_changes_are_forgotten_and_who_missed_them_reads_everything(monkeypatch):
    monkeypatch.setattr(changes, "KEPT_VERSIONS", 3)
    monkeypatch.setattr(changes, "_BATCH", 2)
    workout_class = make_class()
    versions = []
    for number in range(1, 8):
        WorkoutClass.objects.filter(pk=workout_class.pk).update(comment_count=number)
        versions.append(current_version())

    assert forget_old_changes() > 4
    assert forget_old_changes() == 0
    assert CatalogueChange.objects.count() == 3
    assert since(versions[3]) is EVERYTHING
    assert since(versions[4]).class_ids == {workout_class.pk}


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_who_writes_second_waits_and_comes_after():
    # Those of the migrations come back with numbers that PostgreSQL gives out once more.
    CatalogueChange.objects.all().delete()
    first, second = make_class(), make_class()
    before = current_version()
    seen: list[Version] = []
    has_looked = Event()

    def write() -> None:
        try:
            seen.append(current_version())
            has_looked.set()
            WorkoutClass.objects.filter(pk=second.pk).update(level="open")
            seen.append(current_version())
        finally:
            connections.close_all()

    with transaction.atomic():
        WorkoutClass.objects.filter(pk=first.pk).update(level="open")
        own = current_version()
        other = Thread(target=write)
        other.start()
        has_looked.wait(20)
        other.join(0.5)
        is_waiting = other.is_alive()
    other.join(20)

    assert is_waiting
    assert seen[0] == before
    assert seen[1].number == own.number + 1 == before.number + 2
    assert since(own).class_ids == {second.pk}
    assert since(before).class_ids == {first.pk, second.pk}


# --- That nothing is missed ---------------------------------------------------------------------


@pytest.mark.django_db
def test_triggers_stand_and_migrating_again_changes_nothing():
    before = current_version()

    call_command("migrate", verbosity=0)

    assert missing_from(connection, triggers(connection.vendor)) == []
    assert current_version() == before


@pytest.mark.django_db
def test_migration_has_everything_read_again():
    assert changed_by(lambda: after_migrate(None, using="default", plan=["a migration"])) is (
        EVERYTHING
    )


@pytest.mark.django_db
def test_every_table_that_the_catalogue_reads_is_watched(studio):
    chosen = Choices(
        show=("workout-tempo",),
        focus=(FocusTag.objects.get().slug,),
        length=("11-20",),
        level=("beginner",),
        apparatus=(Apparatus.objects.get().slug,),
        prop=(Prop.objects.get().slug,),
        instructor=(Instructor.objects.get().slug,),
        language=("en",),
        avoid=(Movement.objects.all()[0].slug,),
    )
    catalogue = SqlCatalogue(NOTHING_YET)

    with CaptureQueriesContext(connection) as queries:
        assert catalogue.vocabulary.movements
        catalogue.count(chosen)
        assert cards_for_hits(catalogue, catalogue.page(Choices(), 1))
        catalogue.newest_by_focus(chosen.focus, 4)
        catalogue.similar(studio.pk, 4)
        index = keeping.load()
        assert index
        assert cards_for_hits(index, index.page(Choices(), 1))

    statements = " ".join(query["sql"] for query in queries)
    read = set(re.findall(r'(?:FROM|JOIN) "(classes_\w+)"', statements))
    assert len(read) > 15
    about_versions = {CatalogueVersion._meta.db_table, CatalogueChange._meta.db_table}
    assert read - about_versions == read & {watched.table for watched in WATCHED}
