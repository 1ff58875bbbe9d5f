"""Until when the films are open to a person."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models.member import Member


class MembershipQuerySet(models.QuerySet["Membership"]):
    def running(self, at: datetime | None = None) -> Self:
        """Those that open the films at a moment (now): start ≤ moment < end, or no end."""
        at = at or timezone.now()
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at), starts_at__lte=at)


class Membership(models.Model):
    """A stretch of time in which a member may watch every film."""

    class Source(models.TextChoices):
        TRIAL = "trial", _("Trial")
        CURATOR = "curator", _("Given by the studio")
        PAYMENT = "payment", _("Payment")

    member = models.ForeignKey(
        Member, verbose_name=_("member"), on_delete=models.CASCADE, related_name="memberships"
    )
    starts_at = models.DateTimeField(_("starts"), default=timezone.now)
    ends_at = models.DateTimeField(
        _("ends"), null=True, blank=True, help_text=_("Empty: until somebody ends it.")
    )
    source = models.CharField(_("source"), max_length=10, choices=Source, default=Source.CURATOR)
    note = models.CharField(_("note"), max_length=200, blank=True)
    # What the source itself calls it, so that news of it may come twice: of a payment, the
    # subscription's id there.
    reference = models.CharField(_("reference"), max_length=200, blank=True, editable=False)
    # When the source said what stands here, by its own clock: news of earlier has arrived late.
    told_at = models.DateTimeField(_("told"), null=True, blank=True, editable=False)

    history = HistoricalRecords()
    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="membership_ends_after_it_starts",
                violation_error_message=_("A membership ends after it starts."),
            ),
            models.UniqueConstraint(
                fields=["source", "reference"],
                condition=~Q(reference=""),
                name="one_membership_of_a_reference",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()} · {self.starts_at:%Y-%m-%d}"


class TrialTaken(models.Model):
    """Remembers that an address had its trial, without keeping the address.

    Outlives the account, so that signing up again does not start another trial; after 24 months it
    is forgotten (`accounts.privacy.retention`).
    """

    address_hash = models.CharField(max_length=64, unique=True)
    taken_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("trial taken")
        verbose_name_plural = _("trials taken")

    def __str__(self) -> str:
        return f"{self.taken_at:%Y-%m-%d}"
