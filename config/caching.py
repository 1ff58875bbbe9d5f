"""Who may keep a page."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

PRIVATE = "private, no-cache"
PUBLIC = "public, s-maxage=60"


class CacheControlMiddleware:
    """Pages are private and asked for anew, unless a view said otherwise.

    A page of `accounts.caching.public_for_visitors` may be kept for a minute by a cache in front,
    if it answers 200 to a GET or HEAD without any cookie and sets none. A page with a CSRF token
    sets one, so it stays private.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if getattr(response, "public_for_visitors", False) and _is_for_all(request, response):
            response["Cache-Control"] = PUBLIC
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = PRIVATE
        return response


def _is_for_all(request: HttpRequest, response: HttpResponse) -> bool:
    return (
        request.method in ("GET", "HEAD")
        and response.status_code == 200
        and not request.headers.get("Cookie")
        and not request.headers.get("Authorization")
        and not response.cookies
    )
