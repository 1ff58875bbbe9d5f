"""What counts as a change of a conversation, however it is made."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, models, transaction
from django.utils import timezone

from accounts.models import Member
from classes.models import Instructor, WorkoutClass
from classes.triggers import missing_from
from comments import rendering, told
from comments.models import ClassRequest, Comment, Conversation, TimeCode, Vote
from comments.triggers import WATCHED, after_migrate, everything_changed, triggers
from tests.factories import (
    make_class,
    make_comment,
    make_instructor,
    make_member,
    make_variant,
)

pytestmark = pytest.mark.django_db


def revisions() -> dict[int, tuple[int, int]]:
    rows = Conversation.objects.values_list("pk", "revision", "stamp")
    return {pk: (revision, stamp) for pk, revision, stamp in rows}


def changed_by(act: Callable[[], Any]) -> set[int]:
    """The classes whose conversation it changes."""
    before = revisions()
    act()
    after = revisions()
    return {pk for pk in before.keys() | after.keys() if before.get(pk) != after.get(pk)}


def execute(statement: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


@pytest.fixture
def talk() -> WorkoutClass:
    """A class with one row in every table that is watched."""
    teacher = make_instructor(member=make_member())
    workout_class = make_class(instructors=[teacher])
    comment = make_comment(workout_class, author=make_member())
    variant = workout_class.variants.get()
    TimeCode.objects.create(comment=comment, variant=variant, second=9)
    request = ClassRequest.objects.create(comment=comment, title="Standing")
    Vote.objects.create(request=request, member=make_member())
    make_comment(make_class())  # elsewhere
    return workout_class


def row_of(model: type[models.Model], talk: WorkoutClass) -> models.Model:
    match model:
        case _ if model is Comment:
            return talk.comments.get()
        case _ if model is Member:
            return talk.comments.get().author
        case _ if model is Instructor:
            return talk.instructors.get()
        case _ if model is Conversation:
            return talk.conversation
    return model._default_manager.get(
        **{
            WorkoutClass.instructors.through: {"workoutclass": talk},
        }.get(model, {})
    )


def other_value(field: models.Field, row: models.Model) -> Any:
    match field.name:
        case "workout_class" | "workoutclass" | "fulfilled_by":
            return make_class().pk
        case "author" | "member":
            return make_member().pk
        case "instructor":
            return make_instructor().pk
        case "variant":
            return make_variant(make_class(variant=False)).pk
        case "comment":
            return make_comment(row.comment.workout_class).pk
        case "request":
            comment = make_comment(row.request.comment.workout_class)
            return ClassRequest.objects.create(comment=comment, title="Other").pk
        case "second":
            return 10
        case "state":
            return Comment.State.HELD
    if isinstance(field, models.BooleanField):
        return not getattr(row, field.attname)
    return timezone.now() if isinstance(field, models.DateTimeField) else "other"


@pytest.mark.parametrize(
    ("watched", "column"),
    [
        pytest.param(watched, column, id=f"{watched.table}-{column}")
        for watched in WATCHED
        for column in watched.columns
    ],
)
def test_each_column_that_is_shown_changes_its_class_alone(talk, watched, column):
    row = row_of(watched.model, talk)
    field = next(field for field in row._meta.local_fields if field.column == column)
    changes = {field.attname: other_value(field, row)}
    if column in ("thread_id", "parent_id"):  # neither without the other
        changes = dict.fromkeys(("thread_id", "parent_id"), make_comment(talk).pk)
    same_row = watched.model._default_manager.filter(pk=row.pk)

    changed = changed_by(lambda: same_row.update(**changes))
    nothing = changed_by(lambda: same_row.update(**changes))

    moved_to = {changes.get("workout_class_id")} - {None}
    assert changed == {talk.pk} | moved_to
    assert nothing == set()


@pytest.mark.parametrize(
    "watched",
    [
        pytest.param(watched, id=watched.table)
        for watched in WATCHED
        if watched.comes_and_goes and watched.model is not Conversation
    ],
)
def test_each_row_that_comes_or_goes_changes_its_class(talk, watched):
    row = row_of(watched.model, talk)
    same_row = watched.model._default_manager.filter(pk=row.pk)

    assert changed_by(same_row.delete) == {talk.pk}
    if watched.model is not Comment:  # with it went what hung on it
        assert changed_by(lambda: watched.model._default_manager.bulk_create([row])) == {talk.pk}


def test_first_comment_begins_the_conversation_and_others_raise_it():
    workout_class = make_class()
    assert not Conversation.objects.exists()

    assert changed_by(lambda: make_comment(workout_class)) == {workout_class.pk}
    assert changed_by(lambda: make_comment(workout_class)) == {workout_class.pk}


def test_rename_changes_every_class_that_its_writer_wrote_under():
    writer = make_member()
    classes = {make_comment(make_class(), author=writer).workout_class_id for _ in range(3)}
    make_comment(make_class())

    assert changed_by(lambda: Member.objects.filter(pk=writer.pk).update(display_name="N")) == (
        classes
    )


def test_what_nobody_reads_is_no_change(talk):
    def act() -> None:
        Comment.objects.update(waiting_since=timezone.now(), edition=7, held_for=["links"])
        Member.objects.update(last_login=timezone.now(), language="es")
        Instructor.objects.update(bio="Teaches.")
        Conversation.objects.update(closed_by=make_member())
        talk.comments.get().save()

    assert changed_by(act) == set()


def test_line_of_sql_is_noted(talk):
    comment = talk.comments.get()

    assert changed_by(
        lambda: execute("UPDATE comments_comment SET body = %s WHERE id = %s", "New", comment.pk)
    ) == {talk.pk}


def test_conversation_that_is_closed_before_anything_was_said_counts():
    workout_class = make_class()

    Conversation.objects.create(workout_class=workout_class, closed_at=timezone.now())

    assert Conversation.objects.get().revision > 0


def test_class_that_is_deleted_leaves_no_conversation_behind(talk):
    Conversation.objects.filter(pk=talk.pk).delete()

    talk.delete()
    connection.check_constraints()

    assert talk.pk not in revisions()


def test_number_that_was_given_back_does_not_pass_for_the_one_that_took_it(talk):
    class Back(Exception):
        pass

    def act() -> None:
        make_comment(talk)

    try:
        with transaction.atomic():
            act()
            given_back = Conversation.objects.get(pk=talk.pk)
            raise Back
    except Back:
        act()

    now = Conversation.objects.get(pk=talk.pk)
    assert now.revision == given_back.revision
    assert now.stamp != given_back.stamp


def test_after_a_migration_every_conversation_has_begun_and_changed(talk):
    Conversation.objects.filter(pk=talk.pk).delete()
    with_comments = set(Comment.objects.values_list("workout_class_id", flat=True))

    changed = changed_by(lambda: after_migrate(None, using="default", plan=["a migration"]))

    assert changed == with_comments == set(revisions())
    assert changed_by(everything_changed) == with_comments


def column_at(lookup: str) -> tuple[type[models.Model], str]:
    """The table and the column that a lookup from a comment reads."""
    model: type[models.Model] = Comment
    *path, name = lookup.split("__")
    for step in path:
        model = model._meta.get_field(step).related_model
    field = model._meta.pk if name == "pk" else model._meta.get_field(name)
    return model, field.column


@pytest.mark.parametrize("lookup", told.LOOKUPS)
def test_all_that_rendering_reads_of_a_comment_is_watched(lookup):
    model, column = column_at(lookup)
    [watched] = [watched for watched in WATCHED if watched.model is model]

    if column == model._meta.pk.column:  # never changes: the row comes or goes
        assert watched.comes_and_goes
    else:
        assert column in watched.columns


def test_rendering_reads_nothing_of_the_conversation_that_is_not_watched():
    [watched] = [watched for watched in WATCHED if watched.model is Conversation]

    # The other two are what the triggers raise.
    assert set(rendering.COLUMNS) - {"revision", "stamp"} <= set(watched.columns)


# Of other tables, by the SQL that a first rendering runs: versions tell of classes and films, and
# of whom the class's own page is about.
KEPT_BY_OTHER_MARKS = {"classes_", "django_content_type"}


def test_rendering_reads_no_table_that_nobody_watches(talk, django_assert_max_num_queries):
    variant = talk.variants.get()
    Comment.objects.update(body="At 0:09, see /classes/", variant=variant)
    state = rendering.state_of(talk)
    talk = WorkoutClass.objects.get(pk=talk.pk)

    with django_assert_max_num_queries(40) as context:
        rendering.rendered(talk, state)

    read = {
        table
        for query in context.captured_queries
        for table in re.findall(r'(?:FROM|JOIN) "([a-z_]+)"', query["sql"])
    }
    assert "comments_comment" in read
    others = read - {watched.table for watched in WATCHED}
    assert [each for each in others if not each.startswith(tuple(KEPT_BY_OTHER_MARKS))] == []


def test_triggers_stand():
    assert missing_from(connection, triggers(connection.vendor)) == []
