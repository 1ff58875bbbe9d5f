"""Mail as curators see it: what went out, what did not, and why."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from accounts.mailing.admin import FATE, OutgoingAdmin
from comments.mail.sending import outbox
from comments.models import Notice
from comments.tasks import send_notice


@admin.register(Notice)
class NoticeAdmin(OutgoingAdmin[Notice]):
    """A row goes with its comment or its reader, and not before."""

    outbox = outbox
    task = send_notice

    list_display = (
        "recipient",
        "kind",
        "words",
        "state",
        "attempts",
        "trouble",
        "due_at",
        "sent_at",
    )
    list_select_related = ("recipient", "comment")
    list_filter = ("state", "kind", "made_at")
    search_fields = ("recipient__display_name", "recipient__email", "error")
    search_help_text = _("Name or address of the reader, or words of an error")

    fields = ("recipient", "kind", "about", *FATE)
    readonly_fields = fields

    @admin.display(description=_("comment"))
    def words(self, notice: Notice) -> str:
        return Truncator(" ".join(notice.comment.body.split())).chars(60)

    @admin.display(description=_("comment"))
    def about(self, notice: Notice) -> SafeString:
        address = reverse("admin:comments_comment_change", args=[notice.comment_id])
        return format_html('<a href="{}">{}</a>', address, self.words(notice))
