"""Headers that every answer carries, an early refusal and a static file included; for HEAD,
nothing but headers."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class HeadersMiddleware:
    """Adds what no middleware of Django adds, and what `SecurityMiddleware` could not.

    `SecurityMiddleware` compares the host itself before it redirects to https. The refusal of a
    wrong host is made outside of it and would go out bare.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", settings.SECURE_REFERRER_POLICY)
        response.headers.setdefault(
            "Cross-Origin-Opener-Policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY
        )
        if request.method == "HEAD" and not response.streaming:
            # The server would drop the body too, with a warning in the log for each of them.
            response.content = b""
        return response
