"""Which rows the catalogue is made of, and the triggers that note when one of them changes.

Every trigger raises the version and appends what changed, in the transaction of the change itself:
a bulk update, an import, a deletion that cascades and a line of SQL in a shell count like anything
else. What is read where a page shows the catalogue, and is not listed in `WATCHED`, goes stale
unseen: `tests/classes/catalogue/test_changes.py` looks for it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from accounts.models import Member
from classes.models import (
    Apparatus,
    AvoidSet,
    Captions,
    CatalogueVersion,
    Chapter,
    Exercise,
    FocusTag,
    FormerSlug,
    Instructor,
    Movement,
    Picture,
    Prop,
    Variant,
    Video,
    WorkoutClass,
)
from classes.triggers import CONCERNED, ROWS_THAT_DIFFER, Trigger

# A statement that changes more classes than this says "all": nobody reads so many one by one.
MOST_CLASSES = 1_000

# A change that concerns every class, or what there is to choose from.
ALL = "SELECT NULL"


@dataclass(frozen=True)
class Watched:
    """A table, what of it matters, and whom a changed row concerns.

    `concerns` is a query for the ids of classes, of one column; `{row}` is the row. Where it finds
    none, nothing has changed.
    """

    model: type[Model]
    columns: tuple[str, ...]
    concerns: str = ALL
    # Whether a row that comes or goes matters by itself; else something else says so.
    comes_and_goes: bool = True
    # Whether it is more than how much is said (`CatalogueVersion.SUBSTANCE`).
    is_substance: bool = True

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    def triggers(self, vendor: str) -> Iterable[Trigger]:
        make = _for_postgresql if vendor == "postgresql" else _for_sqlite
        return make(self)


def triggers(vendor: str) -> list[Trigger]:
    return [trigger for watched in WATCHED for trigger in watched.triggers(vendor)]


# --- What is watched ----------------------------------------------------------------------------


def _between(field: Any, class_column: str = "") -> Watched:
    """The rows between two models; with `class_column`, it is one class's own matter."""
    through: type[Model] = field.through
    columns = tuple(f.attname for f in through._meta.local_fields if not f.primary_key)
    return Watched(through, columns, f'SELECT {{row}}."{class_column}"' if class_column else ALL)


_CLASS_OF_VARIANT = "SELECT workout_class_id FROM classes_variant WHERE id = {row}.variant_id"
_CLASS_OF_CHAPTER = """
    SELECT film.workout_class_id FROM classes_variant AS film
    JOIN classes_chapter AS chapter ON chapter.variant_id = film.id
    WHERE chapter.id = {row}.chapter_id
"""
_CLASS_OF_FILM = "SELECT workout_class_id FROM classes_variant WHERE video_id = {row}.id"
_CLASSES_OF_PICTURE = """
    SELECT id FROM classes_workoutclass WHERE poster_id = {row}.id
    UNION SELECT film.workout_class_id FROM classes_variant AS film
    JOIN classes_video AS video ON video.id = film.video_id
    WHERE video.poster_id = {row}.id
"""
# Only where the former address means something in the catalogue: a class that moves does not.
_ALL_IF_FILTER = """
    SELECT NULL FROM django_content_type WHERE id = {row}.content_type_id
    AND app_label = 'classes' AND model IN ('focustag', 'instructor')
"""
_TERM = ("name", "names", "slug", "position")

WATCHED: tuple[Watched, ...] = (
    Watched(
        WorkoutClass,
        (
            "title",
            "slug",
            "description",  # for the search
            "level",
            "poster_id",
            "is_free",
            "state",
            "published_at",
            "retires_at",
            "checked_by_id",
            "checked_at",
        ),
        "SELECT {row}.id",
    ),
    # Apart, for it changes with every comment.
    Watched(
        WorkoutClass,
        ("comment_count",),
        "SELECT {row}.id",
        comes_and_goes=False,
        is_substance=False,
    ),
    _between(WorkoutClass.instructors, "workoutclass_id"),
    _between(WorkoutClass.focus_tags, "workoutclass_id"),
    _between(WorkoutClass.apparatus, "workoutclass_id"),
    _between(WorkoutClass.props, "workoutclass_id"),
    _between(WorkoutClass.movements, "workoutclass_id"),
    Watched(
        Variant,
        ("workout_class_id", "tempo", "language", "video_id"),
        "SELECT {row}.workout_class_id",
    ),
    # A film shows, and is taken away, by its variant; most of its row is about how it is made.
    Watched(
        Video,
        ("duration", "poster_id", "plays_as", "preview_version"),
        _CLASS_OF_FILM,
        comes_and_goes=False,
    ),
    Watched(Picture, ("width", "height", "widths"), _CLASSES_OF_PICTURE, comes_and_goes=False),
    # What is searched, and shown of a moment.
    Watched(
        Chapter,
        ("variant_id", "start", "end", "exercise_id", "title", "note"),
        _CLASS_OF_VARIANT,
    ),
    Watched(Chapter.adds.through, ("chapter_id", "movement_id"), _CLASS_OF_CHAPTER),
    Watched(Chapter.removes.through, ("chapter_id", "movement_id"), _CLASS_OF_CHAPTER),
    # Cues are only ever stored with the text that they come from.
    Watched(Captions, ("variant_id", "language", "text"), _CLASS_OF_VARIANT),
    # What there is to choose from, what it is called and what it promises.
    Watched(FocusTag, _TERM),
    _between(FocusTag.forbids),
    Watched(Apparatus, _TERM),
    Watched(Prop, (*_TERM, "substitute", "substitutes")),
    Watched(Movement, (*_TERM, "defined_at")),
    Watched(AvoidSet, _TERM),
    _between(AvoidSet.movements),
    Watched(Exercise, (*_TERM, "aliases")),
    _between(Exercise.movements),
    Watched(Instructor, ("name", "slug", "position", "portrait_id", "member_id")),
    # Who checked a class is named on its page.
    Watched(
        Member,
        ("display_name",),
        "SELECT id FROM classes_workoutclass WHERE checked_by_id = {row}.id",
        comes_and_goes=False,
    ),
    Watched(FormerSlug, ("content_type_id", "object_id", "slug"), _ALL_IF_FILTER),
)


# --- As triggers --------------------------------------------------------------------------------

# No ON CONFLICT: in a trigger the policy of the statement outside decides, and what Django adds to
# a relation, it adds with OR IGNORE.
_RAISED_AFTER_ROW = """
    INSERT INTO classes_catalogueversion (id, number, stamp) SELECT {id}, 0, 0
        WHERE NOT EXISTS (SELECT 1 FROM classes_catalogueversion WHERE id = {id});
    UPDATE classes_catalogueversion SET number = number + 1, stamp = random()
        WHERE id = {id} AND EXISTS ({concerned});
"""
_NOTED_AFTER_ROW = """
    INSERT INTO classes_cataloguechange (version, stamp, workout_class_id)
        SELECT number, stamp, concerned.*
        FROM classes_catalogueversion AS version, ({concerned}) AS concerned
        WHERE version.id = {id};
"""
# After the other row: who holds this one of the version holds that as well, and none waits for one
# who waits for it.
_SUBSTANCE_AFTER_STATEMENT = """
    INSERT INTO classes_catalogueversion AS version (id, number, stamp)
    SELECT {id}, 1, (random() * 9e18)::bigint WHERE EXISTS ({concerned})
    ON CONFLICT (id) DO UPDATE SET number = version.number + 1, stamp = excluded.stamp;
"""
_AFTER_STATEMENT = """
    WITH concerned (id) AS ({concerned}),
    raised AS (
        INSERT INTO classes_catalogueversion AS version (id, number, stamp)
        SELECT {id}, 1, (random() * 9e18)::bigint WHERE EXISTS (SELECT FROM concerned)
        ON CONFLICT (id) DO UPDATE SET number = version.number + 1, stamp = excluded.stamp
        RETURNING number, stamp
    )
    INSERT INTO classes_cataloguechange (version, stamp, workout_class_id)
    SELECT DISTINCT number, stamp,
        CASE WHEN (SELECT count(*) FROM concerned) <= {most} THEN id::bigint END
    FROM raised, concerned;
"""


def _for_sqlite(watched: Watched) -> Iterable[Trigger]:
    """Row by row: SQLite knows nothing else."""
    after, before = (watched.concerns.format(row=row) for row in ("NEW", "OLD"))
    if watched.comes_and_goes:
        yield _row_trigger(watched, "INSERT", after)
        yield _row_trigger(watched, "DELETE", before)
    columns = [f'"{column}"' for column in watched.columns]
    yield _row_trigger(
        watched,
        "UPDATE",
        after if after == before else f"{after} UNION {before}",
        of=f" OF {', '.join(columns)}",
        when=" OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in columns),
    )


def _row_trigger(
    watched: Watched, event: str, concerned: str, *, of: str = "", when: str = ""
) -> Trigger:
    steps = [(step, CatalogueVersion.WHOLE) for step in (_RAISED_AFTER_ROW, _NOTED_AFTER_ROW)]
    if watched.is_substance:
        steps.append((_RAISED_AFTER_ROW, CatalogueVersion.SUBSTANCE))
    does = "".join(step.format(id=pk, concerned=concerned) for step, pk in steps)
    return Trigger(_name(watched, event), watched.table, event + of, does, when)


def _for_postgresql(watched: Watched) -> Iterable[Trigger]:
    """Once a statement, however many rows it changes."""
    if watched.comes_and_goes:
        yield _statement_trigger(watched, "INSERT", "new_rows", "REFERENCING NEW TABLE AS new_rows")
        yield _statement_trigger(watched, "DELETE", "old_rows", "REFERENCING OLD TABLE AS old_rows")
        yield _statement_trigger(watched, "TRUNCATE")
    columns = ", ".join(f'"{column}"' for column in ("id", *watched.columns))
    yield _statement_trigger(
        watched,
        "UPDATE",
        ROWS_THAT_DIFFER.format(columns=columns),
        "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    )


def _statement_trigger(
    watched: Watched, event: str, rows: str = "", referencing: str = ""
) -> Trigger:
    """`rows` are those that changed; without them there is no telling whom it concerns."""
    concerned = ALL
    if rows:
        concerned = CONCERNED.format(rows=rows, concerns=watched.concerns.format(row="changed"))
    does = _AFTER_STATEMENT.format(
        id=CatalogueVersion.WHOLE, concerned=concerned, most=MOST_CLASSES
    )
    if watched.is_substance:
        raised = _SUBSTANCE_AFTER_STATEMENT
        does += raised.format(id=CatalogueVersion.SUBSTANCE, concerned=concerned)
    scope = f"{referencing} FOR EACH STATEMENT".strip()
    return Trigger(_name(watched, event), watched.table, event, does, scope=scope)


def _name(watched: Watched, event: str) -> str:
    what = "" if watched.is_substance else "said_"
    return f"catalogue_{what}{watched.table}_{event.lower()}"
