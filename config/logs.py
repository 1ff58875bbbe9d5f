"""One line of log per event, each with the id of the request it belongs to."""

import logging
import re
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.http import HttpRequest, HttpResponse

access = logging.getLogger("access")

_request_id: ContextVar[str] = ContextVar("request_id", default="-")
_ACCEPTABLE = re.compile(r"[A-Za-z0-9-]{8,64}")
# A film's address may carry what opens it: /v/<token>/<video>/<file>. Such a line would be a key.
# By its place, and by its shape wherever else it stands: in an address cut short, or in a cookie.
_FILM_TOKEN = re.compile(
    r"(?<=/v/)[^/\s]+(?=/[^/\s]+/[^/\s])|\b[0-9]{1,12}-[0-9]{1,19}-[0-9a-f]{32}\b"
)
# What a visitor avoids is health data. Django's own server, and a form's refusal of a page that it
# was sent from, print whole addresses.
_AVOIDED = re.compile(r"(?<=[?&]avoid=)[^&\s\"'#]+", re.IGNORECASE)


def configuration(level: str) -> dict[str, Any]:
    """For `logging.config.dictConfig`: all to stdout, where systemd and containers look for it."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request_id": {"()": "config.logs.RequestIdFilter"}},
        "formatters": {
            "line": {
                "()": "config.logs.DiscreetFormatter",
                "format": "{asctime} {levelname} {request_id} {name}: {message}",
                "style": "{",
            }
        },
        "handlers": {
            "stdout": {
                "class": "logging.StreamHandler",
                "stream": "ext://sys.stdout",
                "filters": ["request_id"],
                "formatter": "line",
            }
        },
        "loggers": {
            # Both come with handlers of their own and would be written twice.
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        },
        "root": {"handlers": ["stdout"], "level": level},
    }


class RequestLogMiddleware:
    """Names each request and writes its line: who asked is left to the proxy.

    A proxy's `X-Request-ID` is kept where it is well-formed. The query string is never written:
    what a visitor avoids, health data, lives there.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _ACCEPTABLE.fullmatch(given) else uuid.uuid4().hex
        token = _request_id.set(request_id)
        started = time.perf_counter()
        try:
            response = self.get_response(request)
            access.info(
                "%s %s %s %.0f ms",
                request.method,
                _escaped(request.path),
                response.status_code,
                (time.perf_counter() - started) * 1000,
            )
        finally:
            _request_id.reset(token)
        response["X-Request-ID"] = request_id
        return response


class RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = _request_id.get()
        return True


class DiscreetFormatter(logging.Formatter):
    """Leaves out what opens films and what somebody avoids, in messages and in tracebacks."""

    def format(self, record: logging.LogRecord) -> str:
        return _AVOIDED.sub("-", _FILM_TOKEN.sub("-", super().format(record)))


def _escaped(path: str) -> str:
    """In ASCII, so that a line break in a path cannot pretend to be a line of the log."""
    return path.encode("unicode_escape").decode("ascii")
