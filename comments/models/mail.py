"""What goes out by mail, and who does not want it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Outgoing
from comments.models.comment import Comment


class Notice(Outgoing):
    """One mail to one member about one comment."""

    class Kind(models.TextChoices):
        COMMENT = "comment", _("New comment on a class that you teach")
        ANSWER = "answer", _("Answer to what you wrote")
        REQUEST = "request", _("A class that you asked for")

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=pgettext_lazy("mail", "to"),
        on_delete=models.CASCADE,
        related_name="notices",
    )
    kind = models.CharField(pgettext_lazy("mail", "about"), max_length=10, choices=Kind)
    # The new comment, the answer, or the comment that asked for the class.
    comment = models.ForeignKey(
        Comment, verbose_name=_("comment"), on_delete=models.CASCADE, related_name="notices"
    )

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state__in=["due", "sending"]), name="notice_is_due"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "comment", "kind"], name="one_mail_about_a_comment_to_each"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.recipient}"


class Mute(models.Model):
    """A member wants no more mail about one thread."""

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mutes"
    )
    thread = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="mutes")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("muted thread")
        verbose_name_plural = _("muted threads")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["member", "thread"], name="one_mute_of_a_thread"),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.thread}"


class Unsubscription(models.Model):
    """A member wants no more mail of one kind. Without a row there is mail."""

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="unsubscriptions"
    )
    kind = models.CharField(max_length=10, choices=Notice.Kind)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("unsubscription")
        verbose_name_plural = _("unsubscriptions")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["member", "kind"], name="one_unsubscription_of_a_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.get_kind_display()}"
