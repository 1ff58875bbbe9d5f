"""What a body does in a class: movements, the exercises that involve them, and where they occur."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from .addresses import Addressed
from .terms import Term, in_reader_language


class Movement(Term):
    """Something a body does and may have to avoid."""

    description = models.CharField(_("description"), max_length=200, blank=True)
    descriptions = models.JSONField(_("description in other languages"), default=dict, blank=True)
    # A check made before this moment did not look for this movement as it is understood now.
    defined_at = models.DateTimeField(_("defined"), default=timezone.now, editable=False)

    class Meta(Term.Meta):
        verbose_name = _("movement")
        verbose_name_plural = _("movements")

    @property
    def about(self) -> str:
        """The description in the reader's language, else in the studio's."""
        return in_reader_language(self.description, self.descriptions)


class AvoidSet(Term):
    """Movements that often have to be avoided together: where a visitor may start from."""

    movements = models.ManyToManyField(
        Movement, verbose_name=_("movements"), related_name="avoid_sets"
    )

    class Meta(Term.Meta):
        verbose_name = _("starter set")
        verbose_name_plural = _("starter sets")


class Avoidance(models.Model):
    """What a member avoids in every class. Health data: nobody else is shown it."""

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("member"),
        on_delete=models.CASCADE,
        related_name="avoidance",
    )
    movements = models.ManyToManyField(
        Movement, verbose_name=_("movements"), related_name="+", blank=True
    )

    class Meta:
        verbose_name = _("what a member avoids")
        verbose_name_plural = _("what members avoid")

    def __str__(self) -> str:
        return str(self.member)


class Exercise(Term, Addressed):
    """Something that is taught by name, with the movements it usually involves."""

    class Family(models.TextChoices):
        RETURN_TO_LIFE = "return-to-life", _("Return to Life")
        MAT_AND_WALL = "mat-and-wall", _("Mat and wall")
        APPARATUS = "apparatus", _("Apparatus")

    # Other names under which curators type it and members look for it, in any language.
    aliases = models.JSONField(_("other names"), default=list, blank=True)
    family = models.CharField(
        _("family"), max_length=20, choices=Family, default=Family.MAT_AND_WALL
    )
    description = models.CharField(_("description"), max_length=300, blank=True)
    descriptions = models.JSONField(_("description in other languages"), default=dict, blank=True)
    movements = models.ManyToManyField(
        Movement,
        verbose_name=_("usual movements"),
        related_name="exercises",
        blank=True,
        help_text=_("What it usually involves; a chapter may add to it or take from it."),
    )

    history = HistoricalRecords(m2m_fields=["movements"])

    class Meta(Term.Meta):
        verbose_name = _("exercise")
        verbose_name_plural = _("exercises")

    def get_absolute_url(self) -> str:
        return reverse("classes:exercise", args=[self.slug])

    @property
    def about(self) -> str:
        """The description in the reader's language, else in the studio's."""
        return in_reader_language(self.description, self.descriptions)


class ChapterQuerySet(models.QuerySet["Chapter"]):
    def for_timeline(self) -> Self:
        """All that a timeline shows of each chapter: 4 queries."""
        return self.select_related("exercise").prefetch_related(
            "exercise__movements", "adds", "removes"
        )


class Chapter(models.Model):
    """A stretch of a film, mostly one exercise. Times are whole seconds from its beginning."""

    variant = models.ForeignKey(
        "classes.Variant",
        verbose_name=_("variant"),
        on_delete=models.CASCADE,
        related_name="chapters",
    )
    start = models.PositiveIntegerField(_("from"))  # seconds
    end = models.PositiveIntegerField(_("to"))  # seconds, not included
    # One of the two: what is taught, or, where that is no exercise, what it is called.
    exercise = models.ForeignKey(
        Exercise,
        verbose_name=_("exercise"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="chapters",
    )
    title = models.CharField(_("title"), max_length=120, blank=True)
    adds = models.ManyToManyField(
        Movement, verbose_name=_("adds"), related_name="added_in", blank=True
    )
    removes = models.ManyToManyField(
        Movement, verbose_name=_("leaves out"), related_name="removed_in", blank=True
    )
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = ChapterQuerySet.as_manager()

    class Meta:
        verbose_name = _("chapter")
        verbose_name_plural = _("chapters")
        ordering = ["variant", "start"]
        constraints = [
            models.UniqueConstraint(fields=["variant", "start"], name="chapters_begin_apart"),
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="chapter_has_a_length"),
            models.CheckConstraint(
                condition=Q(exercise__isnull=False, title="")
                | Q(exercise__isnull=True) & ~Q(title=""),
                name="chapter_is_exercise_or_title",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The exercise in the reader's language, or the title as it was typed."""
        return self.exercise.label if self.exercise else self.title

    @property
    def moment(self) -> timedelta:
        return timedelta(seconds=self.start)

    @property
    def length(self) -> timedelta:
        return timedelta(seconds=self.end - self.start)

    @cached_property
    def movements(self) -> list[Movement]:
        """What a body does in it: the exercise's, with what is added, less what is left out.

        No query after `for_timeline`.
        """
        usual = self.exercise.movements.all() if self.exercise else []
        removed = set(self.removes.all())
        found = {*usual, *self.adds.all()} - removed
        return sorted(found, key=lambda movement: (movement.position, movement.name))
