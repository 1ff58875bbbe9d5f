"""What every test stands on: a quick hasher, an empty cache, folders of its own."""

from pathlib import Path

import pytest
from django.core.cache import caches


@pytest.fixture(autouse=True)
def quick_and_apart(settings, tmp_path: Path) -> None:
    """Files go to the test's own folder; tasks wait until a test runs them."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.FILMS_ROOT = tmp_path / "films"
    settings.MASTERS_ROOT = tmp_path / "masters"
    settings.STORAGES = {
        **settings.STORAGES,
        "masters": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "masters", "base_url": None},
        },
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
        "fragments": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": "fragments",
        },
    }
    for cache in caches.all():
        cache.clear()
