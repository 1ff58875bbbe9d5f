"""The index on PostgreSQL: columns of the documents that the database makes and keeps by itself.

Migration 0009 has them, with a configuration of text search of our own: accents folded, the
stemmer that SQLite has, and no word too common to look for.
"""

from collections.abc import Sequence
from typing import Any

from .trust import TAGS_COUNT
from .words import fold, root

Query = tuple[str, list[Any]]  # and its parameters

_ASKED = "to_tsquery('matwork', %s)"
_ANYWHERE = f"(head @@ {_ASKED} OR tag_words @@ {_ASKED} OR said_words @@ {_ASKED})"
_BESIDES_TAGS = f"(head @@ {_ASKED} OR said_words @@ {_ASKED})"
# Weights of D, C, B and A: nothing, description, names, title; a tag weighs what a name does. What
# is said comes after all of these: to rank by it would be to read it.
_RANK = f"ts_rank('{{0, 0.15, 0.4, 1}}', head, {_ASKED}) + 0.24 * (tag_words @@ {_ASKED})::int"


def matching(words: Sequence[str]) -> Query:
    """The ids of the classes in whose documents every word occurs, as the beginning of one."""
    anywhere = " AND ".join(_ANYWHERE for _word in words)
    besides_tags = " AND ".join(_BESIDES_TAGS for _word in words)
    rows = f"""
        SELECT workout_class_id AS id FROM classes_searchdocument
        WHERE {anywhere} AND ({TAGS_COUNT.format(id="workout_class_id")} OR {besides_tags})
    """  # noqa: S608
    return rows, [
        *(_prefix(word) for word in words for _column in range(3)),
        *(_prefix(word) for word in words for _column in range(2)),
    ]


def ranked(words: Sequence[str]) -> Query:
    """The same as one value, the best first."""
    rows, parameters = matching(words)
    any_word = " | ".join(_prefix(word) for word in words)
    return f"ARRAY({rows} ORDER BY {_RANK} DESC, id DESC)", [*parameters, any_word, any_word]


def ids(value: list[int]) -> list[int]:
    """What `ranked` gave."""
    return value


def words_alike(words: Sequence[str]) -> Query:
    """Rows (word asked for, word known, the same folded), from which the nearest may be chosen."""
    rows = """
        SELECT asked.word, known.word, known.folded
        FROM unnest(%s::text[], %s::text[], %s::text[]) AS asked (word, folded, root)
        CROSS JOIN LATERAL (
            (
                SELECT word, folded FROM classes_searchword
                ORDER BY folded <-> asked.folded LIMIT 20
            )
            UNION ALL
            (
                SELECT word, folded FROM classes_searchword
                WHERE folded LIKE asked.root || '%%' LIMIT 1
            )
        ) AS known
    """
    return rows, [list(words), [fold(word) for word in words], [root(word) for word in words]]


def after_rebuilding() -> list[str]:
    """Statements that tell the planner what has become of the tables."""
    tables = ("classes_searchdocument", "classes_searchmoment", "classes_searchword")
    return [f"ANALYZE {table}" for table in tables]


def _prefix(word: str) -> str:
    return f"'{word}':*"
