"""Pages that are the same for everyone who has no account."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers


def public_for_visitors(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let a cache in front keep the page for a minute, for visitors without any cookie.

    Only says that the page may be kept. Whether it is, `config.caching` decides at the very end,
    when no middleware can set a cookie any more.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        patch_vary_headers(response, ["Cookie", "Accept-Language", "HX-Request"])
        response.public_for_visitors = True  # type: ignore[attr-defined]
        return response

    return wrapped
