"""Where a person is signed in, and the words that wait for them there."""

from collections.abc import Iterator
from typing import Any

from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session

from accounts.models import Member

_BITE = 500


def sessions_of(member: Member) -> Iterator[Session]:
    """Every session in which the member is signed in.

    Those on allauth's list are found by it; all others have to be opened, one after the other, a
    few in memory at a time: no column says whose a session is.
    """
    listed = UserSession.objects.filter(user=member).values("session_key")
    yield from Session.objects.filter(session_key__in=listed).iterator(chunk_size=_BITE)
    # Those of others are on the list too, and need not be opened.
    unlisted = Session.objects.exclude(session_key__in=UserSession.objects.values("session_key"))
    for session in unlisted.iterator(chunk_size=_BITE):
        if session.get_decoded().get(SESSION_KEY) == str(member.pk):
            yield session


def words_in(session: Session) -> dict[str, Any]:
    """What our own pages keep in a session, such as a comment that could not be sent yet.

    The rest belongs to the machinery: hashes, codes, how somebody signed in.
    """
    ours = {config.label for config in apps.get_app_configs() if "." not in config.name}
    return {
        key: value
        for key, value in session.get_decoded().items()
        if "." in key and key.partition(".")[0] in ours
    }


def end_sessions(member: Member) -> None:
    """Sign the member out everywhere, from the next request on."""
    keys = [session.session_key for session in sessions_of(member)]
    for start in range(0, len(keys), _BITE):
        Session.objects.filter(session_key__in=keys[start : start + _BITE]).delete()
    UserSession.objects.filter(user=member).delete()
