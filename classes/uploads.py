"""How much a request may upload, judged before its bytes are on the disk.

A film may have gigabytes; without this, a form could fill the disk before anybody looked at it.
What is refused here is left out of `request.FILES` and the rest of the form survives: the form
asks `refused_uploads` and says it beside the field.
"""

import shutil
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

# For everyone who is no staff, and visitors too may post what they like to any form: an avatar
# straight from a good camera.
MEMBER_LIMIT_BYTES = 20 * 1024**2
# What database, logs and the pictures of the next weeks must find on the disk.
SPARE_BYTES = 500 * 1024**2
# No upload pauses for so long and goes on.
ABANDONED_AFTER = timedelta(days=1)


class BoundedUploadHandler(FileUploadHandler):
    """Stands first among the upload handlers and stops what is too large for site or disk."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, Any],
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        self.to_come = content_length  # of the whole request, as the browser says
        self.received = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self._is_staff:  # others share one limit among all the files of a request
            self.received = 0
        self.limit = settings.UPLOAD_LIMIT_BYTES if self._is_staff else MEMBER_LIMIT_BYTES

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Looks at the disk each time: other uploads and films fill it too.

        Nothing is refused in `new_file`, after which Django would close the file before this one.
        """
        if self.to_come > room_on_disk():
            self._refuse(no_room(self.to_come))
        self.to_come -= len(raw_data)
        self.received += len(raw_data)
        if self.received > self.limit:
            self._refuse(too_large(self.limit))
        return raw_data

    def file_complete(self, file_size: int) -> UploadedFile | None:
        return None

    @property
    def _is_staff(self) -> bool:
        user = getattr(self.request, "user", None)
        return user is not None and user.is_staff

    def _refuse(self, reason: str) -> None:
        if self.request is not None:
            refused_uploads(self.request)[str(self.field_name)] = reason
        raise SkipFile


def refused_uploads(request: HttpRequest) -> dict[str, str]:
    """Why files of this request were not taken, by the name of their form field."""
    return request.__dict__.setdefault("_refused_uploads", {})


def why_not_upload(size: int, *, promised: int = 0) -> str:
    """Why a curator's file of so many bytes would not be taken now; empty where it would.

    `promised` are bytes of the disk that other files will have taken by then.
    """
    if size > settings.UPLOAD_LIMIT_BYTES:
        return too_large(settings.UPLOAD_LIMIT_BYTES)
    if size + promised > room_on_disk():
        return no_room(size)
    return ""


def remove_abandoned() -> None:
    """Delete the halves of uploads whose process was killed: nobody else ever would."""
    if not settings.FILE_UPLOAD_TEMP_DIR:
        return  # the system's own folder, which the system clears
    for path in Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*.upload*"):
        with suppress(FileNotFoundError):  # another worker was quicker
            if time.time() - path.stat().st_mtime > ABANDONED_AFTER.total_seconds():
                path.unlink()


def room_on_disk() -> int:
    """Bytes that an upload may take."""
    folder = Path(settings.FILE_UPLOAD_TEMP_DIR or settings.VAR_DIR)
    return shutil.disk_usage(folder).free - SPARE_BYTES


def too_large(limit: int) -> str:
    return _("This file is too large; at most %(limit)s are accepted.") % {
        "limit": filesizeformat(limit)
    }


def no_room(size: int) -> str:
    return _(
        "There is no room for this file: it has %(size)s and the disk has %(room)s left for films."
    ) % {"size": filesizeformat(size), "room": filesizeformat(max(0, room_on_disk()))}
