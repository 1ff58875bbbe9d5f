"""What is one member's own among the classes: saved, begun, done."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from classes.models.catalogue import Variant, WorkoutClass


class SavedClass(models.Model):
    """A member keeps a class, to find it again."""

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_classes"
    )
    workout_class = models.ForeignKey(WorkoutClass, on_delete=models.CASCADE, related_name="saved")
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("saved class")
        verbose_name_plural = _("saved classes")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["member", "workout_class"], name="class_saved_once"),
        ]
        indexes = [models.Index(fields=["member", "-saved_at", "-id"], name="saved_newest_first")]

    def __str__(self) -> str:
        return f"{self.member}: {self.workout_class}"


class Viewing(models.Model):
    """How far a member is in one film, and when they did it: a line of their history.

    A round goes from the beginning of a film to where it counts as done; the next time it is
    watched, another begins. What was watched is kept as bits, a second each.
    """

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="viewings"
    )
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="viewings")
    # The variant's; here as well, so that "done" is read from one index.
    workout_class = models.ForeignKey(
        WorkoutClass, on_delete=models.CASCADE, related_name="viewings"
    )
    # The video that the seconds belong to; another one has other seconds.
    film = models.UUIDField()
    second = models.PositiveIntegerField(default=0)  # where the member is in the film
    # When the browser was at that second, by the server's clock. What was measured before it came
    # late and moves nothing.
    measured_at = models.DateTimeField()
    # Of this round: seconds that were watched, or skipped because the member avoids them.
    covered = models.BinaryField(default=bytes)
    # No more seconds are believed than could have been watched since then.
    credited_at = models.DateTimeField()
    continues = models.BooleanField(default=False)  # begun, and this round is not done
    started_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)  # the last time
    times_done = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("viewing")
        verbose_name_plural = _("viewings")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["member", "variant"], name="one_viewing_of_a_film"),
        ]
        indexes = [
            models.Index(fields=["member", "-seen_at", "-id"], name="viewings_newest_first"),
            models.Index(
                fields=["member", "-seen_at"],
                condition=Q(continues=True),
                name="viewings_to_continue",
            ),
            models.Index(
                fields=["member", "workout_class"],
                condition=Q(done_at__isnull=False),
                name="viewings_done",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.variant}"


class Forgetting(models.Model):
    """When a member last took something out of their history.

    A player that is open meanwhile, or word from it that comes late, brings none of it back.
    """

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="forgetting",
    )
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("moment of forgetting")
        verbose_name_plural = _("moments of forgetting")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.member}: {self.at:%Y-%m-%d}"


class HistoryPause(models.Model):
    """A member wants nothing kept of what they watch. While it lasts nothing is written down."""

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="history_pause",
    )
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("pause of the history")
        verbose_name_plural = _("pauses of the history")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.member}: {self.since:%Y-%m-%d}"
