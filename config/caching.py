"""Who may keep a page."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

PRIVATE = "private, no-cache"
PUBLIC = "public, s-maxage=60"

View = Callable[..., HttpResponse]


def public_for_visitors(view: View) -> View:
    """Let a cache in front keep the view's page for a minute, when it is the same for everyone.

    That is decided by `CacheControlMiddleware`, outside of all that may set a cookie: only an
    answer of 200 to a GET or HEAD without any cookie, which sets none itself, is kept. A page
    with a CSRF token sets one, so it stays private. A view that answers differently to htmx
    adds `Vary: HX-Request` itself.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.public_for_visitors = True  # type: ignore[attr-defined]
        return response

    return wrapped


class CacheControlMiddleware:
    """Pages are private and asked for anew, unless a view said otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if getattr(response, "public_for_visitors", False):
            patch_vary_headers(response, ["Cookie", "Accept-Language"])
            if _same_for_everyone(request, response):
                response["Cache-Control"] = PUBLIC
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = PRIVATE
        return response


def _same_for_everyone(request: HttpRequest, response: HttpResponse) -> bool:
    return (
        request.method in ("GET", "HEAD")
        and response.status_code == 200
        and not request.headers.get("Cookie")
        and not response.cookies
        and "Authorization" not in request.headers
    )
