"""The browsers that a member signs in with, and the letter about one that is new.

A browser keeps one random key in a cookie that scripts cannot read, for whoever signs in there. The
table keeps a hash of key and member together, so that it does not tell which members share a
browser. Whoever only visits gets no cookie.
"""

import secrets
from datetime import timedelta

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac

from accounts.mailing import letters
from accounts.mailing.words import language_of
from accounts.models import KnownDevice, Letter, Member
from accounts.templatetags.devices import device as in_words

_SALT = "accounts.devices"
# Browsers keep no cookie longer. Each sign-in begins the time anew.
COOKIE_AGE = timedelta(days=400)
_SEEN_EVERY = timedelta(days=1)


def recognise(
    request: HttpRequest, response: HttpResponseBase, member: Member, *, is_sign_up: bool
) -> None:
    """Remember the browser in which a member has just signed in; write to them if it is new.

    Not at the sign-up itself, nor where no browser of theirs is known yet. Needs `response` for the
    cookie. One query for a browser that was seen in the last day, two for another known one.
    """
    key = _key_of(request) or secrets.token_urlsafe(32)
    key_hash = _hash_of(member, key)
    known = KnownDevice.objects.filter(member=member, key_hash=key_hash).first()
    if known is None:
        _get_to_know(member, key_hash, request, is_sign_up=is_sign_up)
    elif timezone.now() - known.last_seen_at >= _SEEN_EVERY:
        known.last_seen_at = timezone.now()
        known.save(update_fields=["last_seen_at"])
    response.set_signed_cookie(
        settings.DEVICE_COOKIE_NAME,
        key,
        salt=_SALT,
        max_age=COOKIE_AGE,
        secure=settings.DEVICE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


@transaction.atomic
def _get_to_know(member: Member, key_hash: str, request: HttpRequest, *, is_sign_up: bool) -> None:
    # Of two sign-ins at once from one browser the row lets one be the first.
    device, is_new = KnownDevice.objects.get_or_create(member=member, key_hash=key_hash)
    others = KnownDevice.objects.filter(member=member).exclude(pk=device.pk)
    if is_new and not is_sign_up and others.exists():
        _tell(member, request)


def origin(request: HttpRequest, reader: Member) -> dict[str, str]:
    """Where a request comes from, and that it is now, as a letter to `reader` tells it."""
    with translation.override(language_of(reader.language)):
        device = in_words(request.headers.get("User-Agent", ""))
    return {
        "device": device,
        "ip": get_adapter().get_client_ip(request),
        "at": timezone.now().isoformat(),
    }


def _key_of(request: HttpRequest) -> str | None:
    """The key that we gave to this browser; None for any other text."""
    return request.get_signed_cookie(settings.DEVICE_COOKIE_NAME, default=None, salt=_SALT)


def _hash_of(member: Member, key: str) -> str:
    return salted_hmac(_SALT, f"{member.pk}:{key}", algorithm="sha256").hexdigest()


def _tell(member: Member, request: HttpRequest) -> None:
    letters.send(member, Letter.Kind.NEW_DEVICE, data=origin(request, member))
