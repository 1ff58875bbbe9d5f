"""What a browser forgets as somebody signs out: the pages they saw, which Back would show the next
person at a shared computer.

Pages are not to be kept for use without asking (`config.caching`), but going back asks nobody.
`no-store` on all of them would end that, and with it what somebody typed before they went back, and
the speed of going back to the catalogue; this costs whoever signs out the pictures and styles that
the browser had.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

_PAGES = '"cache"'  # quoted, as the header wants it; pages held for going back are among them


@receiver(user_logged_out, dispatch_uid="accounts.door.sign_out.forget_pages")
def forget_pages(sender: type, request: HttpRequest | None, **kwargs: Any) -> None:
    if request is not None:
        request.has_signed_out = True  # type: ignore[attr-defined]


class ForgetPagesMiddleware:
    """Has the browser forget pages when a session ends, be it by a press or by itself.

    One that ran out, or was ended elsewhere, is noticed by the next page that looks at it: the
    session's cookie goes. Stands outside of what deletes that.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if getattr(request, "has_signed_out", False) or _deletes_session(response):
            response["Clear-Site-Data"] = _PAGES
        return response


def _deletes_session(response: HttpResponse) -> bool:
    cookie = response.cookies.get(settings.SESSION_COOKIE_NAME)
    return cookie is not None and cookie["max-age"] == 0
