"""Reading what the index is made of, in flat rows: all classes, or those that changed.

The queries are a few, whatever the number of classes, and each sees the database at another
moment: what is written meanwhile may be half in what they bring. `keeping` asks for the version
before and after, and reads the classes again that changed in between.

Moments and lengths come as the database keeps them, for Django would make an object of each: text
and microseconds from SQLite, objects that the driver makes from PostgreSQL.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    BigIntegerField,
    CharField,
    ExpressionWrapper,
    F,
    Func,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.sql.compiler import SQLCompiler

from classes.models import FocusTag, Movement, State, Variant, WorkoutClass

from .facets import Facet
from .index import CONTAINS, NEVER, ClassRow, FilmRow, Rows, TermRow, Terms, microseconds
from .vocabulary import VocabularyRows

_AT_ONCE = 5000  # rows
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
    return _rows(Q(), Q(), Q())


def read_some(class_ids: Sequence[int]) -> Rows:
    """Those of these classes that there are, by three queries."""
    return _rows(Q(pk__in=class_ids), Q(workout_class__in=class_ids), Q(workoutclass__in=class_ids))


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


def _rows(classes: Q, films: Q, terms: Q) -> Rows:
    return Rows(_classes(classes), _films(films), _terms(terms))


def _classes(wanted: Q) -> Iterator[ClassRow]:
    rows = (
        WorkoutClass.objects.filter(wanted)
        .order_by()
        .values_list(
            _AsKept("published_at"),
            "pk",
            "state",
            _AsKept("retires_at"),
            "level",
            "comment_count",
            _AsKept("checked_at"),
            "checked_by_id",
        )
    )
    for published, pk, state, retires, level, comments, checked, by in rows.iterator(_AT_ONCE):
        yield (
            NEVER if published is None else _moment(published),
            pk,
            state == State.PUBLISHED,
            None if retires is None else _moment(retires),
            level,
            comments,
            NEVER if checked is None or by is None else _moment(checked),
        )


def _films(wanted: Q) -> Iterator[FilmRow]:
    length = ExpressionWrapper(F("video__duration"), output_field=BigIntegerField())
    rows = (
        Variant.objects.ready()
        .filter(wanted)
        .order_by("workout_class_id")
        .values_list("workout_class_id", "pk", "tempo", "language", length)
    )
    for class_id, pk, tempo, language, length in rows.iterator(_AT_ONCE):
        yield class_id, pk, tempo, language, _length(length)


def _terms(wanted: Q) -> Iterable[TermRow]:
    first, *others = (
        between.objects.filter(wanted)
        .order_by()
        .annotate(kind=Value(kind, CharField()))
        .values_list("kind", "workoutclass_id", column)
        for kind, between, column in _BETWEEN
    )
    rows: QuerySet = first.union(*others, all=True)
    return rows.iterator(_AT_ONCE)


class _AsKept(Func):
    """A moment as the database has it."""

    template = "%(expressions)s"
    output_field = TextField()

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        # Of a bare column Django's adapter would know that there is a moment in it.
        template = "CAST(%(expressions)s AS text)"
        return self.as_sql(compiler, connection, template=template, **context)


def _moment(kept: str | datetime) -> int:
    if isinstance(kept, str):
        kept = datetime.fromisoformat(kept)
        if kept.tzinfo is None:
            kept = kept.replace(tzinfo=UTC)
    return microseconds(kept)


def _length(kept: int | timedelta | None) -> int | None:
    return kept // _MICROSECOND if isinstance(kept, timedelta) else kept
