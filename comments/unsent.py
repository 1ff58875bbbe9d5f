"""Words that could not be taken, kept until they can: till their writer has signed in, above all.

They wait in the visitor's own session, which signing in and signing up both carry over, so that
nothing has to be copied and nobody else can read them.
"""

import time

from django.http import HttpRequest

from comments.models import Comment

_KEY = "comments.unsent"
_SECONDS = 60 * 60  # on a shared computer the next person should not find them tomorrow
_FORMS = 3  # at once, the latest
# What is longer is only shown, not stored: sessions are the one thing that strangers can fill.
_CHARACTERS = {
    "body": 4 * Comment.MAX_LENGTH,
    "parent": 20,
    "submission": 100,
    "from": 200,
    "variant": 20,
    "edition": 20,
    "reason": 20,
}


def keep(request: HttpRequest) -> None:
    """Keep what the form at this address was sent with."""
    waiting = _waiting(request)
    waiting.pop(request.path, None)
    fields = {name: request.POST.get(name, "")[:longest] for name, longest in _CHARACTERS.items()}
    waiting[request.path] = {**fields, "until": time.time() + _SECONDS}
    request.session[_KEY] = dict(list(waiting.items())[-_FORMS:])


def look(request: HttpRequest) -> dict[str, str]:
    """What is kept for the form at this address; empty if nothing is. It stays kept."""
    return _waiting(request).get(request.path, {})


def forget(request: HttpRequest) -> None:
    """It was sent at last."""
    waiting = _waiting(request)
    if waiting.pop(request.path, None):
        request.session[_KEY] = waiting


def _waiting(request: HttpRequest) -> dict[str, dict]:
    kept = request.session.get(_KEY, {})
    return {path: fields for path, fields in kept.items() if fields["until"] > time.time()}
