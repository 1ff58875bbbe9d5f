"""Files in answer to range requests, so that a film can be sought in before it has arrived.

Django's FileResponse ignores Range. Beside the ranges this keeps what is good in it: gunicorn sends
the bytes with `sendfile`, from where the file's descriptor stands, Content-Length bytes of it.
"""

import os
import re
from io import FileIO
from pathlib import Path

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, parse_http_date_safe, quote_etag

# Longer figures than any file has bytes are not worth converting.
_ONE_RANGE = re.compile(r"bytes=\s*([0-9]{0,30})-([0-9]{0,30})", re.IGNORECASE)


class _Stretch:
    """A part of an open file: reads as that part alone, whoever reads it.

    `fileno()` shows the file at the part's first byte, which is what gunicorn's `sendfile` needs;
    `read()` serves every other server and stops after the part's last byte.
    """

    def __init__(self, file: FileIO, start: int, length: int) -> None:
        self._file = file
        self._left = length
        file.seek(start)

    def fileno(self) -> int:
        return self._file.fileno()

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def read(self, size: int = -1) -> bytes:
        if size < 0 or size > self._left:
            size = self._left
        data = self._file.read(size) or b""
        self._left -= len(data)
        return data

    def close(self) -> None:
        self._file.close()


class _StretchResponse(FileResponse):
    block_size = 64 * 1024

    def set_headers(self, filelike: object) -> None:
        """Nothing: FileResponse would measure to the file's end, not to the stretch's."""


def ranged_response(
    request: HttpRequest,
    path: Path,
    content_type: str,
    *,
    etag: str | None = None,
    cache_control: str = "private, no-cache",
) -> HttpResponseBase:
    """The file at `path`, or the part of it that was asked for: 200, 206, 304, 412 or 416.

    `etag` is strong, without quotes; by default made of the file's size and time of change, which
    suits files that are replaced and never written into. Several ranges at once are answered with
    the whole file, as HTTP allows. Http404 where there is no such file.
    """
    try:
        file = FileIO(path)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise Http404(path.name) from None
    try:
        return _respond(request, file, content_type, etag, cache_control)
    except BaseException:
        file.close()
        raise


def _respond(
    request: HttpRequest, file: FileIO, content_type: str, etag: str | None, cache_control: str
) -> HttpResponseBase:
    status = os.fstat(file.fileno())
    size, changed = status.st_size, int(status.st_mtime)
    etag = quote_etag(etag or f"{status.st_mtime_ns:x}-{size:x}")
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": cache_control,
        "ETag": etag,
        "Last-Modified": http_date(changed),
        "X-Content-Type-Options": "nosniff",
    }

    conditional = get_conditional_response(request, etag=etag, last_modified=changed)
    if conditional is not None:
        file.close()
        for name, value in headers.items():
            conditional.headers.setdefault(name, value)
        return conditional

    whole = range(size)
    asked = None
    if _range_applies(request, etag, changed):
        asked = _asked_range(request.headers.get("Range", ""), size)
    if asked is not None:
        if not asked:
            file.close()
            headers["Content-Range"] = f"bytes */{size}"
            return HttpResponse(status=416, headers=headers)
        headers["Content-Range"] = f"bytes {asked.start}-{asked.stop - 1}/{size}"

    sent = whole if asked is None else asked
    headers |= {"Content-Type": content_type, "Content-Length": str(len(sent))}
    if request.method == "HEAD":
        file.close()
        return HttpResponse(headers=headers)
    return _StretchResponse(
        _Stretch(file, sent.start, len(sent)),
        status=200 if asked is None else 206,
        headers=headers,
    )


def _range_applies(request: HttpRequest, etag: str, changed: int) -> bool:
    """Only GET has ranges, and with If-Range only while the file is the one the client knows."""
    if request.method != "GET":
        return False
    condition = request.headers.get("If-Range", "").strip()
    if not condition:
        return True
    if condition.startswith(('"', "W/")):
        return condition == etag  # a weak one never equals ours
    return parse_http_date_safe(condition) == changed


def _asked_range(header: str, size: int) -> range | None:
    """The bytes asked for: empty where the file has none of them, None for the whole file.

    What is no single range of bytes is left out, and so means the whole file.
    """
    match = _ONE_RANGE.fullmatch(header.strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        return range(size - min(int(last), size), size)
    start, stop = int(first), int(last) + 1 if last else size
    if last and stop <= start:
        return None
    return range(start, min(stop, size))
