"""What was ticked so far is what the class contains; from now on chapters add to it."""

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


class Migration(migrations.Migration):
    dependencies = [("classes", "0006_body_model")]

    operations = [migrations.RunPython(copy_ticks, migrations.RunPython.noop)]
