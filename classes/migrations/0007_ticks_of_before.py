"""What was ticked so far is what the class contains; from now on chapters add to it.

Curators keep the exercises that chapters are made of, and the sets that visitors start from.
"""

from django.contrib.auth.management import create_permissions
from django.db import migrations


def copy_ticks(apps, schema_editor):
    WorkoutClass = apps.get_model("classes", "WorkoutClass")
    ticked = WorkoutClass.ticked_movements.through
    rows = WorkoutClass.movements.through.objects.values_list("workoutclass_id", "movement_id")
    ticked.objects.bulk_create(
        (
            ticked(workoutclass_id=class_id, movement_id=movement_id)
            for class_id, movement_id in rows
        ),
        batch_size=2000,
    )


def allow_exercises(apps, schema_editor):
    # Permissions are made after all migrations, too late for the group on a fresh database.
    config = apps.get_app_config("classes")
    config.models_module = True  # historical apps have none, and would be passed over
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    group = apps.get_model("auth", "Group").objects.filter(name="Curators").first()
    if group is not None:
        body = apps.get_model("auth", "Permission").objects.filter(
            content_type__app_label="classes",
            codename__in=[
                f"{act}_{model}"
                for act in ("add", "change", "delete", "view")
                for model in ("avoidset", "exercise")
            ],
        )
        group.permissions.add(*body)


class Migration(migrations.Migration):
    dependencies = [
        ("classes", "0006_body_model"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.RunPython(copy_ticks, migrations.RunPython.noop),
        migrations.RunPython(allow_exercises, migrations.RunPython.noop),
    ]
