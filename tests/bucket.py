"""A bucket on this machine, and the site with it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from moto.server import ThreadedMotoServer

from classes.models import Video
from classes.video import s3_store
from classes.video.s3_store import MasterStorage


class Bucket:
    """S3 as a WSGI application. Its next `faults` answers are 500."""

    def __init__(self, application: Callable) -> None:
        self.application, self.faults = application, 0
        self.endpoint = ""

    def __call__(self, environ: dict[str, Any], start_response: Callable) -> Any:
        if self.faults > 0:
            self.faults -= 1
            start_response("500 Internal Server Error", [("Content-Length", "0")])
            return [b""]
        return self.application(environ, start_response)


@contextmanager
def running_bucket() -> Iterator[Bucket]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    bucket = server._server.app = Bucket(server._server.app)
    bucket.endpoint = "http://{}:{}".format(*server.get_host_and_port())
    try:
        yield bucket
    finally:
        server.stop()


def use(bucket: Bucket, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings as with VIDEO_SERVE=s3 in the environment; the bucket is empty."""
    settings.VIDEO_SERVE = "s3"
    settings.S3_ENDPOINT_URL = bucket.endpoint
    settings.S3_BUCKET = f"films-{uuid4()}"
    settings.S3_REGION = "us-east-1"
    settings.S3_ACCESS_KEY_ID = settings.S3_SECRET_ACCESS_KEY = "testing"
    settings.STORAGES = {
        **settings.STORAGES,
        "masters": {"BACKEND": "classes.video.s3_store.MasterStorage"},
    }
    monkeypatch.setattr(Video._meta.get_field("master"), "storage", MasterStorage())
    monkeypatch.setattr(s3_store, "_BETWEEN_TRIES", 0)
    bucket.faults = 0
    s3_store._client().create_bucket(Bucket=settings.S3_BUCKET)
