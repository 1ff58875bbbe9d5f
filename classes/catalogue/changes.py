"""What has changed in the catalogue since some version.

Database triggers (`triggers`) raise the version with every change that matters and append what
changed, in the transaction of the change itself. So whoever sees the new rows sees the new
version, and one cheap question tells a process whether what it keeps in memory still stands.

Writers wait for each other at the one row of the version until they commit, so versions are
committed in the order of their numbers. A transaction that is rolled back gives its number back
and the next one takes it: only number and stamp together name a version.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from secrets import randbits
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from classes.models import CatalogueChange, CatalogueVersion
from classes.prepared import Prepared

from .answers import Version
from .triggers import MOST_CLASSES

NOTHING_YET = Version(0, 0)
KEPT_VERSIONS = 10_000
_BATCH = 20_000  # rows that one transaction deletes, while others wait to write


@dataclass(frozen=True)
class Changed:
    """The classes that changed, deleted ones too, and the version at which that was asked.

    A class whose row says the same as before may be among them.
    """

    version: Version
    class_ids: frozenset[int]


def current_version() -> Version:
    """The version that the catalogue is at, in one query; `NOTHING_YET` before any change."""
    rows = {pk: (number, stamp) for pk, number, stamp in _VERSIONS.rows()}
    return version_of(
        *rows.get(CatalogueVersion.WHOLE, NOTHING_YET),
        *rows.get(CatalogueVersion.SUBSTANCE, NOTHING_YET),
    )


_VERSIONS = Prepared(lambda: CatalogueVersion.objects.values_list("pk", "number", "stamp"), 0)


def version_of(number: int, stamp: int, of_substance: int, stamp_of_substance: int) -> Version:
    """From the two rows of `CatalogueVersion`; zeros where there is none."""
    version = Version(number, stamp)
    version.substance = (of_substance, stamp_of_substance)
    return version


def since(version: Version) -> Changed | None:
    """What changed after that version; None where everything must be read again.

    That is: something concerned all classes, more than `MOST_CLASSES` changed, the version was
    never committed, or it is so old that its changes have been forgotten. Three queries.
    """
    now = current_version()
    if now == version:
        return Changed(now, frozenset())
    changes = CatalogueChange.objects.all()
    class_ids = (
        changes.filter(version__gt=version.number, version__lte=now.number)
        .values_list("workout_class_id", flat=True)
        .distinct()
    )
    found = set(class_ids[: MOST_CLASSES + 1])
    # Asked last: as long as this one is there, none of those after it were forgotten meanwhile.
    if not changes.filter(version=version.number, stamp=version.stamp).exists():
        return None
    named = frozenset(class_id for class_id in found if class_id is not None)
    return Changed(now, named) if found == named and len(named) <= MOST_CLASSES else None


def everything_changed(using: str = DEFAULT_DB_ALIAS) -> None:
    """Raise the version by hand: every process reads all again."""
    with transaction.atomic(using):
        versions = CatalogueVersion.objects.using(using).select_for_update()
        rows = {}
        # In the order of the triggers, so that none waits for one who waits for it.
        for pk in (CatalogueVersion.WHOLE, CatalogueVersion.SUBSTANCE):
            row, _is_new = versions.get_or_create(pk=pk, defaults={"number": 0, "stamp": 0})
            row.number += 1
            row.stamp = randbits(63)
            row.save()
            rows[pk] = row
        whole = rows[CatalogueVersion.WHOLE]
        CatalogueChange.objects.using(using).create(version=whole.number, stamp=whole.stamp)


def forget_old_changes() -> int:
    """Forget the changes before the last `KEPT_VERSIONS`, a batch at a time; how many rows.

    Who missed them reads everything again.
    """
    kept_from = current_version().number - KEPT_VERSIONS
    old = CatalogueChange.objects.filter(version__lte=kept_from).order_by("pk")[:_BATCH]
    forgotten = 0
    while number := CatalogueChange.objects.filter(pk__in=old.values("pk")).delete()[0]:
        forgotten += number
    return forgotten


def after_migrate(sender: Any, using: str, plan: Sequence[Any] = (), **kwargs: Any) -> None:
    """Receiver of `post_migrate`: a migration writes rows while the triggers may be away."""
    if plan and CatalogueVersion._meta.db_table in connections[using].introspection.table_names():
        everything_changed(using)
