"""Captions among what curators may bring in."""

from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def allow_captions(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    # Permissions are made after all migrations, too late for the group on a fresh database.
    config = apps.get_app_config("classes")
    config.models_module = True  # historical apps have none, and would be passed over
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    group = apps.get_model("auth", "Group").objects.filter(name="Curators").first()
    if group is not None:
        captions = apps.get_model("auth", "Permission").objects.filter(
            content_type__app_label="classes",
            codename__in=[f"{act}_captions" for act in ("add", "change", "delete", "view")],
        )
        group.permissions.add(*captions)


class Migration(migrations.Migration):
    dependencies = [
        ("classes", "0004_films_of_before"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(allow_captions, migrations.RunPython.noop)]
