"""Passkeys where allauth's own pages are not enough."""

from typing import Any, cast

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.utils import passthrough_next_redirect_url
from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn import views
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.views.generic import FormView

from accounts.models import Member

# Whoever opens the page for signing in is asked at once, in case their browser has a passkey. That
# takes a session; one that nobody comes in by need not be kept for weeks. Seconds.
_QUESTION_IS_OPEN = 60 * 60


class LoginPasskeyView(views.LoginWebAuthnView):
    """What the browser is asked (JSON), and its answer. Comes back to the form with `next`."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        is_new = request.session.session_key is None
        response = super().get(request, *args, **kwargs)
        if is_new and not request.session.is_empty():
            request.session.set_expiry(_QUESTION_IS_OPEN)  # `AccountAdapter.login` takes it off
        return response

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        super().form_invalid(form)  # leaves the message
        return HttpResponseRedirect(
            passthrough_next_redirect_url(
                self.request, reverse("account_login"), REDIRECT_FIELD_NAME
            )
        )


class ReauthenticatePasskeyView(views.ReauthenticateWebAuthnView):
    """Asks once more on the same page. allauth would lead to the page for signing in, and home."""

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        for message in form.errors.get("credential", []):
            get_account_adapter().add_message(self.request, messages.ERROR, message=message)
        return FormView.form_invalid(self, form)


class RemovePasskeyView(views.RemoveWebAuthnView):
    """Keeps the last factor of staff, as the form of an app does by itself.

    Who has no password and no other passkey is told how they come in afterwards. One query for it.
    """

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        others = self.get_queryset().exclude(pk=self.object.pk)
        member = cast(Member, self.request.user)
        is_only_way_in = not member.has_usable_password() and not others.exists()
        return super().get_context_data(**kwargs) | {"is_only_way_in": is_only_way_in}

    def form_valid(self, form: BaseForm) -> HttpResponse:
        adapter = get_adapter()
        authenticator = self.get_object()
        authenticator.user = cast(Member, self.request.user)  # read once, not by its row again
        if not adapter.can_delete_authenticator(authenticator):
            words = adapter.error_messages["cannot_delete_authenticator"]
            messages.error(self.request, words)
            return redirect("mfa_list_webauthn")
        return super().form_valid(form)
