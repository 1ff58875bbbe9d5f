"""What is said under one class, taken together."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from classes.models import WorkoutClass


class Conversation(models.Model):
    """The conversation under a class. There is no row until something was said or decided.

    `revision` and `stamp` are written by database triggers only (`comments.triggers`): they change
    in the transaction of whatever changes what everybody reads under the class. A transaction that
    is rolled back gives its number back, so only both together name what was read.
    """

    workout_class = models.OneToOneField(
        WorkoutClass,
        verbose_name=_("class"),
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="conversation",
    )
    revision = models.PositiveBigIntegerField(default=0, db_default=0, editable=False)
    stamp = models.BigIntegerField(default=0, db_default=0, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("closed by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.workout_class)

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None
