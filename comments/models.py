"""What is said under a class."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from classes.models import WorkoutClass


class CommentQuerySet(models.QuerySet["Comment"]):
    def published(self) -> Self:
        return self.filter(state=Comment.State.PUBLISHED)

    def top_level(self) -> Self:
        return self.filter(thread__isnull=True)

    def open_to_replies(self) -> Self:
        """What may be answered: not what is held or removed."""
        return self.published()


class Comment(models.Model):
    """Something a person said: a top-level comment, or a reply under one."""

    class State(models.TextChoices):
        PUBLISHED = "published", _("Published")
        HELD = "held", _("Held")
        REMOVED = "removed", _("Removed")

    MAX_LENGTH = 5000

    workout_class = models.ForeignKey(
        WorkoutClass, verbose_name=_("class"), on_delete=models.CASCADE, related_name="comments"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="comments",
    )
    author_name = models.CharField(
        _("name"),
        max_length=80,
        blank=True,
        help_text=_("For a comment brought over from elsewhere, whose writer has no account."),
    )
    # The top-level comment whose thread this belongs to; empty on that comment itself.
    thread = models.ForeignKey(
        "self",
        verbose_name=_("thread"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="replies",
    )
    # What this answers: the top-level comment or one of its replies.
    parent = models.ForeignKey(
        "self",
        verbose_name=_("answers"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="answers",
    )
    body = models.TextField(_("text"), max_length=MAX_LENGTH)
    # Comments brought over from elsewhere may have no date.
    written_at = models.DateTimeField(_("written"), default=timezone.now, null=True, blank=True)
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PUBLISHED)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("removed by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    # Made when the form was drawn: the same form sent twice is the same comment.
    submission = models.UUIDField(null=True, blank=True, unique=True, editable=False)

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["workout_class", "thread", "-written_at"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(thread__isnull=True, parent__isnull=True)
                | Q(thread__isnull=False, parent__isnull=False),
                name="reply_has_thread_and_parent",
            ),
        ]

    def __str__(self) -> str:
        return self.body[:60]

    def get_absolute_url(self) -> str:
        """The permalink; it redirects to the class page at `#comment-<id>`."""
        return reverse("comments:permalink", args=[self.pk])

    @property
    def writer_name(self) -> str:
        """How the writer is shown. Someone whose account is gone is a former member."""
        if self.author:
            return self.author.display_name
        return self.author_name or str(_("Former member"))
