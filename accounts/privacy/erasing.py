"""A person goes from every table, at once or not at all.

Only of somebody who wrote thousands of comments these go first, some at a time (`steps_ahead`).

What an app keeps of a person it takes away itself (`registry`). Here it is put together, and what
no app answers for is seen to: sessions in which nobody is signed in yet, and the line that the
history writes about the row of a member as that goes.

What outlives the commit, each for a stated time:

- the pass to films in a browser that was signed in: at most 12 hours (`classes.watch.passes`);
- counters of sign-in attempts in the shared cache, which hold a hash of the address: at most a day;
- pages kept in the memory of a process, which nothing leads to any more: at most an hour;
- files, if the process is killed between the commit and their removal: until the next `purge`;
- backups, as long as the studio keeps them.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from allauth.account.utils import user_pk_to_url_str
from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import connection, transaction

from accounts.holdings import forget_changes_of
from accounts.models import Departure, Member
from accounts.privacy import registry

_AT_ONCE = 500
_PAUSE = 0.2  # seconds
# Where allauth keeps, by itself or within its own states, whom a session is about.
_ID_KEYS = {SESSION_KEY, "user_id", "user_pk"}


def erase(member: Member, words: Departure.Words = Departure.Words.PLACEHOLDER) -> None:
    """Delete a member with all that is theirs. `words`: see `Departure.Words`. Safe to call twice.

    For whoever may decide it: nothing is asked here, and no mail is sent.
    """
    sessions = sessions_that_name(member)
    go_ahead(steps_ahead(member), words)
    with transaction.atomic():
        take_away(member, words, sessions)


def steps_ahead(member: Member) -> list[Callable[[Departure.Words], None]]:
    """What is to be taken before the account, each in a transaction of its own: of somebody of
    whom there is so much that all else would stand still meanwhile. See `registry.Holding`."""
    return [step for holding in registry.holdings() for step in holding.steps_ahead(member)]


def go_ahead(steps: Sequence[Callable[[Departure.Words], None]], words: Departure.Words) -> None:
    """Take these, with pauses in which others write: on SQLite whoever waits tries ten times a
    second, and would miss a shorter gap between two transactions."""
    for step in steps:
        step(words)
        if not connection.in_atomic_block:  # as in the administration, where no pause lets in
            time.sleep(_PAUSE)


def take_away(member: Member, words: Departure.Words, sessions: list[str]) -> None:
    """The same, in the caller's transaction. `sessions` are those of `sessions_that_name`.

    The member's row is locked from the beginning, so that nothing of theirs is added meanwhile.
    """
    there = Member.objects.select_for_update(of=("self",)).filter(pk=member.pk).first()
    if there is None:
        return
    for holding in registry.holdings():
        holding.erase(there, words)
    for trace in registry.traces():
        trace.release(there)
    for start in range(0, len(sessions), _AT_ONCE):
        Session.objects.filter(session_key__in=sessions[start : start + _AT_ONCE]).delete()
    Member.objects.filter(pk=member.pk).delete()
    # The history hears of the row that goes, and writes down once more all that stood in it.
    forget_changes_of([member.pk])


def sessions_that_name(member: Member) -> list[str]:
    """Keys of sessions that are about a member though nobody is on record as signed in there.

    A code that was asked for, a second step that nobody took. No column tells whose a session is,
    so each has to be opened: call it outside a transaction, where it keeps nobody waiting. Those
    on allauth's list need not be; whoever is there signed in is on it.
    """
    listed = UserSession.objects.values("session_key")
    unlisted = Session.objects.exclude(session_key__in=listed)
    return [
        session.session_key
        for session in unlisted.iterator(chunk_size=_AT_ONCE)
        if _names(session.get_decoded(), member)
    ]


def _names(kept: dict[str, Any], member: Member) -> bool:
    ids = {str(member.pk), user_pk_to_url_str(member)}
    if ids & {str(value) for value in _ids_in(kept)}:
        return True
    return member.email.casefold() in json.dumps(kept, ensure_ascii=False, default=str).casefold()


def _ids_in(kept: dict[str, Any]) -> Iterator[Any]:
    for key, value in kept.items():
        if key in _ID_KEYS:
            yield value
        elif isinstance(value, dict):
            yield from _ids_in(value)
