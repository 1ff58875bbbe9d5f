"""Changing one's e-mail address: the new one is typed, then a code from each mailbox."""

from typing import cast

from allauth.account.decorators import reauthentication_required
from allauth.core.internal import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.door import address_changes
from accounts.door.address_changes import Answer, Box, NotSent, Outcome
from accounts.door.address_forms import CodesForm, NewAddressForm
from accounts.models import AddressChange, Member

# How often codes are sent: to one account's mailboxes, from one place, to one new address, be that
# somebody's or nobody's.
_RATES = {"codes": "5/h/user,20/h/ip,5/h/key"}


@login_required
@reauthentication_required(allow_get=True)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def address(request: HttpRequest) -> HttpResponse:
    """Ask for the new address, from whoever has just proven to be themselves.

    A form that is sent without is kept until they have.
    """
    member = cast(Member, request.user)
    if request.method != "POST" and address_changes.under_way(member):
        return redirect("accounts:address_codes")
    form = NewAddressForm(request.POST or None, member=member)
    if form.is_valid():
        new_address = form.cleaned_data["email"]
        if trouble := _trouble_with_sending(request, member, new_address):
            form.add_error(None, trouble)
        else:
            return redirect("accounts:address_codes")
    return render(request, "account/email_change.html", {"form": form})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def address_codes(request: HttpRequest) -> HttpResponse:
    member = cast(Member, request.user)
    change = address_changes.under_way(member)
    if change is None:
        if request.method == "POST":
            messages.error(request, _said(Outcome.NONE_UNDER_WAY))
        return redirect("accounts:address")
    form = CodesForm(request.POST or None, change=change)
    if form.is_valid():
        answer = address_changes.enter(
            member, form.codes(), session_key=request.session.session_key
        )
        if answer.outcome != Outcome.WAITING:
            return _over(request, answer.outcome)
        if not answer.wrong:
            messages.success(request, _("That code was right. Now the other one."))
            return redirect("accounts:address_codes")
        form, change = _with_wrong_ones(request, member, answer)
    return render(request, "account/email_change_codes.html", {"form": form, "change": change})


@login_required
@require_POST
def address_codes_again(request: HttpRequest) -> HttpResponse:
    member = cast(Member, request.user)
    change = address_changes.under_way(member)
    if change is None:
        messages.error(request, _said(Outcome.NONE_UNDER_WAY))
        return redirect("accounts:address")
    if trouble := _trouble_with_sending(request, member, change.new_address, change):
        messages.error(request, trouble)
    else:
        messages.success(request, _("A new code is on its way; only the latest one counts."))
    return redirect("accounts:address_codes")


@login_required
@require_POST
def address_stop(request: HttpRequest) -> HttpResponse:
    address_changes.stop(cast(Member, request.user))
    messages.success(request, _("Your address stays as it is."))
    return redirect("accounts:profile")


def _trouble_with_sending(
    request: HttpRequest, member: Member, new_address: str, change: AddressChange | None = None
) -> str:
    """Send the codes of a new change, or of this one once more; why not, in words, or nothing."""
    allowed = ratelimit.consume(
        request, app="accounts.address", action="codes", config=_RATES, key=new_address
    )
    if not allowed:
        return _("That was too often. Wait an hour, then try again.")
    try:
        if change:
            address_changes.send_again(change)
        else:
            address_changes.begin(member, new_address)
    except NotSent:
        return _("The mail could not be sent. Your address stays as it is; try again later.")
    return ""


def _over(request: HttpRequest, outcome: Outcome) -> HttpResponse:
    if outcome == Outcome.DONE:
        words = _("You sign in with your new address now. Everywhere else you are signed out.")
        messages.success(request, words)
        return redirect("accounts:profile")
    messages.error(request, _said(outcome))
    return redirect("accounts:address")


def _said(outcome: Outcome) -> str:
    return {
        Outcome.NONE_UNDER_WAY: _("The codes hold no longer. Begin again."),
        Outcome.TOO_MANY_WRONG: _("Too many wrong codes. Begin again."),
        Outcome.TAKEN: _("That address has an account of its own by now."),
    }[outcome]


def _with_wrong_ones(
    request: HttpRequest, member: Member, answer: Answer
) -> tuple[CodesForm, AddressChange]:
    """The form again, with what was typed; what was right is asked for no more."""
    change = address_changes.under_way(member)
    assert change is not None  # noqa: S101 - it waits
    form = CodesForm(request.POST, change=change)
    form.is_valid()
    for box in Box:
        if box in answer.wrong:
            form.add_error(box.value, _("That code is not right. Look at the latest mail we sent."))
    return form, change
