"""The index on SQLite: a table of FTS5 beside that of the documents, kept by triggers.

FTS5 has a syntax for queries, in which a quoted word is a word and nothing else. Words come here
without quotes (`words.split`), and go into the query as its parameters.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from classes.triggers import Trigger

from .trust import TAGS_COUNT
from .words import fold, root

_COLUMNS = ("title", "names", "tags", "description", "said")
_WEIGHTS = "10, 5, 5, 3, 1"

Query = tuple[str, list[Any]]  # and its parameters


def matching(words: Sequence[str]) -> Query:
    """The ids of the classes in whose documents every word occurs, as the beginning of one."""
    every_word = " AND ".join(f'"{word}"*' for word in words)
    rows = f"""
        SELECT rowid AS id FROM classes_searchindex WHERE classes_searchindex MATCH %s
        AND ({TAGS_COUNT.format(id="classes_searchindex.rowid")} OR rowid IN (
            SELECT rowid FROM classes_searchindex WHERE classes_searchindex MATCH %s
        ))
    """  # noqa: S608
    return rows, [every_word, f"- tags : ({every_word})"]


def ranked(words: Sequence[str]) -> Query:
    """The same as one value, the best first."""
    rows, parameters = matching(words)
    best_first = f"ORDER BY bm25(classes_searchindex, {_WEIGHTS}), id DESC"
    value = f"(SELECT json_group_array(id) FROM ({rows} {best_first}))"  # noqa: S608
    return value, parameters


def ids(value: str) -> list[int]:
    """What `ranked` gave."""
    return json.loads(value)


def words_alike(words: Sequence[str]) -> Query:
    """Rows (word asked for, word known, the same folded), from which the nearest may be chosen.

    All of similar length that begin or end alike: SQLite has nothing that finds similar words.
    """
    rows = """
        SELECT asked.word, known.word, known.folded
        FROM (
            SELECT value ->> 0 AS word, value ->> 1 AS folded, value ->> 2 AS root
            FROM json_each(%s)
        ) AS asked JOIN classes_searchword AS known
            ON substr(known.folded, 1, length(asked.root)) = asked.root
            OR abs(length(known.folded) - length(asked.folded)) <= 2 AND (
                substr(known.folded, 1, 1) = substr(asked.folded, 1, 1)
                OR substr(known.folded, 2, 1) = substr(asked.folded, 1, 1)
                OR substr(known.folded, -3) = substr(asked.folded, -3)
            )
    """
    return rows, [json.dumps([[word, fold(word), root(word)] for word in words])]


def after_rebuilding() -> list[str]:
    """Statements that make the index anew from the documents, and tight."""
    return [
        "INSERT INTO classes_searchindex (classes_searchindex) VALUES ('rebuild')",
        "INSERT INTO classes_searchindex (classes_searchindex) VALUES ('optimize')",
    ]


def triggers(vendor: str) -> Iterable[Trigger]:
    """For `classes.triggers.keep_installed`. PostgreSQL keeps its index by itself."""
    if vendor != "sqlite":
        return
    table = "classes_searchdocument"
    columns = ", ".join(_COLUMNS)

    def values(row: str) -> str:
        return ", ".join(f"{row}.{column}" for column in ("workout_class_id", *_COLUMNS))

    # What an index of documents kept elsewhere forgets, it has to be told.
    into = "INSERT INTO classes_searchindex"
    adds = f"{into} (rowid, {columns}) VALUES ({values('NEW')});"
    removes = f"{into} (classes_searchindex, rowid, {columns}) VALUES ('delete', {values('OLD')});"
    yield Trigger("search_document_insert", table, "INSERT", adds)
    yield Trigger("search_document_delete", table, "DELETE", removes)
    yield Trigger("search_document_update", table, "UPDATE", f"{removes} {adds}")
