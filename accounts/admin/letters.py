"""Letters about accounts as curators see them: what went out, what did not, and why."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.mailing.admin import FATE, OutgoingAdmin
from accounts.mailing.tasks import send_letter
from accounts.mailing.writing import outbox
from accounts.models import Letter


@admin.register(Letter)
class LetterAdmin(OutgoingAdmin[Letter]):
    """The facts in a letter (`data`) are its reader's own, and stay out of sight."""

    outbox = outbox
    task = send_letter

    list_display = ("reader", "kind", "state", "attempts", "trouble", "due_at", "sent_at")
    list_select_related = ("recipient",)
    list_filter = ("state", "kind", "made_at")
    search_fields = ("recipient__display_name", "recipient__email", "address", "error")
    search_help_text = _("Name or address of the reader, or words of an error")

    fields = ("recipient", "address", "kind", *FATE)
    readonly_fields = fields

    @admin.display(description=pgettext_lazy("mail", "to"))
    def reader(self, letter: Letter) -> str:
        return str(letter.recipient or letter.address)
