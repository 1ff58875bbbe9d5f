"""A person's own data: taken along, or taken away; and what should be gone and is not."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.member import Member


class Export(models.Model):
    """All that is kept of a member, in one file that only they may fetch, for a while.

    How it is made: `accounts.privacy.exports`.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits to be made")
        MAKING = "making", _("Is being made")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="exports")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    held_by = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)  # then the file goes, and the row
    size = models.PositiveBigIntegerField(default=0)  # bytes

    class Meta:
        verbose_name = _("export of a member's data")
        verbose_name_plural = _("exports of members' data")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["member"],
                condition=Q(state__in=["waiting", "making"]),
                name="one_export_under_way",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.asked_at:%Y-%m-%d}"


class Departure(models.Model):
    """A member asked that their account be deleted; until it is due they may change their mind."""

    class Words(models.TextChoices):
        """What becomes of their comments that others answered; all others go."""

        PLACEHOLDER = "placeholder", _("A note stands in their place")
        FORMER_MEMBER = "former-member", _("The words stay, under “former member”")

    member = models.OneToOneField(
        Member, on_delete=models.CASCADE, primary_key=True, related_name="departure"
    )
    words = models.CharField(max_length=20, choices=Words, default=Words.PLACEHOLDER)
    asked_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("departure")
        verbose_name_plural = _("departures")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.member}: {self.due_at:%Y-%m-%d}"


class FailedRule(models.Model):
    """A rule of how long things are kept that could not be followed the last time.

    It goes as soon as the rule is followed again (`accounts.privacy.retention`).
    """

    name = models.CharField(max_length=50, primary_key=True)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("rule that could not be followed")
        verbose_name_plural = _("rules that could not be followed")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.name}: {self.since:%Y-%m-%d}"
