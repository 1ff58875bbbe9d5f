"""Questions that every page asks, put into SQL once: to do so takes longer than the answer.

    _OF = Prepared(lambda pk: Comment.objects.filter(author=pk).values_list("pk", "body"), 1)
    _OF.rows(member.pk)

The rows are as the database gives them, a moment still to go through `aware`. Only for columns of
numbers, words, truths and moments.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, overload

from django.db import connection
from django.db.models import QuerySet

# Stand for what is asked for: no row has a number below nought.
_FIRST = -7_000_000


class Prepared:
    """`make` takes `numbers` whole numbers, such as ids, and gives a query of plain values.

    It may use each of them once or more, and must not look at them.
    """

    def __init__(self, make: Callable[..., QuerySet[Any, Any]], numbers: int) -> None:
        self.make = make
        self.places = {_FIRST - place: place for place in range(numbers)}
        self.questions: dict[str, tuple[str, list[Any]]] = {}

    def rows(self, *numbers: int) -> list[tuple[Any, ...]]:
        """One query. ValueError if there are not as many numbers as `make` takes."""
        places = self.places
        if len(numbers) != len(places):
            raise ValueError(f"{len(numbers)} numbers for {len(places)} places")
        sql, parameters = self._question()
        asked = [
            numbers[places[each]] if type(each) is int and each in places else each
            for each in parameters
        ]
        with connection.cursor() as cursor:
            cursor.execute(sql, asked)
            return cursor.fetchall()

    def _question(self) -> tuple[str, list[Any]]:
        vendor = connection.vendor
        if vendor not in self.questions:
            sql, parameters = self.make(*self.places).query.sql_with_params()
            self.questions[vendor] = (sql, list(parameters))
        return self.questions[vendor]


@overload
def aware(moment: datetime) -> datetime: ...
@overload
def aware(moment: datetime | None) -> datetime | None: ...
def aware(moment: datetime | None) -> datetime | None:
    """A moment as SQLite gives it, which keeps them in UTC without saying so."""
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
