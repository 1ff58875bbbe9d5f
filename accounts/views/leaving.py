"""Going: what it means, the wish itself, and the way back."""

import time
from datetime import timedelta
from typing import cast

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Departure, Member
from accounts.privacy import leaving, registry
from accounts.privacy.retention import in_words

_ASKED_AT = "leaving_asked_at"  # no words of anybody's: those have our label (`words_in`)
_CONFIRMED_WITHIN = 5 * 60  # seconds from pressing the button to having given the password


class LeaveForm(forms.Form):
    words = forms.ChoiceField(
        label=gettext_lazy("Your comments that others answered"),
        choices=Departure.Words.choices,
        initial=Departure.Words.PLACEHOLDER,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what becomes of those comments.")},
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """Says what goes and what stays; POST asks for the password or a passkey, then writes it down.

    However lately either was given: only what was given after the button was pressed counts.
    """
    member = cast(Member, request.user)
    departure = getattr(member, "departure", None)
    initial = {"words": departure.words} if departure else None
    form = LeaveForm(request.POST or None, initial=initial)
    can_confirm = bool(get_adapter().get_reauthentication_methods(member))
    is_last = leaving.is_last_superuser(member)
    if can_confirm and not is_last and form.is_valid():
        _confirm(request, member)
        return _asked(request, leaving.ask(member, form.cleaned_data["words"]))
    context = {
        "form": form,
        "departure": departure,
        "can_confirm": can_confirm,
        "is_last_superuser": is_last,
        "days": leaving.GRACE.days,
        "film_plays_on": in_words(timedelta(seconds=settings.FILM_COOKIE_AGE)),
        "holdings": registry.holdings(),
        "traces": registry.traces() if member.is_staff or hasattr(member, "instructor") else (),
        "instructor": getattr(member, "instructor", None),
    }
    return render(request, "accounts/leave.html", context)


def _confirm(request: HttpRequest, member: Member) -> None:
    """Raise `ReauthenticationRequired`, upon which allauth asks and sends the same form again."""
    now = time.time()
    asked_at = request.session.get(_ASKED_AT, 0)
    given = [
        record["at"]
        for record in get_authentication_records(request, member)
        if record.get("reauthenticated")
    ]
    is_recent = now - asked_at < _CONFIRMED_WITHIN
    if is_recent and given and given[-1] >= asked_at:
        del request.session[_ASKED_AT]  # it counts for this wish only
        return
    request.session[_ASKED_AT] = now
    raise ReauthenticationRequired


def _asked(request: HttpRequest, departure: Departure) -> HttpResponse:
    day = date_format(localtime(departure.due_at), "DATETIME_FORMAT")
    messages.success(
        request,
        _("Your account will be deleted on %(day)s. Until then you can change your mind.")
        % {"day": day},
    )
    return redirect("accounts:leave")


@login_required
@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """Nothing to confirm: nobody is harmed by an account that stays. Sent twice, it says the same.

    A page that is open after the account went is nobody's, and leads to the sign-in.
    """
    leaving.stay(cast(Member, request.user))
    messages.success(request, _("You stay. Everything is as it was."))
    return redirect("accounts:profile")
