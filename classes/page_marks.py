"""The one question with which a class page begins: does what is kept of it still stand?"""

from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import F, Subquery

from classes.catalogue.answers import Version
from classes.catalogue.changes import version_of
from classes.models import CatalogueVersion, WorkoutClass


class PageMarks(NamedTuple):
    """What the database says of a class and of all that its page is made of."""

    class_id: int
    comment_count: int
    version: Version  # of the catalogue
    others: tuple[Any, ...]  # the values of what was registered, in that order

    @property
    def substance(self) -> str:
        """Names all that the page is made of but what is said."""
        number, stamp = self.version.substance
        return f"{number}.{stamp}"


_others: list[str] = []


def register(*lookups: str) -> None:
    """Ask for these of the class as well, as a higher floor needs them: "conversation__stamp"."""
    _others.extend(lookup for lookup in lookups if lookup not in _others)
    _question.cache_clear()


def page_marks(slug: str) -> PageMarks | None:
    """Of the class at that address, whoever may see it; None where there is none. One query."""
    sql, parameters = _question(connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(sql, [slug if each == _SLUG else each for each in parameters])
        row = cursor.fetchone()
    if row is None:
        return None
    class_id, comment_count, number, stamp, of_substance, stamp_of_substance, *others = row
    version = version_of(number or 0, stamp or 0, of_substance or 0, stamp_of_substance or 0)
    return PageMarks(class_id, comment_count, version, tuple(others))


_SLUG = "the-slug-that-is-asked-for"


@cache
def _question(vendor: str) -> tuple[str, tuple[Any, ...]]:
    """Put into SQL once: to do so takes longer than the answer."""
    state = {
        f"{column}_{pk}": Subquery(CatalogueVersion.objects.filter(pk=pk).values(column))
        for pk in (CatalogueVersion.WHOLE, CatalogueVersion.SUBSTANCE)
        for column in ("number", "stamp")
    }
    others = {f"other_{place}": F(lookup) for place, lookup in enumerate(_others)}
    rows = WorkoutClass.objects.filter(slug=_SLUG).order_by().annotate(**state, **others)
    return rows.values_list("pk", "comment_count", *state, *others).query.sql_with_params()


class Lifetime:
    """For how long a page is true, as far as those say who put something on it."""

    def __init__(self) -> None:
        self.until: datetime | None = None  # None: until one of its marks changes

    def ends(self, moment: datetime | None) -> None:
        """At the latest then. What is already past: the page is true now only."""
        if moment is not None and (self.until is None or moment < self.until):
            self.until = moment
