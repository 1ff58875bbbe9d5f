"""How triggers come to stand, stay and go."""

from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.recorder import MigrationRecorder

from classes.body.triggers import triggers as make_triggers
from classes.catalogue.triggers import triggers as make_catalogue_triggers
from classes.triggers import Trigger, install, missing_from, remove

A_TRIGGER = Trigger(
    "try_it",
    "classes_prop",
    "INSERT",
    "UPDATE classes_apparatus SET position = 7;",
    when="NEW.slug = 'wall'",
)


@pytest.mark.django_db
def test_every_trigger_stands_after_migrating():
    everything = [*make_triggers(connection.vendor), *make_catalogue_triggers(connection.vendor)]

    assert everything
    assert missing_from(connection, everything) == []


@pytest.mark.django_db
def test_installed_trigger_stands_and_another_definition_takes_its_place():
    install(connection, [A_TRIGGER])
    assert missing_from(connection, [A_TRIGGER]) == []

    for other in (
        replace(A_TRIGGER, does="UPDATE classes_apparatus SET position = 8;"),
        replace(A_TRIGGER, when="NEW.slug = 'ball'"),
        replace(A_TRIGGER, event="DELETE", when=""),
        replace(A_TRIGGER, table="classes_apparatus"),
    ):
        assert missing_from(connection, [other]) == [other]

    install(connection, [replace(A_TRIGGER, when="NEW.slug = 'ball'")])
    assert missing_from(connection, [A_TRIGGER]) == [A_TRIGGER]


@pytest.mark.django_db
def test_triggers_cost_one_query_where_nothing_is_missing(django_assert_num_queries):
    with django_assert_num_queries(1):
        install(connection, make_triggers(connection.vendor))


@pytest.mark.django_db
def test_removed_triggers_are_gone_and_may_be_removed_again():
    install(connection, [A_TRIGGER])

    remove(connection, [A_TRIGGER])
    remove(connection, [A_TRIGGER])

    assert missing_from(connection, [A_TRIGGER]) == [A_TRIGGER]


@pytest.mark.django_db
def test_a_lost_trigger_comes_back_with_the_next_migrate():
    lost = make_triggers(connection.vendor)[:3]
    remove(connection, lost)

    call_command("migrate", verbosity=0, stdout=StringIO())

    assert missing_from(connection, lost) == []


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL alters a table in place")
def test_a_table_can_be_made_anew_by_a_migration():
    """SQLite refuses to rename it while triggers speak of it; so they go, and come back."""
    plan = [(Migration("0099_something", "classes"), False)]
    emit_pre_migrate_signal(0, False, "default", plan=plan)
    assert missing_from(connection, make_triggers("sqlite")) == make_triggers("sqlite")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA defer_foreign_keys = ON")
        cursor.execute("SELECT sql FROM sqlite_master WHERE name = 'classes_chapter'")
        cursor.execute(cursor.fetchone()[0].replace("classes_chapter", "made_anew", 1))
        cursor.execute("DROP TABLE classes_chapter")
        cursor.execute("ALTER TABLE made_anew RENAME TO classes_chapter")

    emit_post_migrate_signal(0, False, "default", plan=plan)

    assert missing_from(connection, make_triggers("sqlite")) == []


@pytest.mark.django_db
def test_before_their_tables_are_there_nothing_is_made(monkeypatch):
    """Somebody who migrates backwards ends without triggers, not with an error."""
    everything = make_triggers(connection.vendor)
    remove(connection, everything)
    monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda self: {})

    emit_post_migrate_signal(0, False, "default", plan=[])

    assert missing_from(connection, everything) == everything
