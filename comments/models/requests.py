"""What members ask the studio to film, and the lists that instructors answer with."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from classes.models import WorkoutClass
from comments.models.comment import Comment


class ClassRequestQuerySet(models.QuerySet["ClassRequest"]):
    def open(self) -> Self:
        """Those that no public class fulfils yet."""
        return self.filter(told_at__isnull=True)

    def to_be_told(self) -> Self:
        """Tied to a class that is public by now, and nobody was told."""
        return self.open().filter(fulfilled_by__in=WorkoutClass.objects.listed())


class ClassRequest(models.Model):
    """A comment that asks for a class, kept by somebody who teaches.

    Whoever wrote the comment asked; others say "me too" (`votes`). A class is tied to it at any
    time; once that is public, those who asked are told, once (`told_at`).
    """

    comment = models.OneToOneField(
        Comment, verbose_name=_("comment"), on_delete=models.CASCADE, related_name="request"
    )
    title = models.CharField(
        _("in a few words"),
        max_length=120,
        help_text=_("What members read in the list, such as “Standing, no Wall”."),
    )
    kept_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("kept by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    kept_at = models.DateTimeField(_("kept"), default=timezone.now)
    fulfilled_by = models.ForeignKey(
        WorkoutClass,
        verbose_name=_("fulfilled by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="requests",
    )
    tied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("tied by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    tied_at = models.DateTimeField(_("tied"), null=True, blank=True)
    told_at = models.DateTimeField(_("told"), null=True, blank=True)
    voters = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="Vote", related_name="requests_wanted"
    )

    objects = ClassRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        ordering = ["kept_at", "pk"]
        indexes = [
            models.Index(
                fields=["kept_at"], condition=Q(told_at__isnull=True), name="request_is_open"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Vote(models.Model):
    """Somebody else wants it too."""

    request = models.ForeignKey(ClassRequest, on_delete=models.CASCADE, related_name="votes")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="votes"
    )
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["request", "member"], name="one_vote_by_each"),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.request}"


class SavedFilter(models.Model):
    """A state of the catalogue that somebody answers with again and again."""

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_filters"
    )
    name = models.CharField(_("name"), max_length=60)
    # The catalogue's own shortest address of that state, as "/classes/?focus=spine-safe".
    address = models.CharField(_("address"), max_length=500)
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        default_permissions = ()
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["member", "address"], name="one_saved_filter_of_each"),
        ]

    def __str__(self) -> str:
        return self.name
