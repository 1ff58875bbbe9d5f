"""Readers do not wait for long for a bucket that hangs."""

import socket
import time
from uuid import uuid4

import pytest
from botocore.exceptions import BotoCoreError
from django.test import RequestFactory

from classes.video import s3_store
from classes.watch import delivery


def test_playlist_of_a_bucket_that_hangs_fails_within_seconds(settings, monkeypatch):
    monkeypatch.setattr(s3_store, "_PATIENCE_OF_READERS", 0.2)
    settings.VIDEO_SERVE = "s3"
    settings.S3_BUCKET, settings.S3_ACCESS_KEY_ID, settings.S3_SECRET_ACCESS_KEY = "b", "id", "key"
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        settings.S3_ENDPOINT_URL = f"http://127.0.0.1:{silent.getsockname()[1]}"
        began = time.monotonic()

        with pytest.raises(BotoCoreError):
            delivery.send_film(RequestFactory().get("/"), uuid4(), "master.m3u8", seconds=60)

    assert time.monotonic() - began < 10
