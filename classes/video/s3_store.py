"""Films and masters in one private bucket of S3-compatible storage. Needs the extra `s3`.

    masters/<video>/master    what was uploaded
    films/<video>/…           what was made of it, under the keys of `layout`

The bucket's name stands in the path of its addresses and not in the host: every such storage
understands that, and a page can allow this bucket without its neighbours.
"""

import logging
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from io import SEEK_CUR, SEEK_END, SEEK_SET, BufferedReader, RawIOBase
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, TypeVar

import boto3
from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import Storage
from django.utils.deconstruct import deconstructible

from . import layout
from .ffmpeg import pause

logger = logging.getLogger(__name__)

T = TypeVar("T")

MASTERS = "masters/"
FILMS = "films/"

# A link to the bucket is a key for whoever has it, so it does not work for longer than this.
LONGEST_LINK = 6 * 3600  # seconds

# An hour's work is not thrown away because a bucket is out of order for a while.
PATIENCE = 600  # seconds
_BETWEEN_TRIES = 5  # seconds
# But each page that waits for a playlist holds a thread of the site.
_PATIENCE_OF_READERS = 5  # seconds, twice

_FAULTS = (BotoCoreError, Boto3Error, ClientError)
_PREVIEW_KEPT = "public, max-age=3600"
_FILM_KEPT = f"private, max-age={LONGEST_LINK}, immutable"
# Few at a time: the machine makes films meanwhile.
_TRANSFER = TransferConfig(max_concurrency=4)
_PIECE = 16 * 1024**2  # bytes


class BucketStore:
    """The `stores.FilmStore` of a bucket. What goes in waits for a bucket that is out of order."""

    def __init__(self, scratch: Path) -> None:
        """`scratch` holds, for as long as they are read, copies of what lies in the bucket."""
        self.scratch = scratch

    def put_folder(self, folder: Path, key: str) -> None:
        self.remove(key)
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        sizes = {f"{key}/{path.relative_to(folder)}": path.stat().st_size for path in files}
        for path in files:
            self._upload(path, f"{key}/{path.relative_to(folder)}")
        arrived = when_bucket_answers(lambda: dict(_listed(f"{FILMS}{key}/")))
        if any(arrived.get(FILMS + name) != size for name, size in sizes.items()):
            raise OSError(f"{key} did not arrive whole in the bucket")
        shutil.rmtree(folder)

    def put_file(self, path: Path, key: str) -> None:
        self._upload(path, key)
        path.unlink()

    @contextmanager
    def local(self, key: str) -> Iterator[Path]:
        self.scratch.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self.scratch, prefix="fetched.") as folder:
            path = Path(folder) / key.rpartition("/")[2]
            try:
                _client().download_file(
                    settings.S3_BUCKET, FILMS + key, str(path), Config=_TRANSFER
                )
            except ClientError as fault:
                if _status(fault) == 404:
                    raise FileNotFoundError(key) from None
                raise
            yield path

    def size(self, key: str) -> int | None:
        return _size(FILMS + key)

    def remove(self, key: str) -> None:
        """As for every store; what a bucket that is out of order keeps is left to it."""
        try:
            names = [name for name, _size in _listed(f"{FILMS}{key}/")]
            for name in [*names, FILMS + key]:
                _client().delete_object(Bucket=settings.S3_BUCKET, Key=name)
        except _FAULTS:
            logger.exception("Could not remove %s from the bucket", key)

    def _upload(self, path: Path, key: str) -> None:
        extra = {
            "ContentType": layout.content_type(key),
            "CacheControl": _PREVIEW_KEPT if key.endswith(layout.PREVIEW) else _FILM_KEPT,
        }
        when_bucket_answers(
            lambda: _client().upload_file(
                str(path), settings.S3_BUCKET, FILMS + key, ExtraArgs=extra, Config=_TRANSFER
            )
        )


def read(key: str) -> bytes:
    """A small file of the bucket, for somebody who waits. FileNotFoundError where it is not there.

    Where the bucket hangs it fails within seconds: else a few readers would take the site down.
    """
    try:
        answer = _client(for_readers=True).get_object(Bucket=settings.S3_BUCKET, Key=FILMS + key)
        return answer["Body"].read()
    except ClientError as fault:
        if _status(fault) == 404:
            raise FileNotFoundError(key) from None
        raise


def link(key: str, *, seconds: int) -> str:
    """An address of the bucket that opens one file to whoever has it. Sends no request.

    It works for `seconds`, but never for longer than LONGEST_LINK.
    """
    return _client().generate_presigned_url(
        "get_object",
        Params={"Bucket": settings.S3_BUCKET, "Key": FILMS + key},
        ExpiresIn=max(1, min(seconds, LONGEST_LINK)),
    )


@deconstructible
class MasterStorage(Storage):
    """Uploads as they came. They have no address."""

    def exists(self, name: str) -> bool:
        return _size(MASTERS + name) is not None

    def size(self, name: str) -> int:
        size = _size(MASTERS + name)
        if size is None:
            raise FileNotFoundError(name)
        return size

    def delete(self, name: str) -> None:
        _client().delete_object(Bucket=settings.S3_BUCKET, Key=MASTERS + name)

    def _open(self, name: str, mode: str = "rb") -> File:
        """Read in pieces, so that gigabytes need no second place on the disk meanwhile."""
        size = when_bucket_answers(lambda: self.size(name))
        return File(BufferedReader(_Remote(MASTERS + name, size), _PIECE), name)

    def _save(self, name: str, content: File) -> str:
        content.seek(0)
        _client().upload_fileobj(
            _KeptOpen(content), settings.S3_BUCKET, MASTERS + name, Config=_TRANSFER
        )
        return name


class _Remote(RawIOBase):
    """A file of the bucket, read by a request for each piece. Each waits for the bucket."""

    def __init__(self, name: str, size: int) -> None:
        self._name, self._size, self._at = name, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        self._at = offset + {SEEK_SET: 0, SEEK_CUR: self._at, SEEK_END: self._size}[whence]
        return self._at

    def readinto(self, buffer: Any) -> int:
        stop = min(self._at + len(buffer), self._size)
        if stop <= self._at:
            return 0
        piece = when_bucket_answers(lambda: self._read(self._at, stop))
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def _read(self, start: int, stop: int) -> bytes:
        asked = f"bytes={start}-{stop - 1}"
        answer = _client().get_object(Bucket=settings.S3_BUCKET, Key=self._name, Range=asked)
        return answer["Body"].read()


class _KeptOpen:
    """A file for boto3, which would close it: uploads are closed by who opened them."""

    def __init__(self, file: File | IO[bytes]) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        """Nothing."""


def when_bucket_answers(action: Callable[[], T]) -> T:
    """Do what must reach the bucket in the end, waiting ten minutes for one that is out of order.

    Stopped, at once, where this process is told to stop.
    """
    give_up_at = time.monotonic() + PATIENCE
    while True:
        try:
            return action()
        except _FAULTS as fault:
            if not _may_pass(fault) or time.monotonic() > give_up_at:
                raise
            logger.warning("The bucket does not answer (%s); what was made waits for it", fault)
            pause(_BETWEEN_TRIES)


def _may_pass(fault: BaseException) -> bool:
    """Whether it is the storage that is at fault: a wrong key stays wrong."""
    cause = fault if isinstance(fault, ClientError) else fault.__context__
    if isinstance(cause, ClientError):
        return _status(cause) >= 500
    return True


def _size(name: str) -> int | None:
    try:
        return _client().head_object(Bucket=settings.S3_BUCKET, Key=name)["ContentLength"]
    except ClientError as fault:
        if _status(fault) == 404:
            return None
        raise


def _listed(prefix: str) -> Iterator[tuple[str, int]]:
    pages = _client().get_paginator("list_objects_v2")
    for page in pages.paginate(Bucket=settings.S3_BUCKET, Prefix=prefix):
        for item in page.get("Contents", []):
            yield item["Key"], item["Size"]


def _status(fault: ClientError) -> int:
    return fault.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)


def _client(*, for_readers: bool = False) -> Any:
    read_timeout, attempts = (_PATIENCE_OF_READERS, 2) if for_readers else (30, 5)
    return _client_of(
        settings.S3_ENDPOINT_URL,
        settings.S3_REGION,
        settings.S3_ACCESS_KEY_ID,
        settings.S3_SECRET_ACCESS_KEY,
        read_timeout,
        attempts,
    )


@lru_cache
def _client_of(
    endpoint: str, region: str, key_id: str, secret: str, read_timeout: float, attempts: int
) -> Any:
    """Made once for all threads, which is slow; boto3's clients may be shared."""
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            retries={"mode": "standard", "total_max_attempts": attempts},
            connect_timeout=5,
            read_timeout=read_timeout,
            # Checksums of AWS's own, which other storages refuse.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )
