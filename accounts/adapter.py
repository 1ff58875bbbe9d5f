"""How allauth meets this site."""

import logging
import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from accounts.door import devices
from accounts.door.second_factor import Missing
from accounts.door.sessions import SEEN_AT
from accounts.languages import remember_language
from accounts.mailing import letters
from accounts.mailing.changes import CHANGES
from accounts.membership.standing import last_day, standing_of
from accounts.models import Letter, Member
from accounts.time_zones import zone_of

logger = logging.getLogger(__name__)

# smtplib's own errors are among the first. The second: an address that no mail can carry.
NOT_SENT = (OSError, ValueError)

# The mails that somebody waits for on the next page.
_WAITED_FOR = (
    "account/email/account_already_exists",
    "account/email/email_confirmation",
    "account/email/password_reset_code",
    "account/email/unknown_account",
)

_BY_PASSKEY = "mfa_reauthenticate:webauthn"
_WAYS_TO_CONFIRM = {
    "reauthenticate": _("Use your password"),
    "mfa_reauthenticate": _("Use a code of your app, or a recovery code"),
    _BY_PASSKEY: _("Use a passkey"),
}


def _welcome(member: Member) -> str:
    return gettext("Welcome, %(name)s.") % {"name": member.display_name}


def _first_welcome(member: Member) -> str:
    until = standing_of(member).until
    if not until:
        return _welcome(member)
    with timezone.override(zone_of(member)):  # the request began as nobody's
        day = date_format(last_day(until), "DATE_FORMAT")
    return gettext("Welcome, %(name)s. Every class is open to you until %(day)s.") % {
        "name": member.display_name,
        "day": day,
    }


def _offer_after_sign_up(member: Member) -> str:
    """Said once: what makes the next sign-in easier, or a lost passkey no disaster."""
    if not member.has_usable_password():
        name = "mfa_generate_recovery_codes"
        words = gettext("Make recovery codes, in case you lose your passkey")
    elif member.time_zone:  # the browser told it by JavaScript, which passkeys need too
        name, words = "mfa_add_webauthn", gettext("Next time without a password? Add a passkey")
    else:
        return ""
    return format_html('<a href="{}">{}</a>', reverse(name), words)


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The e-mail address or the password is not right."),
        "enter_current_password": _("That is not your current password."),
        "incorrect_code": _("That code is not right. Look at the latest mail we sent."),
        "incorrect_password": _("That password is not right."),
        "too_many_login_attempts": _("Too many attempts. Wait a few minutes and try again."),
        "rate_limited": _("That was too fast. Wait a moment and try again."),
        "duplicate_email": _("That is your address already."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """A form that was sent all the same (ImmediateHttpResponse, 403) gets the page's words."""
        if not settings.SIGN_UP_OPEN and request.method == "POST":
            raise ImmediateHttpResponse(render(request, "account/signup_closed.html", status=403))
        return settings.SIGN_UP_OPEN

    def save_user(
        self, request: HttpRequest, user: Member, form: Any, commit: bool = True
    ) -> Member:
        """A new member begins in the language they read, on the clock their browser told."""
        user.display_name = form.cleaned_data["display_name"]
        user.time_zone = form.cleaned_data["time_zone"]
        user.language = get_language() or ""
        return super().save_user(request, user, form, commit)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """What was done stands though the mail about it cannot be sent.

        Whoever waits for one is told, and finds the way to another on the page they come to. Both
        are the same for an address with an account and for one without.
        """
        try:
            self.hand_over(template_prefix, email, context)
        except NOT_SENT as trouble:
            # Not in its own words, which may name the address.
            logger.error("%s could not be sent: %s", template_prefix, type(trouble).__name__)
            if template_prefix.startswith(_WAITED_FOR):
                words = _("The mail could not be sent. Wait a few minutes, then ask for another.")
                messages.error(self.request, words)

    def hand_over(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Mail speaks for the studio. Its links start with SITE_URL, never with a Host header.

        Raises what the mail server's refusal or absence raises: OSError or ValueError.
        """
        studio = {"studio_name": settings.STUDIO_NAME, "site_url": settings.SITE_URL}
        super().send_mail(template_prefix, email, {**context, **studio})

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Any,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """By the outbox: what was done in an account is told, whatever the mail server says now.

        To where the member has their mail by the time of sending, unless allauth says where. What
        we have no words for goes out at once, in allauth's.
        """
        about = template_prefix.rpartition("/")[2]
        if about not in CHANGES:
            super().send_notification_mail(template_prefix, user, context, email)
            return
        data = {**(context or {}), **devices.origin(self.request, user), "about": about}
        letters.send(user, Letter.Kind.SIGN_IN_CHANGED, data=data, address=email or "")

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Of the account alone. allauth adds the Host header, whose port is anybody's to choose:
        each would have guesses of its own."""
        return credentials.get("email", "").lower()

    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        request.session.set_expiry(None)  # what a question for a passkey began was to be short
        request.session[SEEN_AT] = int(time.time())

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """In our words. What comes first is asked for: a passkey, where there is one.

        Whoever joined with a passkey would be asked for one of their recovery codes otherwise.
        Staff who have yet to prove a second factor are not asked for the first.
        """
        methods = [
            method | {"description": _WAYS_TO_CONFIRM[method["id"]]}
            for method in super().get_reauthentication_methods(user)
        ]
        methods.sort(key=lambda method: method["id"] != _BY_PASSKEY)
        if getattr(context.request, "missing_factor", None) != Missing.PROOF.name:
            return methods
        return [method for method in methods if method["id"] != "reauthenticate"]

    def post_login(
        self, request: HttpRequest, user: Member, *, signup: bool, **kwargs: Any
    ) -> HttpResponseBase:
        response = super().post_login(request, user, signup=signup, **kwargs)
        messages.success(request, _first_welcome(user) if signup else _welcome(user))
        if signup and (offer := _offer_after_sign_up(user)):
            messages.info(request, offer)
        if user.language:
            remember_language(response, user.language)
        devices.recognise(request, response, user, is_sign_up=signup)
        return response
