"""From here on the database itself takes checks back: see `classes.body.triggers`.

`post_migrate` makes the triggers, which SQLite would not keep from one migration to the next.
Here they only go, where somebody goes back to a schema that has no chapters.
"""

from django.db import migrations

from classes.body.triggers import triggers
from classes.triggers import remove


def take_triggers_away(apps, schema_editor):
    remove(schema_editor.connection, triggers(schema_editor.connection.vendor))


class Migration(migrations.Migration):
    dependencies = [("classes", "0009_words_to_search")]

    operations = [migrations.RunPython(migrations.RunPython.noop, take_triggers_away)]
