"""Questions that every page asks, put into SQL once: to do so takes longer than the answer.

    _OF = Prepared(lambda pk: Comment.objects.filter(author=pk).values_list("pk", "body"), 1)
    _OF.rows(member.pk)

The rows are as the database gives them, and SQLite keeps few kinds of values: a moment has still
to go through `aware`, a length through `lasting`, a UUID through `uuid_of`. Columns of other kinds
than these, numbers, words and truths are not for here; JSON comes as text.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, overload
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

# Stand for what is asked for: no row has a number below nought.
_FIRST = -7_000_000
# And for the moment of asking: nothing here is that old.
NOW = datetime(1, 1, 2, tzinfo=UTC)


class Prepared:
    """`make` takes `numbers` whole numbers, such as ids, and gives a query of plain values.

    It may use each of them once or more, and must not look at them. `NOW` in it is the moment at
    which it is asked.
    """

    def __init__(self, make: Callable[..., QuerySet[Any, Any]], numbers: int) -> None:
        self.make = make
        self.places = {_FIRST - place: place for place in range(numbers)}
        self.questions: dict[str, tuple[str, list[Any]]] = {}

    def rows(self, *numbers: int) -> list[tuple[Any, ...]]:
        """One query. ValueError if there are not as many numbers as `make` takes."""
        places, adapt = self.places, connection.ops.adapt_datetimefield_value
        if len(numbers) != len(places):
            raise ValueError(f"{len(numbers)} numbers for {len(places)} places")
        sql, parameters = self._question()
        stands_for_now, now = adapt(NOW), adapt(timezone.now())
        asked = [
            numbers[places[each]]
            if type(each) is int and each in places
            else now
            if each == stands_for_now
            else each
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


def lasting(length: timedelta | int | None) -> timedelta | None:
    """A length as SQLite gives it, which keeps microseconds."""
    return timedelta(microseconds=length) if isinstance(length, int) else length


@overload
def uuid_of(value: UUID | str) -> UUID: ...
@overload
def uuid_of(value: UUID | str | None) -> UUID | None: ...
def uuid_of(value: UUID | str | None) -> UUID | None:
    """An id as SQLite gives it, which keeps its digits."""
    return UUID(value) if isinstance(value, str) else value
