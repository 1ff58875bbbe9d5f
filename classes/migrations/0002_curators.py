"""The group of those who work in the administration: all of the catalogue, and who its members are.

Permissions are made after all migrations have run, which on a fresh database is too late for a
group that needs them; so they are made here first.
"""

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

NAME = "Curators"

CATALOGUE = [
    *(
        f"{act}_{model}"
        for act in ("add", "change", "delete", "view")
        for model in (
            "apparatus",
            "focustag",
            "instructor",
            "movement",
            "prop",
            "variant",
            "workoutclass",
        )
    ),
    "view_picture",
    "add_video",
    "change_video",
    "view_video",
]
# Who a member is may be corrected and an account be closed; it is deleted by the member alone.
MEMBERS = [
    "view_member",
    "change_member",
    "view_membership",
    "add_membership",
    "change_membership",
]


def make_group(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    group, _made = Group.objects.get_or_create(name=NAME)
    for label, codenames in (("classes", CATALOGUE), ("accounts", MEMBERS)):
        _make_permissions(apps, label)
        permissions = Permission.objects.filter(
            content_type__app_label=label, codename__in=codenames
        )
        group.permissions.add(*permissions)


def _make_permissions(apps: Apps, label: str) -> None:
    config = apps.get_app_config(label)
    config.models_module = True  # historical apps have none, and would be passed over
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None


def remove_group(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("auth", "Group").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("classes", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_group, remove_group)]
