from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

# What is stored there is kept by triggers (`classes.search.sqlite`) and made by `classes.search`.
_ON_SQLITE = [
    """
    CREATE VIRTUAL TABLE classes_searchindex USING fts5(
        title, names, tags, description, said,
        content='classes_searchdocument', content_rowid='workout_class_id',
        tokenize='porter unicode61 remove_diacritics 2', prefix='2 3'
    )
    """
]
_TO_SQLITE_BEFORE = ["DROP TABLE classes_searchindex"]

_ON_POSTGRESQL = [
    # Both come with the server, and whoever may create in the database may have them.
    "CREATE EXTENSION IF NOT EXISTS unaccent",
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    # The stemmer that SQLite has, and like there no word is passed over as too common.
    "CREATE TEXT SEARCH DICTIONARY matwork_stem (TEMPLATE = snowball, LANGUAGE = porter)",
    "CREATE TEXT SEARCH CONFIGURATION matwork (COPY = pg_catalog.simple)",
    """
    ALTER TEXT SEARCH CONFIGURATION matwork ALTER MAPPING FOR
        asciiword, word, numword, asciihword, hword, numhword,
        hword_asciipart, hword_part, hword_numpart, int, uint, float, sfloat, version
    WITH unaccent, matwork_stem
    """,
    # Apart from the others, so that tags can be left out; and what is said, for it is long and
    # ranking reads all that it ranks by.
    """
    ALTER TABLE classes_searchdocument
    ADD COLUMN head tsvector NOT NULL GENERATED ALWAYS AS (
        setweight(to_tsvector('matwork', title), 'A')
        || setweight(to_tsvector('matwork', names), 'B')
        || setweight(to_tsvector('matwork', description), 'C')
    ) STORED,
    ADD COLUMN tag_words tsvector NOT NULL GENERATED ALWAYS AS (
        setweight(to_tsvector('matwork', tags), 'B')
    ) STORED,
    ADD COLUMN said_words tsvector NOT NULL GENERATED ALWAYS AS (
        strip(to_tsvector('matwork', said))
    ) STORED
    """,
    """
    CREATE INDEX classes_searchdocument_words ON classes_searchdocument
    USING gin (head, tag_words, said_words)
    """,
    """
    CREATE INDEX classes_searchword_alike ON classes_searchword
    USING gist (folded gist_trgm_ops)
    """,
]
_TO_POSTGRESQL_BEFORE = [
    "DROP INDEX classes_searchword_alike",
    """
    ALTER TABLE classes_searchdocument
    DROP COLUMN head, DROP COLUMN tag_words, DROP COLUMN said_words
    """,
    "DROP TEXT SEARCH CONFIGURATION matwork",
    "DROP TEXT SEARCH DICTIONARY matwork_stem",
]


def make_index(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for statement in _ON_SQLITE if is_sqlite else _ON_POSTGRESQL:
        schema_editor.execute(statement)


def drop_index(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for statement in _TO_SQLITE_BEFORE if is_sqlite else _TO_POSTGRESQL_BEFORE:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("classes", "0008_watch_the_catalogue")]

    operations = [
        migrations.AddField(
            model_name="searchmoment",
            name="texts",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="searchmoment",
            name="words",
            field=models.TextField(default=""),
            preserve_default=False,
        ),
        migrations.CreateModel(
            name="SearchState",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveBigIntegerField()),
                ("stamp", models.BigIntegerField()),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("word", models.CharField(max_length=40, unique=True)),
                ("folded", models.CharField(db_index=True, max_length=40)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.RunPython(make_index, drop_index),
    ]
