"""What is said in a film, as text: captions in several languages, and their cues."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from classes.languages import validate_language


class Captions(models.Model):
    """The captions of one variant in one language."""

    variant = models.ForeignKey(
        "classes.Variant",
        verbose_name=_("variant"),
        on_delete=models.CASCADE,
        related_name="captions",
    )
    language = models.CharField(
        _("language"),
        max_length=12,
        validators=[validate_language],
        help_text=_("BCP 47, e.g. en or pt-BR"),
    )
    text = models.TextField(_("WebVTT"))  # as `classes.captions` writes it, never as uploaded
    original_name = models.CharField(_("file name"), max_length=255, blank=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("captions")
        verbose_name_plural = _("captions")
        ordering = ["language"]
        constraints = [
            models.UniqueConstraint(
                fields=["variant", "language"],
                name="one_captions_per_variant_and_language",
                violation_error_message=_("This film has captions in that language already."),
            ),
        ]

    def __str__(self) -> str:
        return self.language


class Cue(models.Model):
    """One line of captions and the stretch of film it belongs to."""

    captions = models.ForeignKey(
        Captions, verbose_name=_("captions"), on_delete=models.CASCADE, related_name="cues"
    )
    start = models.FloatField(_("from"))  # seconds
    end = models.FloatField(_("to"))  # seconds
    speaker = models.CharField(_("speaker"), max_length=80, blank=True)
    text = models.TextField(_("text"))

    class Meta:
        verbose_name = _("cue")
        verbose_name_plural = _("cues")
        ordering = ["start", "pk"]
        indexes = [models.Index(fields=["captions", "start"])]

    def __str__(self) -> str:
        return self.text
