"""A picture of oneself, made safe: judged by its content, cut square, written anew."""

import uuid
from io import BytesIO
from typing import IO, cast

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

SIDE = 256
MAX_BYTES = 10 * 1024**2
MAX_PIXELS = 50_000_000  # what phones take today
# What cameras and browsers write; each further reader would be one more to trust.
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")


def make_avatar(upload: UploadedFile) -> ContentFile:
    """A square WebP under a name of our own, with nothing of the upload but what one sees.

    ValidationError, in words, where the upload is too large, moves, or is no picture. The name
    and the content type that the browser gave are not looked at.
    """
    if (upload.size or 0) > MAX_BYTES:
        raise ValidationError(
            _("That file is larger than %(limit)d MB. Please choose a smaller picture."),
            code="bytes",
            params={"limit": MAX_BYTES // 1024**2},
        )
    content = _square_webp(upload)
    return ContentFile(content, name=f"{uuid.uuid4().hex}.webp")


def _square_webp(upload: UploadedFile) -> bytes:
    upload.seek(0)
    try:
        # Reads the head only; pixels come later, once their number is known to be bearable.
        with Image.open(cast(IO[bytes], upload.file), formats=FORMATS) as picture:
            _refuse_unbearable(picture)
            picture.draft("RGB", (2 * SIDE, 2 * SIDE))  # a JPEG can be decoded small
            # Turned as the camera was held, before that knowledge is dropped with the EXIF.
            upright = ImageOps.exif_transpose(picture)
            mode = "RGBA" if upright.has_transparency_data else "RGB"
            square = ImageOps.fit(upright.convert(mode), (SIDE, SIDE), Image.Resampling.LANCZOS)
    except ValidationError:
        raise
    except Image.DecompressionBombError as error:  # so large that Pillow itself stops at the head
        raise _too_many_pixels() from error
    # Pillow's readers answer a broken file with nearly any of the built-in exceptions.
    except Exception as error:
        raise ValidationError(
            _("That file is no picture we can read. A JPEG, PNG or WebP will do."),
            code="unreadable",
        ) from error

    # A fresh canvas: EXIF, GPS, XMP and colour profile hang on the picture that was read.
    canvas = Image.new(mode, (SIDE, SIDE))
    canvas.paste(square)
    written = BytesIO()
    canvas.save(written, "WEBP", quality=82, method=6)
    return written.getvalue()


def _refuse_unbearable(picture: Image.Image) -> None:
    if picture.width * picture.height > MAX_PIXELS:
        raise _too_many_pixels()
    # Phones put a second, hidden picture into a JPEG (Pillow's MPO); that one stands still.
    if getattr(picture, "is_animated", False) and picture.format != "MPO":
        raise ValidationError(
            _("That picture moves. Please choose one that stands still."), code="animated"
        )


def _too_many_pixels() -> ValidationError:
    return ValidationError(
        _("That picture has more than %(limit)d million pixels. Please choose a smaller one."),
        code="pixels",
        params={"limit": MAX_PIXELS // 1_000_000},
    )
