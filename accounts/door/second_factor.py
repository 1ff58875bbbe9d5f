"""A second factor for whoever works for the studio, where `STAFF_MFA` asks for it.

It is asked of the session, not of the account: what opens the studio is that somebody proved a
passkey, an app or a recovery code *here*. Until then staff reach what sets a factor up or proves
it, and the way out; everything else is refused, public pages too, for those show drafts to staff.
"""

from collections.abc import Callable
from enum import Enum
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.conf import settings
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Member
from accounts.templatetags.devices import device

# Open to everybody, or by a token of their own; none of them asks who is signed in.
_ASKS_NOBODY = {
    "account_logout",
    "classes:captions",
    "classes:film",
    "classes:media",
    "comments:mail",
    "healthz",
    "readyz",
    "robots",
    "sitemap",
}


class Missing(Enum):
    """What a session of staff lacks, and where it can be had."""

    FACTOR = "mfa_index"
    PROOF = "mfa_reauthenticate"

    @property
    def open_to(self) -> set[str]:
        """The names of the addresses that lead on from here.

        Who only lacks the proof may not add a factor: a password alone would then be enough to
        add one, and to come in by it.
        """
        return {
            Missing.FACTOR: {
                "account_reauthenticate",
                "accounts:activate_totp",
                "mfa_add_webauthn",
                "mfa_index",
                "mfa_list_webauthn",
            },
            Missing.PROOF: {"accounts:passkey_reauthenticate", "mfa_reauthenticate"},
        }[self]

    def address(self, back_to: str) -> str:
        return f"{reverse(self.value)}?{urlencode({'next': back_to})}"


def is_asked_of(member: Any) -> bool:
    """Whether this member needs a second factor. No query."""
    return settings.STAFF_MFA and (member.is_staff or member.is_superuser)


def what_is_missing(request: HttpRequest) -> Missing | None:
    """None for whoever is no staff, and for staff who proved a factor in this session.

    No query but that for the session and its member; one more for staff without proof.
    """
    if not is_asked_of(request.user):
        return None
    records = get_authentication_records(request, request.user)
    if any(record.get("method") == "mfa" for record in records):
        return None
    return Missing.PROOF if _factors_of(request.user).exists() else Missing.FACTOR


def _factors_of(member: Any) -> Any:
    """Recovery codes are no factor of their own: they stand in for one that is lost."""
    return Authenticator.objects.filter(user_id=member.pk).exclude(
        type=Authenticator.Type.RECOVERY_CODES
    )


class SecondFactorMiddleware:
    """Leads staff to what is missing. `request.missing_factor` tells it to the page they land on.

    Asked for each request, so that somebody who was made staff a moment ago meets it at the next
    one. Not before the form's token was checked, hence as a view is about to be called.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        # A request without a session is a visitor's, and its page must not ask for one.
        if (
            not settings.STAFF_MFA
            or settings.SESSION_COOKIE_NAME not in request.COOKIES
            or name in _ASKS_NOBODY
        ):
            return None
        missing = what_is_missing(request)
        if missing is None:
            return None
        request.missing_factor = missing.name  # type: ignore[attr-defined]
        if name in missing.open_to:
            return None
        return _refused(request, missing, name)


def _refused(request: HttpRequest, missing: Missing, view_name: str) -> HttpResponseBase:
    is_read = request.method in ("GET", "HEAD")
    way = missing.address(request.get_full_path() if is_read else "/")
    if "text/html" not in request.headers.get("Accept", "text/html") or getattr(
        request, "htmx", False
    ):
        # A script, a player or a feed reader asked: what it can hand on, and no page.
        words = _("Whoever works for the studio needs a second factor. Open the site to go on.")
        return JsonResponse(
            {"reason": "second-factor", "message": words, "href": way},
            status=403,
            headers={"Cache-Control": "private, no-store"},
        )
    if is_read:
        return redirect(way)
    context = {"fields": _typed(request, view_name), "action": request.get_full_path(), "way": way}
    return render(request, "mfa/second_factor_first.html", context, status=403)


def _typed(request: HttpRequest, view_name: str) -> list[dict[str, Any]]:
    """What was typed, to be sent again afterwards; never what the door's own forms hold."""
    if view_name.startswith(("account_", "mfa_", "accounts:")):
        return []
    return [
        {"name": name, "value": value, "is_text": "\n" in value or " " in value}
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken"
    ]


@receiver(authenticator_added, dispatch_uid="accounts.door.second_factor.first")
def count_setting_up_as_proof(
    sender: type, request: HttpRequest, user: Member, authenticator: Authenticator, **kwargs: Any
) -> None:
    """Whoever set up their first factor has just used it: it was asked for on the way.

    A further one proves nothing. It can be added with a password, so whoever knows that could
    otherwise come past the first.
    """
    is_factor = authenticator.type != Authenticator.Type.RECOVERY_CODES
    if is_factor and not _factors_of(user).exclude(pk=authenticator.pk).exists():
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)


class MFAAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": gettext_lazy(
            "It is your only second factor, and whoever works for the studio needs one. "
            "Add another first."
        ),
        "incorrect_code": gettext_lazy("That was not right, or it came too late. Try again."),
        "unverified_email": gettext_lazy("Confirm your e-mail address first."),
    }

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Staff keep their last factor. Two removed at once still close the studio to them."""
        if not is_asked_of(authenticator.user):
            return True
        return _factors_of(authenticator.user).exclude(pk=authenticator.pk).exists()

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        """What the member calls it is better; until then, where it was made."""
        return device(context.request.headers.get("User-Agent", ""))

    def _get_site_name(self) -> str:
        """What the browser and the app show beside a passkey or a code."""
        return settings.STUDIO_NAME
