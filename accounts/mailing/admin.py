"""What all outgoing mail shows a curator: its fate, and what may be done about it.

Registers nothing: each app has an admin of its own mails.
"""

from typing import Any, ClassVar, TypeVar

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_tasks.base import Task

from accounts.attention import Item
from accounts.mailing.sending import Outbox, enqueue
from accounts.models import Outgoing

Row = TypeVar("Row", bound=Outgoing)

# What a page of one mail shows last: what became of it.
FATE = (
    "state",
    "attempts",
    "error",
    "made_at",
    "due_at",
    "handed_over_at",
    "sent_at",
    "message_id",
)

# What the list of tasks has no room for now, the sweep finds.
_AT_ONCE = 50
_EXAMPLES = 5


class OutgoingAdmin(admin.ModelAdmin[Row]):
    """Nothing is written here by hand: mails are made by what happens, and judged by their fate."""

    outbox: ClassVar[Outbox]
    task: ClassVar[Task[[int], None]]  # sends one of them

    list_per_page = 50
    # The number of all mails ever sent is worth no count at each look.
    show_full_result_count = False
    actions = ("send_again", "set_aside")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        """A row is what keeps a mail from being sent twice."""
        return False

    def log_change(self, request: HttpRequest, obj: Row, message: Any) -> Any:
        """No line: nothing can be changed, and it would name the reader for years longer than the
        row of the mail does."""

    @admin.display(description=_("what went wrong"))
    def trouble(self, row: Row) -> str:
        return Truncator(row.error).chars(80)

    @admin.action(
        description=_("Send again what failed or may not have arrived"), permissions=["change"]
    )
    def send_again(self, request: HttpRequest, queryset: QuerySet[Row]) -> None:
        ids = self.outbox.send_again(queryset)
        transaction.on_commit(lambda: enqueue(self.task, ids[:_AT_ONCE]), robust=True)
        told = ngettext("%d mail is sent again.", "%d mails are sent again.", len(ids))
        self.message_user(request, told % len(ids), messages.SUCCESS)

    @admin.action(
        description=_("Set aside what failed or may not have arrived"), permissions=["change"]
    )
    def set_aside(self, request: HttpRequest, queryset: QuerySet[Row]) -> None:
        number = self.outbox.set_aside(queryset)
        told = ngettext("%d mail is set aside.", "%d mails are set aside.", number)
        self.message_user(request, told % number, messages.SUCCESS)


def undelivered(outbox: Outbox[Row], title: str, number: int) -> Item:
    """What was given up, or of which nobody knows whether it arrived, for the start page.

    `number` is how many there are. One query.
    """
    name = f"admin:{outbox.model._meta.app_label}_{outbox.model._meta.model_name}"
    states = f"{Outgoing.State.FAILED},{Outgoing.State.UNKNOWN}"
    return Item(
        title=title,
        count=number,
        link=f"{reverse(f'{name}_changelist')}?state__in={states}",
        examples=[
            (str(row), reverse(f"{name}_change", args=[row.pk]))
            for row in outbox.stuck().select_related("recipient").order_by("-pk")[:_EXAMPLES]
        ],
        tone="problem",
    )
