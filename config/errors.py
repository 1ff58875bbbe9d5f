"""What a visitor sees when a request cannot be answered: always a page of ours, in words.

A page is drawn like any other where that works, so that it has the visitor's language and the
site's header. What failed may be what the header needs (the host, the session, the database), so
each falls back to the same page drawn without a request.
"""

import errno
import re
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import (
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import IntegrityError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.http import escape_leading_slashes

# --- The pages that Django asks for ------------------------------------------------------------


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 where the request was too much rather than wrong."""
    too_large = isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent)
    return error_page(request, 413 if too_large else 400, {"too_large": too_large})


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500 for a fault of ours; 503 or 507 where what we stand on is away, in words.

    409 where the database kept a rule that a form had looked at a moment too early, as with a
    second click on "Save". Drawn without the request: nothing is known about what still works.
    What was typed stands on the page, to be sent again.
    """
    exception = sys.exception()
    context = _typed_again(request)
    if isinstance(exception, IntegrityError):
        return error_page(None, 409, context)
    trouble = _trouble(exception)
    if trouble is None:
        return error_page(None, 500, context)
    status = 507 if trouble == "full" else 503
    response = error_page(None, status, {**context, "trouble": trouble})
    response["Retry-After"] = "60"
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 with what was typed, ready to be sent again from a form with a fresh token.

    That form is offered only to a request that came from one of our own pages. Otherwise a page
    elsewhere could have a curator send, with one click, what it had filled in.
    """
    return error_page(request, 403, _typed(request), template="403_csrf.html")


class ErrorPagesMiddleware:
    """Gives the refusals that Django sends without a body (405) a page, with their headers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or response.streaming or response.content:
            return response
        page = error_page(request, 405)
        page["Allow"] = response["Allow"]
        return page


# --- How they are drawn -------------------------------------------------------------------------

_TEMPLATES = {413: "400.html", 507: "503.html"}


def error_page(
    request: HttpRequest | None,
    status: int,
    context: dict[str, Any] | None = None,
    *,
    template: str = "",
) -> HttpResponse:
    """The page for a status, from `<status>.html`. Never raises while that template compiles."""
    template = template or _TEMPLATES.get(status, f"{status}.html")
    context = {
        "studio_name": settings.STUDIO_NAME,
        "site_url": settings.SITE_URL,
        "status": status,
        **(context or {}),
    }
    if request is not None:
        try:
            return HttpResponse(render_to_string(template, context, request), status=status)
        except Exception:  # noqa: S110 - the first failure is logged; this one is its echo
            pass
    return HttpResponse(render_to_string(template, context), status=status)


# --- What the database said ---------------------------------------------------------------------

_SQLITE_FULL = 13
# Locked, read-only, disk errors, file away. Not 1, which is an error in what we asked.
_SQLITE_AWAY = {5, 6, 8, 10, 14, 26}


def _trouble(exception: BaseException | None) -> str | None:
    """Either "full" or "away", or None where the fault is in the code."""
    if isinstance(exception, OSError) and exception.errno in (errno.ENOSPC, errno.EDQUOT):
        return "full"
    if not isinstance(exception, OperationalError | InterfaceError):
        return None
    cause = exception.__cause__
    if connection.vendor == "sqlite":
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF  # without the extended part
        if code == _SQLITE_FULL:
            return "full"
        return "away" if code in _SQLITE_AWAY else None
    return "full" if type(cause).__name__ == "DiskFull" else "away"


# --- What was typed -----------------------------------------------------------------------------

_SECRET = re.compile(r"pass|secret|token|code|otp|credential|card", re.IGNORECASE)


def _typed_again(request: HttpRequest) -> dict[str, Any]:
    """What `_typed_again.html` needs on a page drawn without the request. Never raises.

    The token is that of the visitor's cookie. Where not even that was read yet, sending again
    meets `csrf_failure`, which has the words too.
    """
    if request.method != "POST":
        return {}
    try:
        return {**_typed(request), "csrf_token": get_token(request)}
    except Exception:  # what failed may be the reading of what was sent
        return {}


def _typed(request: HttpRequest) -> dict[str, Any]:
    """What was typed on a page of ours, and where it was sent."""
    fields = _typed_fields(request) if _from_our_own_page(request) else []
    return {"fields": fields, "action": escape_leading_slashes(request.get_full_path())}


def _typed_fields(request: HttpRequest) -> list[dict[str, Any]]:
    """Name, value and whether a person wrote it, of each field that may be shown again."""
    return [
        {"name": name, "value": value, "is_text": name == "body" or _looks_written(value)}
        for name, values in request.POST.lists()
        for value in values
        if not _SECRET.search(name)
    ]


def _looks_written(value: str) -> bool:
    return "\n" in value or " " in value or len(value) > 60


def _from_our_own_page(request: HttpRequest) -> bool:
    came_from = request.headers.get("Sec-Fetch-Site")
    if came_from:
        return came_from == "same-origin"
    origin = request.headers.get("Origin") or request.headers.get("Referer", "")
    return bool(origin) and urlsplit(origin).netloc == request.get_host()
