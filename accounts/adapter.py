"""How allauth meets this site."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.languages import remember_language
from accounts.models import Member


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

    def save_user(
        self, request: HttpRequest, user: Member, form: Any, commit: bool = True
    ) -> Member:
        """A new member begins in the language they read, on the clock their browser told."""
        user.display_name = form.cleaned_data["display_name"]
        user.time_zone = form.cleaned_data["time_zone"]
        user.language = get_language() or ""
        return super().save_user(request, user, form, commit)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Mail speaks for the studio. Its links start with SITE_URL, never with a Host header."""
        studio = {"studio_name": settings.STUDIO_NAME, "site_url": settings.SITE_URL}
        super().send_mail(template_prefix, email, {**context, **studio})

    def post_login(self, request: HttpRequest, user: Member, **kwargs: Any) -> HttpResponseBase:
        response = super().post_login(request, user, **kwargs)
        if user.language:
            remember_language(response, user.language)
        return response
