"""What is said in a film, as text: captions in several languages, and their cues."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from classes.captioning.webvtt import PlainCue, write_captions
from classes.languages import validate_language

if TYPE_CHECKING:
    from .catalogue import Variant


class CaptionsQuerySet(models.QuerySet["Captions"]):
    @transaction.atomic
    def store(
        self,
        variant: "Variant",
        language: str,
        cues: Sequence[PlainCue],
        *,
        original_name: str = "",
    ) -> tuple["Captions", bool]:
        """Keep what `read_captions` gave, text and cues together, and say whether it is new.

        Captions that the variant has in that language are replaced. `language` is canonical.
        """
        captions, is_new = self.update_or_create(
            variant=variant,
            language=language,
            defaults={"text": write_captions(cues), "original_name": original_name[-255:]},
        )
        captions.cues.all().delete()
        Cue.objects.bulk_create(
            [
                Cue(
                    captions=captions,
                    start=cue.start,
                    end=cue.end,
                    speaker=cue.speaker,
                    text=cue.text,
                )
                for cue in cues
            ],
            batch_size=2000,
        )
        return captions, is_new


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
    text = models.TextField(_("WebVTT"))  # as `captioning.webvtt` writes it, never as uploaded
    original_name = models.CharField(_("file name"), max_length=255, blank=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = CaptionsQuerySet.as_manager()

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

    @property
    def second(self) -> int:
        """The whole second in which it begins, for links into the film."""
        return int(self.start)

    @property
    def moment(self) -> timedelta:
        return timedelta(seconds=self.second)
