"""One thing that a person said."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Member
from classes.models import Variant, WorkoutClass


class CommentQuerySet(models.QuerySet["Comment"]):
    def published(self) -> Self:
        return self.filter(state=Comment.State.PUBLISHED)

    def top_level(self) -> Self:
        return self.filter(thread__isnull=True)

    def open_to_replies(self) -> Self:
        """What may be answered: not what is held or removed."""
        return self.published()

    def threads(self) -> Self:
        """The top-level comments that keep a place in the list.

        One that is held or removed keeps it only for the published replies under it: without it,
        they would seem to answer someone else.
        """
        replies = Comment.objects.published().filter(thread=OuterRef("pk"))
        return self.top_level().filter(Q(state=Comment.State.PUBLISHED) | Exists(replies))

    def newest_first(self) -> Self:
        """By when they were written; undated ones last, the latest to arrive before the others."""
        return self.order_by(F("written_at").desc(nulls_last=True), "-pk")


class Comment(models.Model):
    """Something a person said: a top-level comment, or a reply under one."""

    class State(models.TextChoices):
        PUBLISHED = "published", pgettext_lazy("comment", "Published")
        HELD = "held", _("Held")
        REMOVED = "removed", _("Removed")

    MAX_LENGTH = 5000
    EDITABLE_FOR = timedelta(minutes=15)

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
    # Counts the changes of the words, so that a form drawn before one of them is told apart.
    edition = models.PositiveIntegerField(default=0, editable=False)
    # The film it was written under: the one that times in the text ("12:34") speak of.
    variant = models.ForeignKey(
        Variant,
        verbose_name=_("film"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    # Shown in front of the others; at most one of a class, and top-level.
    is_pinned = models.BooleanField(_("pinned"), default=False, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PUBLISHED)
    # Names of the rules that held it (see `holding`); empty if none did, or once it was approved.
    held_for = models.JSONField(_("held because"), default=list, blank=True)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("removed by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    # On top-level comments only: since when the thread waits for somebody who teaches the class
    # (see `desk.waiting`, which keeps it), and who said when that nothing more need be said.
    waiting_since = models.DateTimeField(null=True, blank=True, editable=False)
    no_answer_needed_at = models.DateTimeField(null=True, blank=True, editable=False)
    no_answer_needed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    # Names one sending of one form (see `writing`): the same form sent twice is one comment.
    submission = models.UUIDField(null=True, blank=True, unique=True, editable=False)

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["workout_class", "thread", "-written_at"]),
            models.Index(
                fields=["workout_class", "waiting_since"],
                condition=Q(waiting_since__isnull=False),
                name="comment_waits",
            ),
            models.Index(fields=["written_at"], condition=Q(state="held"), name="comment_is_held"),
            models.Index(fields=["author", "-written_at"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(thread__isnull=True, parent__isnull=True)
                | Q(thread__isnull=False, parent__isnull=False),
                name="reply_has_thread_and_parent",
            ),
            models.UniqueConstraint(
                fields=["workout_class"],
                condition=Q(is_pinned=True),
                name="one_pinned_comment_of_a_class",
            ),
            models.CheckConstraint(
                condition=Q(is_pinned=False) | Q(state="published", thread__isnull=True),
                name="pinned_comment_opens_a_thread",
            ),
        ]

    def __str__(self) -> str:
        return self.body[:60]

    def get_absolute_url(self) -> str:
        """The permalink; it redirects to the class page at `#comment-<id>`."""
        return reverse("comments:permalink", args=[self.pk])

    @property
    def is_published(self) -> bool:
        return self.state == Comment.State.PUBLISHED

    @property
    def is_removed(self) -> bool:
        return self.state == Comment.State.REMOVED

    @property
    def was_taken_back(self) -> bool:
        """Whether its own writer removed it, or left: then nobody else brings it back."""
        by_writer = self.author_id is not None and self.removed_by_id == self.author_id
        return self.is_removed and (by_writer or self.is_hollow)

    @property
    def is_hollow(self) -> bool:
        """Whether its words went with its writer's account: it stands for what is under it."""
        return self.author_id is None and not self.author_name and not self.body

    def is_by(self, member: Member | AnonymousUser) -> bool:
        return member.is_authenticated and self.author_id == member.pk

    def may_be_edited_by(self, member: Member | AnonymousUser) -> bool:
        """By its writer, for a quarter of an hour: later it may have been read and answered."""
        return (
            self.is_by(member)
            and not self.is_removed
            and self.written_at is not None
            and timezone.now() < self.written_at + self.EDITABLE_FOR
        )

    def may_be_removed_by(self, member: Member | AnonymousUser) -> bool:
        """By its writer at any time, and by curators."""
        # Only staff are asked for their rights, for the answer costs two queries.
        return self.is_by(member) or (
            member.is_staff and member.has_perm("comments.change_comment")
        )

    @property
    def writer_name(self) -> str:
        """How the writer is shown. Someone whose account is gone is a former member."""
        if self.author:
            return self.author.display_name
        return self.author_name or str(_("Former member"))


class TimeCode(models.Model):
    """A second of a film that a comment speaks of: `12:34` in its text, under that film.

    Kept by `time_codes` from what the text says.
    """

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="time_codes")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="+")
    second = models.PositiveIntegerField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["comment", "variant", "second"], name="one_time_code_of_a_second"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.comment_id}: {self.second}"


class GoneSending(models.Model):
    """The name of a sending (`Comment.submission`) whose words were taken away for good.

    By it alone an import knows what it once brought in, and does not bring it back. It says
    nothing of whose words they were, or what they said.
    """

    submission = models.UUIDField(primary_key=True)
    # What keeps the place of those words, if others answered them.
    comment = models.ForeignKey(
        Comment, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.submission)
