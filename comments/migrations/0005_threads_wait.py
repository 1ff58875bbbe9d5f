"""Which threads wait for an answer, of those that are there already."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Window


def say_which_threads_wait(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """As `desk.waiting` did when this was written: nobody had said yet what needs no answer."""
    Comment = apps.get_model("comments", "Comment")
    tied = (
        apps.get_model("classes", "WorkoutClass")
        .instructors.through.objects.filter(instructor__member__isnull=False)
        .filter(workoutclass=OuterRef("workout_class"))
    )
    waiting = (
        Comment.objects.filter(Q(pk=OuterRef("pk")) | Q(thread=OuterRef("pk")))
        .filter(Exists(tied), written_at__isnull=False)
        .alias(is_answer=Exists(tied.filter(instructor__member=OuterRef("author"))))
        .filter(Q(state="published") | Q(state="held", is_answer=False))
        .alias(
            answered=Window(
                Count("pk", filter=Q(is_answer=True)),
                order_by=[F("written_at").desc(), F("pk").desc()],
            )
        )
        .filter(answered=0)
        .order_by("written_at")
    )
    threads = Comment.objects.filter(thread__isnull=True)
    threads.update(waiting_since=Subquery(waiting.values("written_at")[:1]))


class Migration(migrations.Migration):
    dependencies = [("comments", "0004_curators_decide")]

    operations = [
        migrations.RunPython(say_which_threads_wait, migrations.RunPython.noop, elidable=True)
    ]
