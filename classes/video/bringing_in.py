"""The one way a film comes in, be it from a form, from a folder or drawn for the demo."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.files import File
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import InterfaceError, OperationalError, transaction
from django.utils.translation import gettext

from accounts.models import Member
from classes.body.checking import withdraw_check
from classes.models import Variant, Video
from classes.models.video import master_path
from classes.tasks import enqueue_for

logger = logging.getLogger(__name__)

_CHUNK_BYTES = 1024**2


def bring_in(
    variant: Variant,
    content: File | Path,
    *,
    name: str,
    uploaded_by: Member | None = None,
    keeps_check: bool = False,
) -> Video:
    """Keep a file as the next film of its variant and put it on the list once that is certain.

    The body check of the class is taken back at once, unless `keeps_check`; the film that plays
    goes on playing. An upload that waits on the disk is moved, a Path is copied and stays.
    OSError where the disk is full or the file cannot be read.

    Where anything goes wrong in here, no half master is left. A caller whose own transaction fails
    later calls `forget_master`.
    """
    if isinstance(content, Path):
        with waiting_copy(content) as upload:
            return bring_in(
                variant, upload, name=name, uploaded_by=uploaded_by, keeps_check=keeps_check
            )
    video = Video(
        variant=variant,
        uploaded_by=uploaded_by,
        original_name=name[-255:],
        master_bytes=content.size,
        keeps_check=keeps_check,
    )
    try:
        # Before the transaction: gigabytes may be on their way to a bucket.
        video.master.save("master", content, save=False)
        with transaction.atomic():
            if not keeps_check:
                reason = gettext("A new film was brought in: %(variant)s") % {"variant": variant}
                withdraw_check(variant.workout_class, reason)
            video.save()
            # A film that could not be put on the list waits for the sweep. It is no failed upload.
            transaction.on_commit(lambda: enqueue_for(video), robust=True)
    except BaseException:
        forget_master(video)
        raise
    return video


@contextmanager
def waiting_copy(
    path: Path, on_progress: Callable[[int], None] | None = None
) -> Iterator[TemporaryUploadedFile]:
    """A copy of a file, waiting among the uploads as if a browser had just sent it.

    From there it moves to the masters by a rename, so that no master is ever half. It is gone
    again when the block ends without that, and a day later where the process was killed.
    `on_progress` is told how many bytes have been copied, after each megabyte.
    """
    upload = TemporaryUploadedFile(path.name, "", path.stat().st_size, None)
    try:
        with path.open("rb") as source:
            copied = 0
            while chunk := source.read(_CHUNK_BYTES):
                copied += upload.write(chunk)
                if on_progress:
                    on_progress(copied)
        upload.size = copied
        upload.flush()
        upload.seek(0)
        yield upload
    finally:
        upload.close()


def forget_master(video: Video) -> None:
    """Remove the master of a film whose row was not kept, whole or half.

    One whose row is there stays, for what failed may have come after it. So does one of which
    nobody can say: the database may be away.
    """
    try:
        if Video.objects.filter(pk=video.pk).exists():
            return
    except (OperationalError, InterfaceError):
        logger.exception("Nobody knows whether the film %s was kept, so its master is", video.pk)
        return
    storage = video.master.storage
    storage.delete(master_path(video, ""))
    storage.delete(str(video.pk))  # its folder, where the storage has folders
