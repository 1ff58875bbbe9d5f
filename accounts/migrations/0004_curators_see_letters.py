"""What curators may do about letters: see which did not arrive, and send them again."""

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

CODENAMES = ["view_letter", "change_letter"]


def let_curators_see_letters(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    config = apps.get_app_config("accounts")
    config.models_module = True  # historical apps have none, and would be passed over
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    permissions = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="accounts", codename__in=CODENAMES
    )
    # A studio that has done away with the group, or given it another name, is left alone.
    if group := apps.get_model("auth", "Group").objects.filter(name="Curators").first():
        group.permissions.add(*permissions)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_members_own"),
        ("classes", "0002_curators"),  # makes the group
    ]

    operations = [migrations.RunPython(let_curators_see_letters, migrations.RunPython.noop)]
