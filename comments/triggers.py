"""What changes a conversation as everybody reads it, and the triggers that say so.

Each raises the revision of the conversations that it concerns (`Conversation`), in the transaction
of the change itself: a bulk update, a deletion that cascades and a line of SQL in a shell count
like anything else. What rendering reads and is not listed in `WATCHED` goes stale unseen:
`tests/comments/test_triggers.py` looks for it.

Only comments make the row of a conversation; everything else raises one that is there. A
conversation that has comments and no row, as after a load with the triggers away, is never kept
(see `rendering`), and the next migrate gives it one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import Model

from accounts.models import Member
from classes.models import Instructor, WorkoutClass
from classes.triggers import CONCERNED, ROWS_THAT_DIFFER, Trigger
from comments.models import ClassRequest, Comment, Conversation, TimeCode, Vote


@dataclass(frozen=True)
class Watched:
    """A table, what of it is shown, and the classes that a changed row concerns.

    `concerns` is a query for the ids of classes, of one column; `{row}` is the row.
    """

    model: type[Model]
    columns: tuple[str, ...]
    concerns: str
    comes_and_goes: bool = True
    begins: bool = False  # whether it makes the conversation, where there is none
    # Of the table that the triggers write to themselves: after each statement, they would go on
    # for ever. Only rows that are inserted with something in the columns matter.
    is_written_to: bool = False

    @property
    def table(self) -> str:
        return self.model._meta.db_table


_CLASS_OF_COMMENT = "SELECT workout_class_id FROM comments_comment WHERE id = {row}.comment_id"
_CLASSES_WRITTEN_UNDER = "SELECT workout_class_id FROM comments_comment WHERE author_id = {row}.id"

WATCHED: tuple[Watched, ...] = (
    Watched(
        Comment,
        (
            "workout_class_id",
            "author_id",
            "author_name",
            "thread_id",
            "parent_id",
            "body",
            "written_at",
            "edited_at",
            "variant_id",
            "is_pinned",
            "state",
        ),
        "SELECT {row}.workout_class_id",
        begins=True,
    ),
    Watched(Member, ("display_name", "is_staff"), _CLASSES_WRITTEN_UNDER, comes_and_goes=False),
    # Whose words are an answer.
    Watched(
        Instructor,
        ("member_id",),
        "SELECT workoutclass_id FROM classes_workoutclass_instructors"
        " WHERE instructor_id = {row}.id",
        comes_and_goes=False,
    ),
    Watched(
        WorkoutClass.instructors.through,
        ("workoutclass_id", "instructor_id"),
        "SELECT {row}.workoutclass_id",
    ),
    Watched(TimeCode, ("comment_id", "variant_id", "second"), _CLASS_OF_COMMENT),
    Watched(ClassRequest, ("comment_id", "title", "fulfilled_by_id", "told_at"), _CLASS_OF_COMMENT),
    Watched(
        Vote,
        ("request_id",),
        "SELECT workout_class_id FROM comments_comment WHERE id IN"
        " (SELECT comment_id FROM comments_classrequest WHERE id = {row}.request_id)",
    ),
    Watched(Conversation, ("closed_at",), "SELECT {row}.workout_class_id", is_written_to=True),
)


def triggers(vendor: str) -> list[Trigger]:
    make = _for_postgresql if vendor == "postgresql" else _for_sqlite
    return [
        trigger
        for watched in WATCHED
        for trigger in (
            _of_conversations(watched, vendor) if watched.is_written_to else make(watched)
        )
    ]


def everything_changed(using: str = DEFAULT_DB_ALIAS) -> None:
    """Raise every revision by hand, and begin the conversations that have comments and no row."""
    connection = connections[using]
    stamp = _STAMPS[connection.vendor]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO comments_conversation (workout_class_id, revision, stamp)"
            " SELECT DISTINCT workout_class_id, 0, 0 FROM comments_comment AS comment"
            " WHERE NOT EXISTS (SELECT 1 FROM comments_conversation AS begun"
            " WHERE begun.workout_class_id = comment.workout_class_id)"
        )
        cursor.execute(
            f"UPDATE comments_conversation SET revision = revision + 1, stamp = {stamp}"  # noqa: S608
        )


def after_migrate(sender: Any, using: str, plan: Sequence[Any] = (), **kwargs: Any) -> None:
    """Receiver of `post_migrate`: a migration writes rows while the triggers may be away."""
    if plan and Conversation._meta.db_table in connections[using].introspection.table_names():
        everything_changed(using)


# --- As triggers --------------------------------------------------------------------------------

_STAMPS = {"sqlite": "random()", "postgresql": "(random() * 9e18)::bigint"}

# No ON CONFLICT: in a trigger the policy of the statement outside decides.
_BEGIN_AFTER_ROW = """
    INSERT INTO comments_conversation (workout_class_id, revision, stamp)
        SELECT concerned.*, 0, 0 FROM ({concerned}) AS concerned WHERE NOT EXISTS
        (SELECT 1 FROM comments_conversation WHERE workout_class_id IN ({concerned}));
"""
_RAISE = """
    UPDATE comments_conversation SET revision = revision + 1, stamp = {stamp}
        WHERE workout_class_id IN ({concerned});
"""
_BEGIN_AFTER_STATEMENT = """
    INSERT INTO comments_conversation (workout_class_id, revision, stamp)
        SELECT id, 0, 0 FROM ({concerned}) AS concerned (id) ORDER BY id ON CONFLICT DO NOTHING;
"""
# Held in the order of their ids, so that two who concern the same ones do not wait for each other.
_HOLD = """
    PERFORM FROM comments_conversation WHERE workout_class_id IN ({concerned})
        ORDER BY workout_class_id FOR NO KEY UPDATE;
"""


def _for_sqlite(watched: Watched) -> Iterable[Trigger]:
    """Row by row: SQLite knows nothing else."""
    after, before = (watched.concerns.format(row=row) for row in ("NEW", "OLD"))
    columns = [f'"{column}"' for column in watched.columns]
    if watched.comes_and_goes:
        yield _trigger(watched, "INSERT", _after_row(after, begins=watched.begins))
        yield _trigger(watched, "DELETE", _after_row(before))
    does = _after_row(after, begins=watched.begins)
    if before != after:  # the row may have moved from one class to another
        does = _after_row(before) + does
    yield Trigger(
        _name(watched, "UPDATE"),
        watched.table,
        f"UPDATE OF {', '.join(columns)}",
        does,
        when=" OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in columns),
    )


def _of_conversations(watched: Watched, vendor: str) -> Iterable[Trigger]:
    """Row by row, on both databases."""
    concerned = watched.concerns.format(row="NEW")
    does = _RAISE.format(concerned=concerned, stamp=_STAMPS[vendor])
    [column] = watched.columns
    yield Trigger(
        _name(watched, "INSERT"), watched.table, "INSERT", does, when=f"NEW.{column} IS NOT NULL"
    )
    changes = f"(OLD.{column} IS NULL) <> (NEW.{column} IS NULL) OR OLD.{column} <> NEW.{column}"
    yield Trigger(
        _name(watched, "UPDATE"), watched.table, f"UPDATE OF {column}", does, when=changes
    )


def _after_row(concerned: str, *, begins: bool = False) -> str:
    # What goes begins nothing: a class that is deleted with all that was said under it would
    # leave a conversation behind.
    steps = [_BEGIN_AFTER_ROW] if begins else []
    stamp = _STAMPS["sqlite"]
    return "".join(step.format(concerned=concerned, stamp=stamp) for step in [*steps, _RAISE])


def _for_postgresql(watched: Watched) -> Iterable[Trigger]:
    """Once a statement, however many rows it changes."""
    if watched.comes_and_goes:
        yield _statement_trigger(watched, "INSERT", "new_rows", "NEW TABLE AS new_rows")
        yield _statement_trigger(watched, "DELETE", "old_rows", "OLD TABLE AS old_rows")
        everywhere = "SELECT workout_class_id FROM comments_conversation"
        does = _after_statement(everywhere)
        yield _trigger(watched, "TRUNCATE", does, scope="FOR EACH STATEMENT")
    columns = ", ".join(
        f'"{column}"' for column in (watched.model._meta.pk.column, *watched.columns)
    )
    yield _statement_trigger(
        watched,
        "UPDATE",
        ROWS_THAT_DIFFER.format(columns=columns),
        "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    )


def _statement_trigger(watched: Watched, event: str, rows: str, referencing: str) -> Trigger:
    concerns = watched.concerns.format(row="changed")
    concerned = CONCERNED.format(rows=rows, concerns=concerns)
    does = _after_statement(concerned, begins=watched.begins and event != "DELETE")
    scope = f"REFERENCING {referencing} FOR EACH STATEMENT"
    return _trigger(watched, event, does, scope=scope)


def _after_statement(concerned: str, *, begins: bool = False) -> str:
    steps = [_BEGIN_AFTER_STATEMENT] if begins else []
    stamp = _STAMPS["postgresql"]
    return "".join(
        step.format(concerned=concerned, stamp=stamp) for step in [*steps, _HOLD, _RAISE]
    )


def _trigger(watched: Watched, event: str, does: str, *, scope: str = "FOR EACH ROW") -> Trigger:
    return Trigger(_name(watched, event), watched.table, event, does, scope=scope)


def _name(watched: Watched, event: str) -> str:
    return f"conversation_{watched.table}_{event.lower()}"
