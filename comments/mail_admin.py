"""Mail as curators see it: what went out, what did not, and why."""

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from comments.mail.sending import outbox
from comments.models import Notice
from comments.tasks import enqueue_notices


@admin.register(Notice)
class NoticeAdmin(admin.ModelAdmin):
    """Nothing is written here by hand: mails are made by what is said, and judged by their fate."""

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
    list_per_page = 50
    # The number of all mails ever sent is worth no count at each look.
    show_full_result_count = False
    actions = ("send_again", "set_aside")

    fields = (
        "recipient",
        "kind",
        "about",
        "state",
        "attempts",
        "error",
        "made_at",
        "due_at",
        "handed_over_at",
        "sent_at",
        "message_id",
    )
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Notice | None = None) -> bool:
        """A row is what keeps a mail from being sent twice. It goes with its comment or reader."""
        return False

    @admin.display(description=_("comment"))
    def words(self, notice: Notice) -> str:
        return Truncator(" ".join(notice.comment.body.split())).chars(60)

    @admin.display(description=_("what went wrong"))
    def trouble(self, notice: Notice) -> str:
        return Truncator(notice.error).chars(80)

    @admin.display(description=_("comment"))
    def about(self, notice: Notice) -> SafeString:
        address = reverse("admin:comments_comment_change", args=[notice.comment_id])
        return format_html('<a href="{}">{}</a>', address, self.words(notice))

    @admin.action(
        description=_("Send again what failed or may not have arrived"), permissions=["change"]
    )
    def send_again(self, request: HttpRequest, queryset: QuerySet[Notice]) -> None:
        ids = outbox.send_again(queryset)
        # What the list has no room for now, the sweep finds.
        transaction.on_commit(lambda: enqueue_notices(ids[:50]), robust=True)
        told = ngettext("%d mail is sent again.", "%d mails are sent again.", len(ids))
        self.message_user(request, told % len(ids), messages.SUCCESS)

    @admin.action(
        description=_("Set aside what failed or may not have arrived"), permissions=["change"]
    )
    def set_aside(self, request: HttpRequest, queryset: QuerySet[Notice]) -> None:
        number = outbox.set_aside(queryset)
        told = ngettext("%d mail is set aside.", "%d mails are set aside.", number)
        self.message_user(request, told % number, messages.SUCCESS)
