"""What curators may do about what is said: decide, and stop who writes it. They delete nothing."""

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

CODENAMES = [
    "view_comment",
    "change_comment",
    "view_stop",
    "add_stop",
    "change_stop",
    "view_classrequest",
    "change_classrequest",
    "view_notice",
    "change_notice",
]


def let_curators_decide(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    config = apps.get_app_config("comments")
    config.models_module = True  # historical apps have none, and would be passed over
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    permissions = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="comments", codename__in=CODENAMES
    )
    # A studio that has done away with the group, or given it another name, is left alone.
    if group := apps.get_model("auth", "Group").objects.filter(name="Curators").first():
        group.permissions.add(*permissions)


class Migration(migrations.Migration):
    dependencies = [("comments", "0003_conversation")]

    operations = [migrations.RunPython(let_curators_decide, migrations.RunPython.noop)]
