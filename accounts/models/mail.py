"""What goes out by mail: the states of a mail, and the letters that an account brings with it."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models.member import Member


class Outgoing(models.Model):
    """One mail to one person: due, under way, sent, or given up.

    How it is sent once, and what that means when a process is killed: `accounts.mailing.sending`.
    """

    class State(models.TextChoices):
        DUE = "due", _("Waits to be sent")
        SENDING = "sending", _("Is being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        UNKNOWN = "unknown", _("Interrupted: it may have arrived")
        UNWANTED = "unwanted", _("Not sent: no longer wanted")

    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DUE)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    # Whoever sends it holds it until then; `handed_over_at` is written just before the server gets
    # the words, and until that is known to have failed they may have arrived.
    held_by = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    handed_over_at = models.DateTimeField(null=True, blank=True, editable=False)
    message_id = models.CharField(max_length=200, blank=True, editable=False)
    error = models.TextField(_("what went wrong"), blank=True)
    made_at = models.DateTimeField(_("made"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        abstract = True


class Letter(Outgoing):
    """A mail about somebody's own account, which no wish of theirs can stop.

    `address` is where it goes if that is not, or no longer, the recipient's: the former address
    after a change, or that of somebody whose account is gone.
    """

    class Kind(models.TextChoices):
        EXPORT_READY = "export-ready", _("Their data is ready to be fetched")
        LEAVING = "leaving", _("Their account is going to be deleted")
        GONE = "gone", _("Their account is deleted")
        NEW_DEVICE = "new-device", _("Signed in with a new device")
        ADDRESS_CHANGED = "address-changed", _("Their address was changed")
        SIGN_IN_CHANGED = "sign-in-changed", _("Their way to sign in was changed")

    recipient = models.ForeignKey(
        Member,
        verbose_name=pgettext_lazy("mail", "to"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="letters",
    )
    address = models.EmailField(_("e-mail address"), blank=True)
    kind = models.CharField(pgettext_lazy("mail", "about"), max_length=20, choices=Kind)
    data: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state__in=["due", "sending"]), name="letter_is_due"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(recipient__isnull=False) | ~Q(address=""), name="letter_goes_somewhere"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.recipient or self.address}"
