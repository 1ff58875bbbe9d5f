"""Reading what the index is made of, in flat rows: all classes, or those that changed.

The queries are a few, whatever the number of classes, and each sees the database at another
moment: what is written meanwhile may be half in what they bring. `keeping` asks for the version
before and after, and reads the classes again that changed in between.

Moments and lengths come as the database keeps them, for Django would make an object of each: text
and microseconds from SQLite, objects that the driver makes from PostgreSQL.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    CharField,
    Func,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.sql.compiler import SQLCompiler

from classes.models import FocusTag, Movement, State, Variant, WorkoutClass

from .facets import Facet
from .index import CONTAINS, NEVER, ClassRow, FilmRow, Rows, Terms, microseconds
from .vocabulary import VocabularyRows

_AT_ONCE = 5000  # rows of all classes, so that they never stand in memory together
_MICROSECOND = timedelta(microseconds=1)

# The tables between classes and terms: what the index calls their kind, and their column for it.
_BETWEEN: tuple[tuple[str, Any, str], ...] = (
    (Facet.INSTRUCTOR, WorkoutClass.instructors.through, "instructor_id"),
    (Facet.FOCUS, WorkoutClass.focus_tags.through, "focustag_id"),
    (Facet.APPARATUS, WorkoutClass.apparatus.through, "apparatus_id"),
    (Facet.PROP, WorkoutClass.props.through, "prop_id"),
    (CONTAINS, WorkoutClass.movements.through, "movement_id"),
)


def read_all() -> Rows:
    """Every class, by three queries that run while the rows are taken."""
    everything = Q()
    return Rows(
        map(_class_row, _classes(everything).iterator(_AT_ONCE)),
        map(_film_row, _films(everything).iterator(_AT_ONCE)),
        _terms(everything).iterator(_AT_ONCE),
    )


def read_some(class_ids: Sequence[int]) -> Rows:
    """Those of these classes that there are, by three queries."""
    return Rows(
        map(_class_row, _classes(Q(pk__in=class_ids))),
        map(_film_row, _films(Q(workout_class__in=class_ids))),
        _terms(Q(workoutclass__in=class_ids)),
    )


def read_terms() -> Terms:
    """By three queries."""
    vocabulary = VocabularyRows.read()
    movements = Movement.objects.order_by().values_list(
        "position", "name", "pk", "slug", "defined_at"
    )
    rules = FocusTag.forbids.through.objects.values_list("focustag_id", "movement_id")
    slugs = {(row.kind, row.pk): row.slug for row in vocabulary.rows if row.kind in set(Facet)}
    defined_at = {}
    for _position, _name, pk, slug, moment in sorted(movements):  # as the vocabulary sorts
        slugs[CONTAINS, pk] = slug
        defined_at[slug] = microseconds(moment)
    forbids: dict[str, list[str]] = {}
    for tag_id, movement_id in rules:
        # One of them may have been made between the queries; then all is read again.
        tag, movement = slugs.get((Facet.FOCUS, tag_id)), slugs.get((CONTAINS, movement_id))
        if tag and movement:
            forbids.setdefault(tag, []).append(movement)
    return Terms(vocabulary, slugs, defined_at, forbids)


def _classes(wanted: Q) -> QuerySet:
    return (
        WorkoutClass.objects.filter(wanted)
        .order_by()
        .values_list(
            _MomentAsKept("published_at"),
            "pk",
            "state",
            _MomentAsKept("retires_at"),
            "level",
            "comment_count",
            _MomentAsKept("checked_at"),
            "checked_by_id",
        )
    )


def _class_row(row: tuple) -> ClassRow:
    published, pk, state, retires, level, comments, checked, by = row
    return (
        NEVER if published is None else _moment(published),
        pk,
        state == State.PUBLISHED,
        None if retires is None else _moment(retires),
        level,
        comments,
        NEVER if checked is None or by is None else _moment(checked),
    )


def _films(wanted: Q) -> QuerySet:
    return (
        Variant.objects.ready()
        .filter(wanted)
        .order_by("workout_class_id")
        .values_list("workout_class_id", "pk", "tempo", "language", _AsKept("video__duration"))
    )


def _film_row(row: tuple) -> FilmRow:
    class_id, pk, tempo, language, length = row
    if isinstance(length, timedelta):
        length //= _MICROSECOND
    return class_id, pk, tempo, language, length


def _terms(wanted: Q) -> QuerySet:
    first, *others = (
        between.objects.filter(wanted)
        .order_by()
        .annotate(kind=Value(kind, CharField()))
        .values_list("kind", "workoutclass_id", column)
        for kind, between, column in _BETWEEN
    )
    return first.union(*others, all=True)


class _AsKept(Func):
    """A column as the driver gives it; Django takes it for a text and lets it be."""

    template = "%(expressions)s"
    output_field = TextField()


class _MomentAsKept(_AsKept):
    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        # Of a bare column the driver knows that there is a moment in it.
        template = "CAST(%(expressions)s AS text)"
        return self.as_sql(compiler, connection, template=template, **context)


def _moment(kept: str | datetime) -> int:
    if isinstance(kept, str):
        kept = datetime.fromisoformat(kept)
        if kept.tzinfo is None:
            kept = kept.replace(tzinfo=UTC)
    return microseconds(kept)
