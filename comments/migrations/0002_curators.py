"""Curators moderate: they read, hold, publish and remove what was said, and delete nothing."""

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

NAME = "Curators"
CODENAMES = ["view_comment", "change_comment"]


def let_curators_moderate(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    config = apps.get_app_config("comments")
    config.models_module = True  # historical apps have none, and would be passed over
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    permissions = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="comments", codename__in=CODENAMES
    )
    group, _made = apps.get_model("auth", "Group").objects.get_or_create(name=NAME)
    group.permissions.add(*permissions)


class Migration(migrations.Migration):
    dependencies = [
        ("classes", "0002_curators"),
        ("comments", "0001_initial"),
    ]

    operations = [migrations.RunPython(let_curators_moderate, migrations.RunPython.noop)]
