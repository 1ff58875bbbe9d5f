"""Where a member is signed in, since when, and how it ends."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

from allauth.account.signals import password_changed, password_reset, password_set
from allauth.usersessions.forms import ManageUserSessionsForm
from allauth.usersessions.models import UserSession
from allauth.usersessions.views import ListUserSessionsView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import DatabaseError, transaction
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from django.views.generic import FormView

from accounts.models import Member
from accounts.privacy.retention import in_words

logger = logging.getLogger(__name__)

SEEN_AT = "seen_at"  # in the session of a member: seconds since 1970
_SEEN_ANEW_AFTER = 15 * 60  # seconds


class SessionListView(ListUserSessionsView):
    """allauth's page. It asks of each row whether its session still lives; here one query does."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = FormView.get_context_data(self, **kwargs)  # past allauth's own
        alive = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
        sessions = list(
            UserSession.objects.filter(
                user_id=self.request.user.pk, session_key__in=alive
            ).order_by("-last_seen_at", "-pk")
        )
        return context | {
            "sessions": sessions,
            "session_count": len(sessions),
            "film_plays_on": in_words(timedelta(seconds=settings.FILM_COOKIE_AGE)),
        }

    def form_valid(self, form: ManageUserSessionsForm) -> HttpResponse:
        here = self.request.session.session_key
        ended = end_sessions(cast(Member, self.request.user), but=here)
        messages.success(
            self.request,
            ngettext("Signed out in %(n)s place.", "Signed out in %(n)s places.", ended)
            % {"n": ended},
        )
        return redirect("usersessions_list")


@login_required
@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """End one session of the member's own. One that has ended already is no mistake."""
    mine = UserSession.objects.filter(user_id=request.user.pk, pk=pk)
    session = mine.exclude(session_key=request.session.session_key).first()
    if session is not None:
        _end([session.session_key])
    messages.success(request, _("Signed out there."))
    return redirect("usersessions_list")


def end_sessions(member: Member, *, but: str | None = None) -> int:
    """End all sessions of a member except the one with the key `but`; how many there were.

    They are dead at their next request. Three queries, however many they are.
    """
    rows = UserSession.objects.filter(user_id=member.pk).exclude(session_key=but or "")
    return _end(list(rows.values_list("session_key", flat=True)))


@transaction.atomic
def _end(keys: list[str]) -> int:
    Session.objects.filter(session_key__in=keys).delete()
    return UserSession.objects.filter(session_key__in=keys).delete()[0]


@receiver(
    [password_changed, password_set, password_reset], dispatch_uid="accounts.door.sessions.end"
)
def end_other_sessions(sender: type, request: HttpRequest, user: Member, **kwargs: Any) -> None:
    """With a new password the others are dead already; so that they are not listed either."""
    end_sessions(user, but=request.session.session_key)


class LastSeenMiddleware:
    """Notes that a session was used, a quarter of an hour after the last note at the earliest.

    Costs no query in between: when it was last, the session itself says. Only as a page is read,
    so that what sends every few seconds (a film, a place in it) writes nothing for it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # A page that did not look at the session must not be made to.
        if request.method == "GET" and request.session.accessed:
            try:
                _note_use(request.session)
            except DatabaseError:  # away or busy: no reason to lose the page, which is made
                logger.warning("When a session was last used could not be noted.", exc_info=True)
        return response


def _note_use(session: SessionBase) -> None:
    noted, now = session.get(SEEN_AT), int(time.time())
    # Also of a note from the future: the clock that made it was wrong, and has been set right.
    if noted is None or abs(now - noted) < _SEEN_ANEW_AFTER:
        return
    key = session.session_key
    if session.modified:  # it is about to be stored
        session[SEEN_AT] = now
    else:
        # Not by saving this copy: what another request has stored meanwhile, as the words somebody
        # has begun to type, would be lost.
        with transaction.atomic():
            row = Session.objects.select_for_update().filter(session_key=key).first()
            stored = row.get_decoded() if row else {}
            if row is None or stored.get(SEEN_AT) != noted:
                return
            row.session_data = SessionStore().encode(stored | {SEEN_AT: now})
            row.save(update_fields=["session_data"])
    UserSession.objects.filter(session_key=key).update(last_seen_at=timezone.now())
