"""Who may keep a page."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class CacheControlMiddleware:
    """Pages are private and asked for anew, unless a view said otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-cache"
        return response
