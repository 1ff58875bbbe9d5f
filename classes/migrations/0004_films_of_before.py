"""Films that were copied as uploaded, before there was a ladder: they play on, and wait for it."""

from pathlib import Path

from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def wait_for_the_ladder(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for video in apps.get_model("classes", "Video").objects.filter(state="ready"):
        folder = Path(settings.FILMS_ROOT) / str(video.pk)
        film, copy = folder / "film.mp4", folder / "copy" / "copy.mp4"
        if film.exists():
            copy.parent.mkdir(exist_ok=True)
            film.rename(copy)
        video.plays_as, video.has_copy, video.keeps_check = "copy", True, True
        video.state, video.step, video.attempts, video.progress = "uploaded", "ladder", 0, 0
        video.save()


class Migration(migrations.Migration):
    dependencies = [("classes", "0003_video_pipeline")]

    operations = [migrations.RunPython(wait_for_the_ladder, migrations.RunPython.noop)]
