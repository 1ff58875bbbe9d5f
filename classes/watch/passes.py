"""What opens a film: a token in its address, and a cookie that names whom the token is for.

Both say until when and for which member they hold (0: for everyone), and both are signed. The token
stands in the path, `/v/<token>/<video>/<file>`, so that what a playlist names beside itself carries
it too. Passed on, it is worth nothing without the cookie. Whoever checks the two asks neither the
database nor the session: whether a member may watch was asked when they were made, and is asked
again when they run out.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

EVERYONE = 0

# Passes run out at the hours 0, 6, 12 and 18 (UTC). Between two of them a member is given the same
# addresses, so that the browser finds again what it kept. Hence they hold from 6 to 12 hours.
_STEP = settings.FILM_COOKIE_AGE // 2

_SIGNED = re.compile(r"([0-9]{1,12})-([0-9]{1,19})-([0-9a-f]{32})")


@dataclass(frozen=True)
class Pass:
    """Until when somebody may watch; what is signed into tokens and into the cookie."""

    expires: int  # seconds since 1970
    member_id: int  # or EVERYONE

    @property
    def seconds_left(self) -> int:
        return max(0, self.expires - int(time.time()))

    def token(self, video_id: UUID) -> str:
        """For the addresses of one film."""
        return self._signed(_film(video_id))

    def cookie(self) -> str:
        """For the browser of the member, whatever the film."""
        return self._signed(_COOKIE)

    def _signed(self, purpose: str) -> str:
        signature = _signature(purpose, self, settings.SECRET_KEY)
        return f"{self.expires}-{self.member_id}-{signature}"


def new_pass(member_id: int) -> Pass:
    """One that holds for 6 to 12 hours from now. Ask `watching.may_watch` first."""
    steps = -(-(int(time.time()) + _STEP) // _STEP)
    return Pass(steps * _STEP, member_id)


def open_with(request: HttpRequest, token: str, video_id: UUID) -> Pass | None:
    """The pass for a film, if its token still holds and this browser is whom it was made for.

    No query.
    """
    film_pass = _read(token, _film(video_id))
    if film_pass is None or film_pass.member_id == EVERYONE:
        return film_pass
    bearer = _bearer(request)
    if bearer is None or bearer.member_id != film_pass.member_id:
        return None
    # Signed out and in again, a browser has a cookie that holds longer; never a shorter one.
    return film_pass if bearer.expires >= film_pass.expires else None


# --- The cookie ---------------------------------------------------------------------------------


def hand_out(request: HttpRequest, film_pass: Pass) -> None:
    """Give the browser that asks the cookie which belongs to the tokens of this pass."""
    request.film_pass = film_pass  # type: ignore[attr-defined]


def keep_for(request: HttpRequest, member_id: int | None) -> None:
    """Delete the cookie of the browser that asks, unless it names this member (None: nobody)."""
    if settings.FILM_COOKIE_NAME not in request.COOKIES:
        return
    bearer = _bearer(request)
    if bearer is None or bearer.member_id != member_id:
        request.film_pass = None  # type: ignore[attr-defined]


class FilmPassMiddleware:
    """Does to the cookie what was asked for, and keeps pages with a pass out of shared caches.

    Stands inside of `config.caching`, which looks at both.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not hasattr(request, "film_pass"):
            return response
        film_pass: Pass | None = request.film_pass
        response.public_for_visitors = False  # type: ignore[attr-defined]
        if film_pass is None:
            response.delete_cookie(settings.FILM_COOKIE_NAME, samesite="Lax")
        elif film_pass.member_id != EVERYONE:
            response.set_cookie(
                settings.FILM_COOKIE_NAME,
                film_pass.cookie(),
                max_age=film_pass.seconds_left,
                secure=settings.FILM_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response


# --- Signatures ---------------------------------------------------------------------------------

_COOKIE = "cookie"


def _film(video_id: UUID) -> str:
    return f"film:{video_id}"


def _bearer(request: HttpRequest) -> Pass | None:
    return _read(request.COOKIES.get(settings.FILM_COOKIE_NAME, ""), _COOKIE)


def _read(text: str, purpose: str) -> Pass | None:
    """What was signed for this purpose; None where it was not, or has run out."""
    match = _SIGNED.fullmatch(text)
    if match is None:
        return None
    film_pass = Pass(int(match[1]), int(match[2]))
    if film_pass.expires <= time.time():
        return None
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        if constant_time_compare(match[3], _signature(purpose, film_pass, key)):
            return film_pass
    return None


def _signature(purpose: str, film_pass: Pass, key: str) -> str:
    value = f"{purpose}:{film_pass.expires}:{film_pass.member_id}"
    return salted_hmac("classes.passes", value, secret=key, algorithm="sha256").hexdigest()[:32]
