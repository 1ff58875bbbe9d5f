"""What the privacy page says, from the lists by which it is done."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.door.devices import COOKIE_AGE
from accounts.privacy import registry, retention
from accounts.privacy.retention import in_words


@dataclass(frozen=True)
class Said:
    """One kind of thing, what it is for, and how long it is kept; each in words, or empty."""

    title: str | Promise
    what_for: str | Promise = ""
    how_long: str | Promise = ""


def of_members() -> list[Said]:
    """Who somebody is comes first; the list is in the order of erasing."""
    return [Said(holding.title, holding.kept) for holding in reversed(registry.holdings())]


def of_work() -> list[Said]:
    return [Said(trace.title) for trace in registry.traces()]


def limits() -> list[Said]:
    """Those with one length for all; where each thing has its own end, its title says so."""
    return [
        Said(rule.title, how_long=in_words(rule.kept) if rule.kept else "")
        for rule in retention.rules()
        if rule.is_said
    ]


def cookies() -> list[Said]:
    """All that this site sets. None of them is there before there is something to remember."""
    return list(_cookies())


def _cookies() -> Iterator[Said]:
    def said(name: str, what_for: str | Promise, seconds: float) -> Said:
        return Said(name, what_for, in_words(timedelta(seconds=seconds)))

    yield said(
        settings.SESSION_COOKIE_NAME,
        _("Knows who is signed in, and keeps words that could not be sent yet."),
        settings.SESSION_COOKIE_AGE,
    )
    yield said(
        settings.CSRF_COOKIE_NAME,
        _("Lets a form be sent from this site only."),
        settings.CSRF_COOKIE_AGE,
    )
    yield said(
        settings.LANGUAGE_COOKIE_NAME,
        _("The language that you chose, if you chose one."),
        settings.LANGUAGE_COOKIE_AGE,
    )
    yield said(
        settings.FILM_COOKIE_NAME,
        _("Opens films to a member’s own browser. It goes when you sign out."),
        settings.FILM_COOKIE_AGE,
    )
    yield said(
        settings.DEVICE_COOKIE_NAME,
        _("Recognises a browser that you signed in with, so that a new one can be reported."),
        COOKIE_AGE.total_seconds(),
    )
