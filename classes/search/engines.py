"""Which of the two indexes it is: each database has one of its own, behind the same functions."""

from collections.abc import Sequence
from typing import Any, Protocol

from django.db import connection

from . import postgres, sqlite

Query = tuple[str, list[Any]]  # and its parameters


class Engine(Protocol):
    """The functions of `sqlite` and `postgres`. Words are those of `words.asked`, at least one."""

    def matching(self, words: Sequence[str]) -> Query:
        """The ids of the classes in whose documents every word occurs, as the beginning of one."""

    def ranked(self, words: Sequence[str]) -> Query:
        """The same as one value, the best first."""

    def ids(self, value: Any) -> list[int]:
        """What `ranked` gave."""

    def words_alike(self, words: Sequence[str]) -> Query:
        """Rows (word asked for, word known, the same folded): those that begin with its root, and
        those from which the nearest may be chosen."""

    def after_rebuilding(self) -> list[str]:
        """Statements for when every document has been made anew."""


def engine() -> Engine:
    return postgres if connection.vendor == "postgresql" else sqlite
