"""What a body does in a class. Exercises and chapters will join the movements here."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .terms import Term


class Movement(Term):
    """Something a body does and may have to avoid."""

    description = models.CharField(_("description"), max_length=200, blank=True)
    descriptions = models.JSONField(_("description in other languages"), default=dict, blank=True)
    # A check made before this moment did not look for this movement as it is understood now.
    defined_at = models.DateTimeField(_("defined"), default=timezone.now, editable=False)

    class Meta(Term.Meta):
        verbose_name = _("movement")
        verbose_name_plural = _("movements")
