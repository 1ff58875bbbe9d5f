"""Sign-up where allauth's own pages tell more than they should."""

from allauth.account.adapter import get_adapter
from allauth.account.views import ConfirmEmailVerificationCodeView
from django.forms import BaseForm
from django.http import HttpResponse


class ConfirmCodeView(ConfirmEmailVerificationCodeView):
    """Asks for the code of a mail. "Send another" sends one to every mailbox.

    allauth writes to an address that has an account already only once, so that the time of the
    second answer would tell it from a new one.
    """

    def _resend_form_valid(self, form: BaseForm) -> HttpResponse:
        response = super()._resend_form_valid(form)
        process = self._process
        # Not after it was refused for being too soon.
        if getattr(process, "did_send", False) and not process.email_address.user_id:
            get_adapter().send_account_already_exists_mail(process.email)
        return response
