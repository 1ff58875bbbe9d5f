"""Pages that are the same for everyone who has no account."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

SHARED_SECONDS = 60


def public_for_visitors(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a cache in front keep the page for a minute, for visitors without any cookie.

    Whoever sends a cookie, and every page that drew a form with a CSRF token, stays private. For
    views on the lowest floor and above; the default for all others is `config.caching`.
    """

    @wraps(view)
    def with_cache_headers(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        patch_vary_headers(response, ["Cookie", "Accept-Language", "HX-Request"])
        if is_shareable(request, response):
            response["Cache-Control"] = f"public, s-maxage={SHARED_SECONDS}"
        return response

    return with_cache_headers


def is_shareable(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether nothing in the answer is about this visitor."""
    drew_csrf_token = request.META.get("CSRF_COOKIE_NEEDS_UPDATE", False)
    return (
        request.method in ("GET", "HEAD")
        and response.status_code == 200
        and not request.COOKIES
        and not response.cookies
        and not drew_csrf_token
    )
