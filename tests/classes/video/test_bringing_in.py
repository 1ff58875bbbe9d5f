"""A film comes in whole, with its row and its place on the list, or not at all."""

import errno
from pathlib import Path

import pytest
from django.conf import settings as site
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import OperationalError, connection, transaction
from django_tasks_db.models import DBTaskResult

from classes.models import Video
from classes.video.bringing_in import bring_in, forget_master, waiting_copy
from tests.factories import make_checked_class, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def reel(tmp_path: Path) -> Path:
    path = tmp_path / "reel.mp4"
    path.write_bytes(b"film" * 1000)
    return path


def left_on_the_disk() -> list[Path]:
    folders = [Path(site.MASTERS_ROOT), Path(site.FILE_UPLOAD_TEMP_DIR)]
    return [path for folder in folders for path in folder.rglob("*")]


def test_film_is_kept_with_its_size_and_its_name(variant, reel):
    member = make_member()

    video = bring_in(variant, reel, name="Morning.mp4", uploaded_by=member)

    video.refresh_from_db()
    assert Path(video.master.path).read_bytes() == reel.read_bytes()
    assert (video.master_bytes, video.original_name) == (4000, "Morning.mp4")
    assert (video.uploaded_by, video.state, video.keeps_check) == (member, "uploaded", False)
    assert video.master.name == f"{video.pk}/master"


def test_film_is_on_the_list_once_it_is_certain(variant, reel, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        video = bring_in(variant, reel, name="reel.mp4")
    assert not DBTaskResult.objects.exists()

    for callback in callbacks:
        callback()

    assert DBTaskResult.objects.get().args_kwargs["args"] == [str(video.pk)]


def test_upload_on_the_disk_is_moved_and_not_copied(variant):
    upload = TemporaryUploadedFile("film.mp4", "video/mp4", 4, None)
    upload.write(b"film")
    upload.flush()
    inode = Path(upload.temporary_file_path()).stat().st_ino

    video = bring_in(variant, upload, name="film.mp4")

    assert Path(video.master.path).stat().st_ino == inode
    upload.close()


def test_upload_in_memory_is_written(variant):
    video = bring_in(variant, ContentFile(b"film"), name="film.mp4")

    assert Path(video.master.path).read_bytes() == b"film"


def test_long_name_keeps_its_end(variant, reel):
    video = bring_in(variant, reel, name="a" * 300 + ".mp4")

    video.refresh_from_db()
    assert len(video.original_name) == 255
    assert video.original_name.endswith("a.mp4")


@pytest.mark.parametrize("keeps_check", [False, True])
def test_check_of_the_class_is_taken_back_unless_it_is_kept(reel, keeps_check):
    workout_class = make_checked_class()

    bring_in(workout_class.variants.get(), reel, name="reel.mp4", keeps_check=keeps_check)

    workout_class.refresh_from_db()
    assert workout_class.is_checked == keeps_check
    assert bool(workout_class.check_withdrawn) != keeps_check
    assert Video.objects.get(original_name="reel.mp4").keeps_check == keeps_check


def test_full_disk_leaves_nothing(variant):
    class Torn(ContentFile):
        """The disk is full after the first half."""

        def chunks(self, chunk_size=None):
            yield b"half"
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        bring_in(variant, Torn(b"half of it"), name="film.mp4")

    assert left_on_the_disk() == []
    assert not Video.objects.exists()


def test_row_that_cannot_be_written_takes_its_master_along(variant, reel, monkeypatch):
    monkeypatch.setattr(Video, "save", lambda video: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        bring_in(variant, reel, name="reel.mp4")

    assert left_on_the_disk() == []
    assert reel.exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_film_that_cannot_be_put_on_the_list_is_kept(variant, reel, monkeypatch):
    def locked(video):
        raise OperationalError("database is locked")

    monkeypatch.setattr("classes.video.bringing_in.enqueue_for", locked)

    video = bring_in(variant, reel, name="reel.mp4")

    assert Video.objects.get() == video
    assert Path(video.master.path).exists()
    assert not DBTaskResult.objects.exists()


def test_master_is_not_forgotten_for_what_failed_after_its_row_was_kept(variant, reel):
    video = bring_in(variant, reel, name="reel.mp4")

    forget_master(video)

    assert Path(video.master.path).exists()


def test_master_is_not_forgotten_while_nobody_knows(variant, reel, monkeypatch):
    video = bring_in(variant, reel, name="reel.mp4")

    def away(*args, **kwargs):
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(Video.objects, "filter", away)
    forget_master(video)

    assert Path(video.master.path).exists()


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_copy_that_is_stopped_half_way_is_gone(reel, monkeypatch, stop):
    monkeypatch.setattr("classes.video.bringing_in._CHUNK_BYTES", 1000)

    def stopped(copied: int) -> None:
        if copied == 2000:
            assert len(left_on_the_disk()) == 1
            raise stop

    with pytest.raises(stop), waiting_copy(reel, stopped):
        pytest.fail("the copy was not stopped")

    assert left_on_the_disk() == []


def test_copy_tells_how_far_it_is(reel, monkeypatch):
    monkeypatch.setattr("classes.video.bringing_in._CHUNK_BYTES", 1500)
    told: list[int] = []

    with waiting_copy(reel, told.append) as upload:
        assert (upload.size, upload.name) == (4000, "reel.mp4")

    assert told == [1500, 3000, 4000]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_database_is_free_while_a_film_is_copied(variant, reel, monkeypatch):
    save = Video._meta.get_field("master").storage.save
    held = []

    def watched(*args, **kwargs):
        held.append(connection.in_atomic_block)
        return save(*args, **kwargs)

    monkeypatch.setattr(Video._meta.get_field("master").storage, "save", watched)

    bring_in(variant, reel, name="reel.mp4")

    assert held == [False]


def test_caller_whose_transaction_fails_forgets_the_master(variant, reel):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        video = bring_in(variant, reel, name="reel.mp4")
        raise ZeroDivisionError

    forget_master(video)

    assert left_on_the_disk() == []
