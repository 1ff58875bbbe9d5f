"""What machines ask: is the process there, and can it do its work?

Both are asked often and by anything, so they read no parameter, no session and no member.
"""

import logging
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

log = logging.getLogger(__name__)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. Says nothing about what stands behind it."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Pages can be served: 200, or 503 with one line for each thing that is missing."""
    missing = [problem for problem, check in _CHECKS if not _passes(check)]
    if missing:
        return HttpResponse("".join(f"{line}\n" for line in missing), "text/plain", status=503)
    return HttpResponse("ready\n", content_type="text/plain")


def _passes(check: Callable[[], None]) -> bool:
    try:
        check()
    except Exception:  # whatever it is: this page must say so, not fail with it
        # The reason may name hosts and paths. It is for the log, not for whoever asks.
        log.exception("Not ready: %s", check.__name__.strip("_"))
        return False
    return True


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _cache() -> None:
    cache.set("readyz", "here", timeout=60)
    if cache.get("readyz") != "here":
        raise RuntimeError("The cache did not keep what it was given")


def _storage() -> None:
    for folder in (settings.MEDIA_ROOT, settings.FILMS_ROOT, settings.MASTERS_ROOT):
        Path(folder).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"ready")


_CHECKS = [
    ("The database cannot be reached.", _database),
    ("The shared cache does not keep what it is given.", _cache),
    ("The folders for films and pictures cannot be written to.", _storage),
]
