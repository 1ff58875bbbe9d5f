"""A folder of films: what comes in, what stays outside and why, and that it can be stopped."""

import io
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings as site
from django.core.management import CommandError, call_command
from django_tasks_db.models import DBTaskResult

from classes import film_folder
from classes.models import Tempo, Video, WorkoutClass
from classes.uploads import SPARE_BYTES
from tests.classes.video.clips import real_clip
from tests.factories import make_checked_class, make_class, make_variant, make_video

pytestmark = pytest.mark.django_db

NAME = "morning.workout-tempo.en.mp4"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    folder.mkdir()
    return folder


@pytest.fixture
def morning() -> WorkoutClass:
    return make_class(slug="morning", variant=False)


def put(folder: Path, name: str = NAME) -> Path:
    return Path(shutil.copy(real_clip("bikes.mp4"), folder / name))


def run(folder: Path, **options) -> str:
    """What the command says where all went well."""
    out = io.StringIO()
    call_command("import_videos", folder, stdout=out, stderr=out, **options)
    return out.getvalue()


def refused(folder: Path, **options) -> str:
    """What it says where something was refused."""
    out = io.StringIO()
    with pytest.raises(CommandError, match="refused"):
        call_command("import_videos", folder, stdout=out, stderr=out, **options)
    return out.getvalue()


def masters() -> list[Path]:
    return [path for path in Path(site.MASTERS_ROOT).rglob("*") if path.is_file()]


def test_film_comes_in_and_is_on_the_list(folder, morning, django_capture_on_commit_callbacks):
    path = put(folder)

    with django_capture_on_commit_callbacks(execute=True):
        said = run(folder)

    video = Video.objects.get()
    assert (video.variant.workout_class, video.original_name) == (morning, NAME)
    assert (video.variant.tempo, video.variant.language) == (Tempo.WORKOUT, "en")
    assert Path(video.master.path).read_bytes() == path.read_bytes()
    assert DBTaskResult.objects.get().args_kwargs["args"] == [str(video.pk)]
    assert "came in (0:10, 640 × 272" in said
    assert "1 film came in, 0 were here already." in said


def test_dry_run_says_what_would_happen_and_changes_nothing(folder, morning):
    put(folder)

    said = run(folder, dry_run=True)

    assert f"{NAME}: would come in (0:10, 640 × 272" in said
    assert "Its tempo and language are new for the class." in said
    assert not Video.objects.exists()
    assert not morning.variants.exists()
    assert masters() == []


def test_language_is_stored_the_one_way(folder, morning):
    put(folder, "morning.observe-and-learn.PT-br.mp4")

    run(folder)

    variant = morning.variants.get()
    assert (variant.tempo, variant.language) == (Tempo.OBSERVE, "pt-BR")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("morning.en.mp4", "Its name is not made like"),
        ("notes.txt", "Its name is not made like"),
        ("evening.workout-tempo.en.mp4", "No class has the address “evening”."),
        ("morning.slow.en.mp4", "it may be workout-tempo or observe-and-learn."),
        ("morning.workout-tempo.Spanish!.mp4", "“Spanish!” is no language tag."),
    ],
)
def test_name_that_leads_nowhere_is_refused(folder, morning, name, reason):
    put(folder, name)

    said = refused(folder)

    assert f"{name}: " in said
    assert reason in said
    assert masters() == []


def test_file_that_is_no_film_is_refused_and_the_others_come_in(folder, morning):
    put(folder)
    (folder / "morning.observe-and-learn.en.mp4").write_bytes(b"these are only words")

    said = refused(folder)

    assert "morning.observe-and-learn.en.mp4: This file cannot be read as a film." in said
    assert Video.objects.get().original_name == NAME
    assert not morning.variants.filter(tempo=Tempo.OBSERVE).exists()


def test_of_two_files_for_one_variant_neither_comes_in(folder, morning):
    put(folder, "morning.workout-tempo.pt-BR.mp4")
    put(folder, "morning.workout-tempo.PT-br.mov")

    said = refused(folder)

    assert said.count("Several files are for the same film") == 2
    assert not Video.objects.exists()


def test_file_larger_than_the_site_takes_is_refused(folder, morning, settings):
    settings.UPLOAD_LIMIT_BYTES = 1000
    put(folder)

    assert "This file is too large; at most 1000" in refused(folder)


def test_dry_run_adds_up_what_the_disk_must_hold(folder, morning, monkeypatch):
    size = put(folder).stat().st_size
    put(folder, "morning.workout-tempo.es.mp4")
    monkeypatch.setattr(
        "classes.uploads.shutil.disk_usage",
        lambda path: SimpleNamespace(free=SPARE_BYTES + size + 10),
    )

    said = refused(folder, dry_run=True)

    assert f"{NAME}: would come in" in said
    assert "morning.workout-tempo.es.mp4: There is no room" in said


def test_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(CommandError, match="There is no folder"):
        call_command("import_videos", tmp_path / "nowhere")


def test_hidden_files_and_folders_are_passed_over(folder, morning):
    (folder / ".DS_Store").touch()
    (folder / "raw").mkdir()

    assert "0 films came in" in run(folder)


# --- Again ----------------------------------------------------------------------------------------


def test_run_again_brings_in_nothing_twice(folder, morning):
    put(folder)
    run(folder)
    put(folder, "morning.workout-tempo.es.mp4")

    said = run(folder)

    assert f"{NAME}: is here already" in said
    assert "1 film came in, 1 was here already." in said
    assert Video.objects.count() == 2


def test_film_that_failed_since_is_said_and_not_brought_in_again(folder, morning):
    put(folder)
    run(folder)
    Video.objects.update(state=Video.State.FAILED, error="The disk was full.")

    said = refused(folder)

    assert "It came in before and failed: The disk was full." in said
    assert Video.objects.count() == 1


def test_other_film_in_its_place_is_replaced_only_if_asked(folder, morning):
    variant = make_variant(morning)
    put(folder)

    said = refused(folder)
    assert "Another film is in its place, “film.mp4”" in said

    said = run(folder, replace=True)

    assert "It replaces “film.mp4”." in said
    assert variant.videos.count() == 2
    variant.refresh_from_db()
    assert variant.video.original_name == "film.mp4"  # it plays on until the new one is ready


def test_other_film_on_its_way_is_in_the_place_too(folder, morning):
    variant = make_variant(morning, ready=False)
    make_video(variant, state=Video.State.UPLOADED, original_name="other.mp4")
    put(folder)

    assert "“other.mp4”" in refused(folder)


def test_film_that_failed_keeps_no_place(folder, morning):
    variant = make_variant(morning, ready=False)
    make_video(variant, state=Video.State.FAILED, original_name="other.mp4")
    put(folder)

    run(folder)

    assert variant.videos.filter(original_name=NAME).exists()


def test_check_is_taken_back_and_that_is_said_once(folder):
    workout_class = make_checked_class(slug="morning", variant=False)
    put(folder)
    put(folder, "morning.workout-tempo.es.mp4")

    said = run(folder)

    workout_class.refresh_from_db()
    assert not workout_class.is_checked
    assert said.count("The body check of the class is taken back.") == 1


# --- When something comes between -----------------------------------------------------------------


def test_ctrl_c_leaves_no_half_master(folder, morning, monkeypatch):
    put(folder)
    put(folder, "morning.workout-tempo.es.mp4")
    monkeypatch.setattr("classes.video.bringing_in._CHUNK_BYTES", 10_000)
    take = film_folder.take

    def stopped_at_the_second(file, on_progress=None):
        def stop(copied: int) -> None:
            assert len(list(Path(site.FILE_UPLOAD_TEMP_DIR).iterdir())) == 1
            raise KeyboardInterrupt

        return take(file, stop if Video.objects.exists() else None)

    monkeypatch.setattr("classes.management.commands.import_videos.take", stopped_at_the_second)

    with pytest.raises(CommandError, match="Stopped") as stopped:
        call_command("import_videos", folder, stdout=io.StringIO())

    assert stopped.value.returncode == 130
    assert len(masters()) == Video.objects.count() == 1
    assert list(Path(site.FILE_UPLOAD_TEMP_DIR).iterdir()) == []


def test_disk_that_is_full_in_the_middle_is_said(folder, morning, monkeypatch):
    put(folder)

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("classes.management.commands.import_videos.take", full)

    assert "It cannot be copied: No space left on device" in refused(folder)


def test_progress_is_shown_where_somebody_looks(folder, morning, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    put(folder)
    put(folder, "morning.observe-and-learn.en.mp4")
    terminal = Terminal()
    monkeypatch.setattr("classes.video.bringing_in._CHUNK_BYTES", 100_000)

    call_command("import_videos", folder, stdout=terminal)

    lines = terminal.getvalue().split("\r\x1b[K")
    assert len(lines) > 3
    assert lines[1].startswith("1/2 morning.observe-and-learn.en.mp4: 97.7\xa0KB / ")
    assert any(line.startswith(f"2/2 {NAME}: 97.7\xa0KB / ") for line in lines)
    assert "came in (" in lines[-1]


def test_many_files_are_read_in_as_many_queries(folder, morning, django_assert_num_queries):
    for language in ("en", "es", "de"):
        (folder / f"morning.workout-tempo.{language}.mp4").touch()

    with django_assert_num_queries(1):
        read = film_folder.read_folder(folder)

    assert len(read) == 3
    assert {file.workout_class for _, file in read} == {morning}
