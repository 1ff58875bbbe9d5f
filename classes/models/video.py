"""Film files and pictures: what was uploaded, and what was made of it."""

import uuid
from pathlib import Path
from typing import Self

from django.conf import settings
from django.core.files.storage import storages
from django.core.validators import MaxValueValidator, MinValueValidator
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


def address_of_picture(pk: uuid.UUID) -> str:
    return f"{settings.MEDIA_URL}pictures/{pk}/"


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
        return f"{self.address}{width}.{extension}"

    @property
    def address(self) -> str:
        """What the addresses of all renditions begin with."""
        return address_of_picture(self.pk)


class VideoQuerySet(models.QuerySet["Video"]):
    def in_the_works(self) -> Self:
        """Those whose step waits for a worker, or has one."""
        return self.filter(state__in=[Video.State.UPLOADED, Video.State.PROCESSING])

    def playing(self) -> Self:
        """Those of which something can be watched, whether their variant still shows it or not."""
        return self.exclude(plays_as=Video.PlaysAs.NOTHING)

    def shown(self) -> Self:
        """The film of each variant that members watch now, with variant and class."""
        return self.filter(shown_as__isnull=False).select_related("shown_as__workout_class")


class Video(models.Model):
    """A film file that was uploaded, and what was made of it.

    Two steps lead from the one to the other. A first look judges the file within seconds and, where
    its variant has no film yet and browsers can play what is in it, copies it into an MP4 that
    plays at once. The ladder, which may take an hour, then gives every line its own rendition.
    `step` and `state` say which of them waits, runs or failed; what can be watched, `plays_as`
    says.

    What has been made for a video is never written into again: whoever re-makes a film makes a new
    Video of the same master. So an address of a film means the same bytes for ever.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Waiting")
        PROCESSING = "processing", _("In the works")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Stopped")

    class Step(models.TextChoices):
        FIRST_LOOK = "first-look", _("First look")
        LADDER = "ladder", _("Renditions")

    class PlaysAs(models.TextChoices):
        NOTHING = "", _("Nothing yet")
        COPY = "copy", _("As uploaded")
        LADDER = "ladder", _("In every size")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # The variant that this film is meant for. The one that plays is `Variant.video`: while a
    # replacement is in the works, the old film stays.
    variant = models.ForeignKey(
        "classes.Variant",
        verbose_name=_("variant"),
        on_delete=models.CASCADE,
        related_name="videos",
    )
    # Several rows may name one file: those that re-make a film share its master.
    master = models.FileField(_("master"), storage=masters_storage, upload_to=master_path)
    master_bytes = models.PositiveBigIntegerField(_("size of the master"), default=0)
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
    # The same pictures as before, or films that came with their check: it stays as it is.
    keeps_check = models.BooleanField(_("leaves the body check alone"), default=False)

    state = models.CharField(_("state"), max_length=10, choices=State, default=State.UPLOADED)
    step = models.CharField(_("step"), max_length=10, choices=Step, default=Step.FIRST_LOOK)
    progress = models.PositiveSmallIntegerField(_("progress"), default=0)  # percent of the step
    started_at = models.DateTimeField(_("begun"), null=True, blank=True)  # of the step under way
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)  # at this step
    held_by = models.UUIDField(_("held by"), null=True, blank=True)  # the attempt under way
    lease_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    error = models.TextField(_("what went wrong"), blank=True)  # for a curator, in words

    plays_as = models.CharField(
        _("plays"), max_length=6, choices=PlaysAs, default=PlaysAs.NOTHING, blank=True
    )
    duration = models.DurationField(_("length"), null=True, blank=True)
    width = models.PositiveIntegerField(_("width"), null=True, blank=True)
    height = models.PositiveIntegerField(_("height"), null=True, blank=True)
    frame_rate = models.FloatField(_("pictures a second"), null=True, blank=True)  # of the ladder
    has_audio = models.BooleanField(_("has sound"), default=True)
    # In the order of the master playlist: name ("480p"), width, height, bytes, bandwidth and
    # average_bandwidth in bits a second.
    renditions = models.JSONField(_("renditions"), default=list, blank=True)
    files = models.JSONField(_("files of the ladder"), default=dict, blank=True)  # name -> bytes
    ladder_at = models.DateTimeField(_("ladder made"), null=True, blank=True)
    # Kept for a while beside the ladder, for those who are in the middle of watching it.
    has_copy = models.BooleanField(_("has a copy as uploaded"), default=False)

    # What a curator chose. Empty: the preview begins one third in; the poster is the first of the
    # frames on offer.
    preview_start = models.FloatField(
        _("preview from"), null=True, blank=True, validators=[MinValueValidator(0)]
    )  # seconds
    preview_seconds = models.PositiveSmallIntegerField(
        _("preview length"),
        default=30,
        validators=[MinValueValidator(5), MaxValueValidator(180)],
    )
    # Counts how often the preview was cut; it stands in its address, so that no cache keeps an old
    # one.
    preview_version = models.PositiveSmallIntegerField(_("preview"), default=0)
    poster_at = models.FloatField(
        _("poster from"), null=True, blank=True, validators=[MinValueValidator(0)]
    )  # seconds
    poster_candidates = models.JSONField(_("frames on offer"), default=list, blank=True)  # seconds
    poster = models.ForeignKey(
        Picture,
        verbose_name=_("poster"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = VideoQuerySet.as_manager()

    class Meta:
        verbose_name = _("video")
        verbose_name_plural = _("videos")
        indexes = [models.Index(fields=["state", "lease_until"])]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="ready") | models.Q(duration__isnull=False),
                name="ready_video_has_a_length",
            ),
            models.CheckConstraint(
                condition=models.Q(plays_as="") | models.Q(duration__isnull=False),
                name="playing_video_has_a_length",
            ),
        ]

    def __str__(self) -> str:
        return self.original_name or str(self.pk)

    @property
    def is_in_the_works(self) -> bool:
        """Whether its step waits for a worker, or has one."""
        return self.state in (self.State.UPLOADED, self.State.PROCESSING)

    def has_master(self) -> bool:
        """Whether what was uploaded is still there: a file that was no film is not kept.

        Asks the storage.
        """
        name = self.master.name
        return bool(name) and self.master.storage.exists(str(name))
