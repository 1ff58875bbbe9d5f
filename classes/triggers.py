"""Database triggers: what the database does by itself when rows change, whoever changes them.

A bulk update, an import and a line in a shell all pass by Python's signals; they do not pass by
these. Each of our sets of triggers is a function from the database's vendor to its triggers,
registered with `keep_installed` in `AppConfig.ready`.

Migrations do not make the triggers: `post_migrate` does, from the code as it stands, and finds
with one query that there is nothing to do. For SQLite knows no way to alter a column: Django makes
the table anew, which loses its triggers, and renames it, which SQLite refuses while any trigger
speaks of the table that is not there at that moment. So they also go before a migration, and rows
that a migration writes are watched by nobody: it has to do itself what the triggers would. After a
migrate that failed they are away until one succeeds, and the site must not be served until then.
On PostgreSQL they stay; a migration that drops a column they name drops them first (`remove`).
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.signals import post_migrate, pre_migrate


@dataclass(frozen=True)
class Trigger:
    """What to do after each row that is written, or after each statement if `scope` says so.

    `event` is INSERT, UPDATE, DELETE or `UPDATE OF column, …`. `when` and `does` see the row as NEW
    and OLD, as far as the event has them. `does` is one or more statements, each ending with `;`.
    The name, at most 63 characters, is that of the function as well on PostgreSQL.
    """

    name: str
    table: str
    event: str
    does: str
    when: str = ""
    scope: str = "FOR EACH ROW"  # PostgreSQL knows FOR EACH STATEMENT too, with tables of its rows

    @property
    def occasion(self) -> str:
        condition = f" WHEN ({self.when})" if self.when else ""
        return f'AFTER {self.event} ON "{self.table}" {self.scope}{condition}'

    def definition(self, vendor: str) -> str:
        """What the database keeps of it, word for word, to be compared."""
        if vendor == "postgresql":
            # The occasion stands in the function's text, so that a change of it shows there.
            return f"\n-- {self.occasion}\nBEGIN\n{self.does}\nRETURN NULL;\nEND\n"
        return f'CREATE TRIGGER "{self.name}" {self.occasion} BEGIN {self.does} END'


# For PostgreSQL, after a statement: the ids that `concerns` finds for the rows that changed, and
# the rows that an UPDATE really changed, in these columns.
CONCERNED = "SELECT DISTINCT c.id FROM {rows} AS changed, LATERAL ({concerns}) AS c (id)"
ROWS_THAT_DIFFER = """(
    (SELECT {columns} FROM old_rows EXCEPT SELECT {columns} FROM new_rows)
    UNION ALL
    (SELECT {columns} FROM new_rows EXCEPT SELECT {columns} FROM old_rows)
)"""

MakeTriggers = Callable[[str], Iterable[Trigger]]  # from the vendor: "sqlite" or "postgresql"


def keep_installed(app: AppConfig, make: MakeTriggers, *, since: str) -> None:
    """Have these triggers stand after every migrate from which on `since` is applied.

    `since` names a migration of the app: the one whose tables and columns they need.
    """

    def before(sender: Any, using: str, plan: Any = (), **kwargs: Any) -> None:
        connection = connections[using]
        if plan and connection.vendor == "sqlite":
            remove(connection, make(connection.vendor))

    def after(sender: Any, using: str, **kwargs: Any) -> None:
        connection = connections[using]
        missing = missing_from(connection, make(connection.vendor))
        if missing and (app.label, since) in MigrationRecorder(connection).applied_migrations():
            install(connection, missing)

    name = f"{app.label}.{since}"
    pre_migrate.connect(before, sender=app, weak=False, dispatch_uid=f"{name}.before")
    post_migrate.connect(after, sender=app, weak=False, dispatch_uid=f"{name}.after")


def missing_from(connection: BaseDatabaseWrapper, triggers: Iterable[Trigger]) -> list[Trigger]:
    """Those that the database does not have, or not as they are written here. One query."""
    stored = _stored(connection)
    return [
        trigger
        for trigger in triggers
        if stored.get(trigger.name) != trigger.definition(connection.vendor)
    ]


def install(connection: BaseDatabaseWrapper, triggers: Iterable[Trigger]) -> None:
    """Make those that are missing, in place of others of their names."""
    missing = missing_from(connection, triggers)
    with connection.cursor() as cursor:
        for trigger in missing:
            definition = trigger.definition(connection.vendor)
            if connection.vendor == "postgresql":
                cursor.execute(f'DROP TRIGGER IF EXISTS "{trigger.name}" ON "{trigger.table}"')
                cursor.execute(
                    f'CREATE OR REPLACE FUNCTION "{trigger.name}"() RETURNS trigger'
                    f" LANGUAGE plpgsql AS $matwork${definition}$matwork$"
                )
                cursor.execute(
                    f'CREATE TRIGGER "{trigger.name}" {trigger.occasion}'
                    f' EXECUTE FUNCTION "{trigger.name}"()'
                )
            else:
                cursor.execute(f'DROP TRIGGER IF EXISTS "{trigger.name}"')
                cursor.execute(definition)


@contextmanager
def suspended(connection: BaseDatabaseWrapper, triggers: Iterable[Trigger]) -> Iterator[None]:
    """Write rows by the hundred thousand; what the triggers would do is left to the caller.

    All of it is one transaction: a process that is killed leaves them where they were.
    """
    triggers = list(triggers)
    with transaction.atomic(using=connection.alias):
        remove(connection, triggers)
        yield
        install(connection, triggers)


def remove(connection: BaseDatabaseWrapper, triggers: Iterable[Trigger]) -> None:
    """Take away those that are there, on PostgreSQL with their functions."""
    with connection.cursor() as cursor:
        for trigger in triggers:
            if connection.vendor == "postgresql":
                cursor.execute(f'DROP FUNCTION IF EXISTS "{trigger.name}"() CASCADE')
            else:
                cursor.execute(f'DROP TRIGGER IF EXISTS "{trigger.name}"')


def _stored(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """Every trigger of the database with its definition, by its name."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT tgname, prosrc FROM pg_trigger"
                " JOIN pg_proc ON pg_proc.oid = tgfoid JOIN pg_class ON pg_class.oid = tgrelid"
                " WHERE NOT tgisinternal AND tgenabled <> 'D' AND pg_table_is_visible(tgrelid)"
            )
        else:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        return dict(cursor.fetchall())
