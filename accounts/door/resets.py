"""A forgotten password, where allauth's own pages allow more than they should."""

from typing import Any

from allauth.account.internal.flows.password_reset_by_code import PasswordResetVerificationProcess
from allauth.account.views import CompletePasswordResetView
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _


class CompleteResetView(CompletePasswordResetView):
    """Asks for the new password, after the code of a mail.

    Not of whoever read that code in a mailbox which is no longer the account's: one moves away from
    a mailbox that others read in order to be alone in the account.
    """

    def dispatch(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        process = PasswordResetVerificationProcess.resume(request)
        if process and process.user and process.user.email.lower() != process.state["email"]:
            process.abort()
            messages.error(request, _("The codes hold no longer. Begin again."))
        return super().dispatch(request, **kwargs)
