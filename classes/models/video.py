"""Film files and pictures: what was uploaded, and what was made of it."""

import uuid
from pathlib import Path

from django.conf import settings
from django.core.files.storage import storages
from django.db import models
from django.utils.translation import gettext_lazy as _


def masters_storage():
    return storages["masters"]


def master_path(video: "Video", filename: str) -> str:
    """Uploads are named by the server; what the file was called is kept in `original_name`."""
    return f"{video.pk}/master"


def pictures_folder() -> Path:
    """Holds a folder for each picture, named by its id."""
    return settings.MEDIA_ROOT / "pictures"


class Picture(models.Model):
    """A picture re-made at several widths as AVIF, WebP and JPEG, for `<picture>`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    widths = models.JSONField(_("widths"))  # ascending, pixels

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    def __str__(self) -> str:
        return f"{self.width} × {self.height}"

    @property
    def folder(self) -> Path:
        return pictures_folder() / str(self.pk)

    def url(self, width: int, extension: str) -> str:
        """Address of one rendition; `width` is one of `widths`, `extension` avif, webp or jpg."""
        return f"{settings.MEDIA_URL}pictures/{self.pk}/{width}.{extension}"


class Video(models.Model):
    """A film file that was uploaded, and what was made of it."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Waiting")
        PROCESSING = "processing", _("In the works")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # The variant that this film is meant for. The one that plays is `Variant.video`: while a
    # replacement is in the works, the old film stays.
    variant = models.ForeignKey(
        "classes.Variant",
        verbose_name=_("variant"),
        on_delete=models.CASCADE,
        related_name="videos",
    )
    master = models.FileField(_("master"), storage=masters_storage, upload_to=master_path)
    original_name = models.CharField(_("file name"), max_length=255, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("uploaded by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    uploaded_at = models.DateTimeField(_("uploaded"), auto_now_add=True)

    state = models.CharField(_("state"), max_length=10, choices=State, default=State.UPLOADED)
    progress = models.PositiveSmallIntegerField(_("progress"), default=0)  # percent
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lease_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    error = models.TextField(_("what went wrong"), blank=True)  # for a curator, in words

    duration = models.DurationField(_("length"), null=True, blank=True)
    width = models.PositiveIntegerField(_("width"), null=True, blank=True)
    height = models.PositiveIntegerField(_("height"), null=True, blank=True)
    poster = models.ForeignKey(
        Picture,
        verbose_name=_("poster"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        verbose_name = _("video")
        verbose_name_plural = _("videos")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="ready") | models.Q(duration__isnull=False),
                name="ready_video_has_a_length",
            ),
        ]

    def __str__(self) -> str:
        return self.original_name or str(self.pk)

    @property
    def folder(self) -> Path:
        return settings.FILMS_ROOT / str(self.pk)

    @property
    def film_path(self) -> Path:
        return self.folder / "film.mp4"

    @property
    def preview_path(self) -> Path:
        return self.folder / "preview.mp4"
