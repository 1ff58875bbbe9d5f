"""What members object to, and what was decided about it."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models.comment import Comment


class ReportQuerySet(models.QuerySet["Report"]):
    def open(self) -> Self:
        return self.filter(settled_at__isnull=True)


class Report(models.Model):
    """A member says that a comment should not stand there. Once for each comment."""

    class Reason(models.TextChoices):
        UNKIND = "unkind", _("It is unkind or attacks somebody")
        SPAM = "spam", _("It advertises something")
        HARMFUL = "harmful", _("It gives advice that may hurt somebody")
        PRIVATE = "private", _("It tells something private about somebody")
        OTHER = "other", _("Something else")

    MAX_LENGTH = 500

    comment = models.ForeignKey(
        Comment, verbose_name=_("comment"), on_delete=models.CASCADE, related_name="reports"
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("reported by"),
        on_delete=models.CASCADE,
        related_name="+",
    )
    reason = models.CharField(_("reason"), max_length=10, choices=Reason)
    note = models.CharField(_("note"), max_length=MAX_LENGTH, blank=True)
    made_at = models.DateTimeField(_("reported"), default=timezone.now)
    # When a curator decided about the comment, or that there is nothing to decide.
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        default_permissions = ()
        ordering = ["made_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["comment", "member"], name="one_report_of_a_comment_by_each"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}: {self.comment}"


class StopQuerySet(models.QuerySet["Stop"]):
    def running(self, at: datetime | None = None) -> Self:
        at = at or timezone.now()
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at), starts_at__lte=at)


class Stop(models.Model):
    """A stretch of time in which a member may read and not write."""

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("member"),
        on_delete=models.CASCADE,
        related_name="stops",
    )
    starts_at = models.DateTimeField(_("from"), default=timezone.now)
    ends_at = models.DateTimeField(
        _("until"), null=True, blank=True, help_text=_("Empty: until somebody ends it.")
    )
    reason = models.CharField(_("reason"), max_length=200)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = StopQuerySet.as_manager()

    class Meta:
        verbose_name = _("stop")
        verbose_name_plural = _("stops")
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")),
                name="stop_ends_after_it_starts",
                violation_error_message=_("It ends before it starts."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.starts_at:%Y-%m-%d}"


class Decision(models.Model):
    """What was decided about a comment: by whom, when and why. Never changed afterwards."""

    class Act(models.TextChoices):
        HELD = "held", _("Held")
        APPROVED = "approved", _("Approved")
        REMOVED = "removed", _("Removed")
        RESTORED = "restored", _("Restored")
        KEPT = "kept", _("Left as it is")

    comment = models.ForeignKey(
        Comment, verbose_name=_("comment"), on_delete=models.CASCADE, related_name="decisions"
    )
    act = models.CharField(_("decision"), max_length=10, choices=Act)
    # Empty where a rule decided, or somebody whose account is gone.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    # The names of the rules that held it.
    rules = models.JSONField(default=list, blank=True)
    made_at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        default_permissions = ()
        ordering = ["made_at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_act_display()} · {self.made_at:%Y-%m-%d}"
