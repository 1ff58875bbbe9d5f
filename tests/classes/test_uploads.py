"""How much a request may upload, and to whom it is said."""

import os
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler, TemporaryFileUploadHandler
from django.core.management import call_command
from django.test import RequestFactory

from classes import uploads
from classes.management.commands import run_worker
from classes.uploads import BoundedUploadHandler, refused_uploads


def sent_by(user, *sizes: int):
    """A parsed request with files of these sizes and a word."""
    data = {f"file{n}": SimpleUploadedFile("a", b"x" * size) for n, size in enumerate(sizes)}
    request = RequestFactory().post("/", {**data, "word": "kept"})
    request.user = user
    request.upload_handlers = [BoundedUploadHandler(request), MemoryFileUploadHandler(request)]
    return request


STAFF, MEMBER = SimpleNamespace(is_staff=True), SimpleNamespace(is_staff=False)


@pytest.fixture(autouse=True)
def small_limits(settings, monkeypatch):
    settings.UPLOAD_LIMIT_BYTES = 200_000
    monkeypatch.setattr(uploads, "MEMBER_LIMIT_BYTES", 100_000)


def test_file_within_the_limit_arrives_whole():
    request = sent_by(STAFF, 150_000)

    assert request.FILES["file0"].size == 150_000
    assert refused_uploads(request) == {}


def test_file_above_the_limit_is_left_out_and_the_rest_kept():
    request = sent_by(STAFF, 300_000, 1000)

    assert set(request.FILES) == {"file1"}
    assert request.POST["word"] == "kept"
    assert "at most" in refused_uploads(request)["file0"]


def test_each_file_has_the_limit_to_itself():
    request = sent_by(STAFF, 150_000, 150_000)

    assert set(request.FILES) == {"file0", "file1"}


def test_member_may_send_a_picture_and_no_film():
    request = sent_by(MEMBER, 150_000)

    assert not request.FILES
    assert "at most" in refused_uploads(request)["file0"]


def test_member_may_not_send_many_pictures_instead():
    request = sent_by(MEMBER, *[60_000] * 5)

    assert set(request.FILES) == {"file0"}


def test_request_for_which_the_disk_has_no_room_leaves_no_file(monkeypatch):
    monkeypatch.setattr(
        uploads.shutil,
        "disk_usage",
        lambda path: SimpleNamespace(free=uploads.SPARE_BYTES + 1000),
    )
    request = sent_by(STAFF, 5000)

    assert not request.FILES
    assert "no room" in refused_uploads(request)["file0"]


def waiting_on_the_disk(*sizes: int):
    """As `sent_by` staff, for files that are too large to be kept in memory."""
    request = sent_by(STAFF, *sizes)
    request.upload_handlers = [BoundedUploadHandler(request), TemporaryFileUploadHandler(request)]
    return request


def bytes_waiting() -> int:
    return sum(path.stat().st_size for path in Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir())


def test_files_of_a_request_are_counted_once(monkeypatch):
    """What of it is on the disk already takes no room any more."""
    room = uploads.SPARE_BYTES + 450_000
    monkeypatch.setattr(
        uploads.shutil, "disk_usage", lambda path: SimpleNamespace(free=room - bytes_waiting())
    )

    request = waiting_on_the_disk(190_000, 190_000)

    assert set(request.FILES) == {"file0", "file1"}
    assert refused_uploads(request) == {}


def test_disk_that_others_fill_meanwhile_stops_a_file_and_leaves_the_others(monkeypatch):
    def disk_usage(path):
        others = 10**9 if bytes_waiting() > 200_000 else 0
        return SimpleNamespace(free=uploads.SPARE_BYTES + 10**6 - others)

    monkeypatch.setattr(uploads.shutil, "disk_usage", disk_usage)

    request = waiting_on_the_disk(150_000, 190_000)

    assert set(request.FILES) == {"file0"}
    assert request.FILES["file0"].read() == b"x" * 150_000
    assert "no room" in refused_uploads(request)["file1"]
    assert request.POST["word"] == "kept"
    assert bytes_waiting() == 150_000


@pytest.mark.django_db
def test_worker_clears_away_what_killed_uploads_left(settings, monkeypatch):
    monkeypatch.setattr(run_worker, "_do_one", lambda queue, worker_id: False)
    folder = Path(settings.FILE_UPLOAD_TEMP_DIR)
    left, going_on = (TemporaryUploadedFile("film.mp4", "video/mp4", 1, None) for _ in range(2))
    (folder / "note.txt").touch()
    for path in (left.temporary_file_path(), folder / "note.txt"):
        two_days_ago = time.time() - 2 * 24 * 3600
        os.utime(path, (two_days_ago, two_days_ago))

    call_command("run_worker", until_idle=True)

    kept = {path.name for path in folder.iterdir()}
    assert kept == {"note.txt", Path(going_on.temporary_file_path()).name}
    left.close()
    going_on.close()


def test_curator_is_told_beforehand_what_would_not_be_taken(monkeypatch):
    monkeypatch.setattr(
        uploads.shutil,
        "disk_usage",
        lambda path: SimpleNamespace(free=uploads.SPARE_BYTES + 100_000),
    )

    assert uploads.why_not_upload(90_000) == ""
    assert "no room" in uploads.why_not_upload(90_000, promised=20_000)
    assert "no room" in uploads.why_not_upload(150_000)
    assert "too large" in uploads.why_not_upload(250_000)
