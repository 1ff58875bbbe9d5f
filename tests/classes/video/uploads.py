"""Uploads as the site keeps them, and what lies on its disk and on its lists afterwards."""

from pathlib import Path

from django.core.files import File
from django_tasks_db.models import DBTaskResult

from classes.models import Variant, Video
from classes.video.processing import first_look, make_ladder


def upload(variant: Variant, path: Path, **attrs) -> Video:
    """A film that was brought in and waits for its first look."""
    video = Video(variant=variant, original_name=path.name, **attrs)
    with path.open("rb") as file:
        video.master.save("master", File(file), save=False)
    video.save()
    return video


def make(video: Video) -> Video:
    """Take a film through both steps; its row as it is then."""
    first_look(str(video.pk))
    make_ladder(str(video.pk))
    return Video.objects.get(pk=video.pk)


def kept(settings, video) -> list[str]:
    """The files of a film, below its folder."""
    folder = settings.FILMS_ROOT / str(video.pk)
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def on_disk(settings) -> list[str]:
    """Every file that the site keeps, without those of pictures."""
    roots = (settings.FILMS_ROOT, settings.MASTERS_ROOT)
    return sorted(
        f"{root.name}/{path.relative_to(root)}"
        for root in roots
        for path in root.rglob("*")
        if path.is_file()
    )


def pictures(settings) -> set[str]:
    """Those that are there whole: halves, which `sweep_remains` takes, begin with a dot."""
    folder = settings.MEDIA_ROOT / "pictures"
    return {path.name for path in folder.glob("[!.]*")}


def on_the_list() -> list[tuple[str, str]]:
    tasks = DBTaskResult.objects.order_by("enqueued_at")
    return [(task.queue_name, task.task_path.rpartition(".")[2]) for task in tasks]


def locked_tables(queries) -> list[str]:
    locks = [query["sql"] for query in queries if "FOR UPDATE" in query["sql"]]
    return [sql.partition('FROM "')[2].partition('"')[0] for sql in locks]
