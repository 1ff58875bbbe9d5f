import os
import shutil
import time
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from classes.models import Picture, Video
from classes.video import playlists
from classes.video.layout import COPY_FOLDER
from tests.factories import make_class, make_variant

from .uploads import upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(settings, ladder, ladder_plan, film):
    """The files of a film that plays, all of them there."""
    variant = make_variant(make_class(slug="slow-mat", variant=False), ready=False)
    video = upload(variant, film)
    folder = settings.FILMS_ROOT / str(video.pk)
    shutil.copytree(ladder, folder / "ladder")
    shutil.copy(film, folder / "preview.mp4")
    sizes = {rung.name: (rung.width, rung.height) for rung in ladder_plan.rungs}
    renditions = playlists.write_master(
        folder / "ladder",
        sizes=sizes,
        frame_rate=float(ladder_plan.frame_rate),
        has_audio=ladder_plan.has_audio,
    )
    poster = Picture.objects.create(width=320, height=180, widths=[320])
    poster.folder.mkdir(parents=True)
    (poster.folder / "320.jpg").touch()
    Video.objects.filter(pk=video.pk).update(
        state="ready",
        step="ladder",
        plays_as="ladder",
        duration=timedelta(seconds=ladder_plan.duration),
        frame_rate=float(ladder_plan.frame_rate),
        has_audio=ladder_plan.has_audio,
        renditions=[rendition.as_dict() for rendition in renditions],
        files={path.name: path.stat().st_size for path in (folder / "ladder").iterdir()},
        poster=poster,
    )
    variant.video = video
    variant.save()
    return folder


def faults(capsys, *arguments) -> list[str]:
    """What the command says of a studio in which something is wrong."""
    with pytest.raises(CommandError):
        call_command("check_videos", *arguments)
    return [line.strip() for line in capsys.readouterr().out.splitlines()][1:]


@pytest.mark.parametrize("arguments", [[], ["--quick"], ["slow-mat"]])
def test_check_videos_finds_nothing_where_all_is_whole(folder, capsys, arguments):
    call_command("check_videos", *arguments)

    assert capsys.readouterr().out.splitlines() == [
        "slow-mat · Workout Tempo · en: whole",
        "1 films looked at, all of them whole.",
    ]


def test_check_videos_names_what_is_missing_or_cut_short(folder, capsys):
    name = next(path.name for path in (folder / "ladder").glob("*p.mp4"))
    size = (folder / "ladder" / name).stat().st_size
    os.truncate(folder / "ladder" / name, size - 7)
    (folder / "ladder" / "film.mp4").unlink()
    (folder / "preview.mp4").unlink()

    assert sorted(faults(capsys, "--quick")) == sorted(
        [
            f"{name} has {size - 7} bytes, not {size}.",
            "film.mp4 is missing.",
            "preview.mp4 is missing.",
        ]
    )


def test_check_videos_reads_what_is_there_in_its_size(folder, capsys):
    """A bit that fell over, or a file of another film."""
    playlist = next((folder / "ladder").glob("*p.m3u8"))
    playlist.write_text(playlist.read_text().replace("#EXT-X-ENDLIST", "#EXT-X-LISTEND"))

    call_command("check_videos", "--quick")
    capsys.readouterr()

    assert any(playlist.name in fault for fault in faults(capsys))


def test_check_videos_misses_copy_master_and_poster(folder, capsys):
    video = Video.objects.get()
    Video.objects.update(has_copy=True)
    video.master.storage.delete(video.master.name)
    (video.poster.folder / "320.jpg").unlink()

    assert faults(capsys, "--quick") == [
        "copy.mp4 is missing.",
        "Its master is gone: it plays, but cannot be made anew.",
        "Its poster is missing in a size.",
    ]


def test_check_videos_knows_a_film_that_plays_as_a_copy(folder, capsys):
    Video.objects.update(plays_as="copy", has_copy=True, files={}, renditions=[])
    (folder / COPY_FOLDER).mkdir()
    shutil.copy(folder / "preview.mp4", folder / COPY_FOLDER / "copy.mp4")

    call_command("check_videos")

    assert "all of them whole" in capsys.readouterr().out


def test_check_videos_lists_folders_of_no_film(folder, settings, capsys):
    old, fresh = settings.FILMS_ROOT / "of-nobody", settings.FILMS_ROOT / "coming"
    old_master = settings.MASTERS_ROOT / "of-nobody"
    for path in (old, fresh, old_master, settings.FILMS_ROOT / ".making"):
        path.mkdir()
    two_days_ago = time.time() - 2 * 24 * 3600
    for path in (old, old_master, settings.FILMS_ROOT / ".making", folder):
        os.utime(path, (two_days_ago, two_days_ago))

    assert faults(capsys, "--quick") == [
        f"{old_master} belongs to no film.",
        f"{old} belongs to no film.",
    ]


def test_check_videos_knows_a_class_that_is_not_there(folder):
    with pytest.raises(CommandError, match="There is no class nowhere"):
        call_command("check_videos", "nowhere")
