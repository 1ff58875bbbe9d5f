"""What the database does to keep a check true, whoever writes the rows.

A class that says who checked it contains exactly what its stored `movements` say. People's ways to
change that take the check back before they write, and say why (`checking`). For every other way
- a bulk update, an import, a line in a shell - the triggers here do it, with a sentence that is
always the same. They take back too much rather than too little: a title of a chapter is enough.

And what was taken back stays so. A class that was read while it was checked, and is saved whole
after its check has fallen, would write the check again. Such a write puts the check in the place of
the reason in one statement; `checking.check` lays the reason aside before.
"""

from collections.abc import Callable, Iterator
from functools import partial

from classes.triggers import Trigger

from .checking import CHANGED_UNSEEN

# In all SQL here, ROW stands for NEW or OLD.

_OF_VARIANT = "SELECT v.workout_class_id FROM classes_variant v WHERE v.id = ROW.variant_id"
_OF_CHAPTER = (
    "SELECT v.workout_class_id FROM classes_chapter c JOIN classes_variant v ON v.id = c.variant_id"
    " WHERE c.id = ROW.chapter_id"
)
_OF_EXERCISE = (
    "SELECT v.workout_class_id FROM classes_chapter c JOIN classes_variant v ON v.id = c.variant_id"
    " WHERE c.exercise_id = ROW.exercise_id"
)

# Table -> the ids of the classes that a row of it belongs to.
_WATCHED = {
    "classes_workoutclass_ticked_movements": "ROW.workoutclass_id",
    "classes_workoutclass_movements": "ROW.workoutclass_id",
    "classes_chapter": _OF_VARIANT,
    "classes_chapter_adds": _OF_CHAPTER,
    "classes_chapter_removes": _OF_CHAPTER,
    "classes_exercise_movements": _OF_EXERCISE,
}

# Somebody may be checking the class at this moment: they commit first and are seen, or they wait.
# SQLite has one writer at a time anyway.
_WAIT_FOR_CHECK = (
    "PERFORM 1 FROM classes_workoutclass WHERE id IN (CLASSES) ORDER BY id FOR NO KEY UPDATE; "
)
_TAKE_BACK = (
    "UPDATE classes_workoutclass"
    " SET checked_by_id = NULL, checked_at = NULL, check_withdrawn = 'SENTENCE'"
    " WHERE (checked_at IS NOT NULL OR checked_by_id IS NOT NULL) AND id IN (CLASSES);"
)
_KEEP_TAKEN_BACK = (
    "UPDATE classes_workoutclass"
    " SET checked_by_id = NULL, checked_at = NULL, check_withdrawn = OLD.check_withdrawn"
    " WHERE id = NEW.id;"
)
_GIVES_BACK = (
    "OLD.checked_at IS NULL AND NEW.checked_at IS NOT NULL"
    " AND OLD.check_withdrawn <> '' AND NEW.check_withdrawn = ''"
)
# A film that shows the same pictures, or came with its check, says so.
_OF_NEW_FILM = (
    "SELECT NEW.workout_class_id FROM classes_video f"
    " WHERE f.id = NEW.video_id AND NOT f.keeps_check"
)


def triggers(vendor: str) -> list[Trigger]:
    """For `classes.triggers.keep_installed`."""
    sql = _WAIT_FOR_CHECK + _TAKE_BACK if vendor == "postgresql" else _TAKE_BACK
    take_back = partial(sql.replace("SENTENCE", CHANGED_UNSEEN).replace, "CLASSES")
    return [
        *(
            trigger
            for table, classes in _WATCHED.items()
            for trigger in _on_rows(table, classes, take_back)
        ),
        *_on_variants(take_back),
        *(_on_truncate(take_back) if vendor == "postgresql" else ()),
        Trigger(
            "check_stays_taken_back",
            "classes_workoutclass",
            "UPDATE OF checked_at",
            _KEEP_TAKEN_BACK,
            when=_GIVES_BACK,
        ),
    ]


def _on_rows(table: str, classes: str, take_back: Callable[[str], str]) -> Iterator[Trigger]:
    name = f"check_falls_{table.removeprefix('classes_')}"
    new, old = classes.replace("ROW", "NEW"), classes.replace("ROW", "OLD")
    yield Trigger(f"{name}_insert", table, "INSERT", take_back(new))
    yield Trigger(f"{name}_update", table, "UPDATE", f"{take_back(old)} {take_back(new)}")
    yield Trigger(f"{name}_delete", table, "DELETE", take_back(old))


def _on_truncate(take_back: Callable[[str], str]) -> Iterator[Trigger]:
    """It empties a table without a word about its rows."""
    for table in _WATCHED:
        name = f"check_falls_{table.removeprefix('classes_')}_truncate"
        does = take_back("SELECT id FROM classes_workoutclass")
        yield Trigger(name, table, "TRUNCATE", does, scope="FOR EACH STATEMENT")


def _on_variants(take_back: Callable[[str], str]) -> Iterator[Trigger]:
    table, new, old = "classes_variant", "NEW.workout_class_id", "OLD.workout_class_id"
    yield Trigger("check_falls_variant_insert", table, "INSERT", take_back(new))
    yield Trigger(
        "check_falls_variant_moved",
        table,
        "UPDATE OF workout_class_id",
        take_back(f"{old}, {new}"),
        when=f"{old} <> {new}",
    )
    yield Trigger(
        "check_falls_variant_film",
        table,
        "UPDATE OF video_id",
        take_back(_OF_NEW_FILM),
        when="NEW.video_id IS NOT NULL AND (OLD.video_id IS NULL OR OLD.video_id <> NEW.video_id)",
    )
