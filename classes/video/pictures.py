"""Posters and portraits in the sizes and formats that pages ask for."""

import os
import shutil
import uuid
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext_noop
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from .errors import PictureRefused

WIDTHS = (320, 640, 960, 1280)
# Left to itself Pillow's AVIF encoder takes eight times as long for a file no smaller.
FORMATS: dict[str, dict[str, Any]] = {
    "avif": {"format": "AVIF", "speed": 8, "quality": 60},
    "webp": {"format": "WEBP", "quality": 80, "method": 4},
    "jpg": {"format": "JPEG", "quality": 82, "optimize": True, "progressive": True},
}
MAX_BYTES = 20_000_000
MAX_PIXELS = 36_000_000

_READABLE = ("JPEG", "PNG", "WEBP", "AVIF")


@dataclass(frozen=True)
class Renditions:
    """A folder `<name>/` with `<width>.avif`, `.webp` and `.jpg` for each of `widths`."""

    name: str
    width: int  # of the source, upright
    height: int
    widths: tuple[int, ...]


def make_renditions(
    source: Path | IO[bytes], folder: Path, *, name: str | None = None
) -> Renditions:
    """Write a picture anew, in all sizes up to its own, into `<folder>/<name>/`.

    `name` is a new UUID if not given. The folder appears whole, by one rename. Nothing of the
    source but its pixels goes in: no profile, no EXIF, where a phone says where it was.
    PictureRefused where it is no picture or too large. Costs about two seconds of CPU.
    """
    image = open_picture(source)
    name = name or str(uuid.uuid4())
    # Never made larger than it was; a small one is kept in its own width.
    widths = tuple(width for width in WIDTHS if width <= image.width) or (image.width,)
    unfinished = folder / f".{name}.{uuid.uuid4().hex}.tmp"
    unfinished.mkdir(parents=True)
    try:
        for width in widths:
            height = max(1, round(image.height * width / image.width))
            smaller = image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
            for extension, options in FORMATS.items():
                smaller.save(unfinished / f"{width}.{extension}", **options)
        unfinished.rename(folder / name)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return Renditions(name=name, width=image.width, height=image.height, widths=widths)


def open_picture(source: Path | IO[bytes]) -> Image.Image:
    """Decode a picture that nobody vouches for: upright, opaque, in sRGB, without any metadata."""
    size = _size_in_bytes(source)
    if size > MAX_BYTES:
        raise PictureRefused(
            gettext_noop("This picture has %(megabytes)d MB; at most %(limit)d are accepted."),
            megabytes=size // 1_000_000,
            limit=MAX_BYTES // 1_000_000,
        )
    try:
        with Image.open(source, formats=_READABLE) as image:
            _judge_pixels(*image.size)  # known from the header, before anything is decoded
            image.load()
            upright = ImageOps.exif_transpose(image)
            return _flat_srgb(upright)
    except Image.DecompressionBombError:
        raise PictureRefused(
            gettext_noop("This picture has more than %(limit)d megapixels."),
            limit=MAX_PIXELS // 1_000_000,
        ) from None
    except UnidentifiedImageError:
        raise PictureRefused(
            gettext_noop(
                "This file is no picture that can be read. JPEG, PNG, WebP and AVIF files can be."
            )
        ) from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk, not the picture
        raise PictureRefused(gettext_noop("This picture is damaged or cut off.")) from None


def _size_in_bytes(source: Path | IO[bytes]) -> int:
    if isinstance(source, Path):
        return source.stat().st_size
    size = source.seek(0, os.SEEK_END)
    source.seek(0)
    return size


def _judge_pixels(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise PictureRefused(
            gettext_noop(
                "This picture is %(width)d × %(height)d, which is %(megapixels)d megapixels; "
                "at most %(limit)d are accepted."
            ),
            width=width,
            height=height,
            megapixels=width * height // 1_000_000,
            limit=MAX_PIXELS // 1_000_000,
        )


def _flat_srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if image.has_transparency_data:
        on_white = Image.new("RGBA", image.size, "white")
        on_white.alpha_composite(image.convert("RGBA"))
        image = on_white.convert("RGB")
    elif image.mode in ("I", "I;16", "F"):
        # Sixteen-bit grey: a plain conversion would cut everything bright to white.
        image = image.point(lambda level: level / 256).convert("L")
    if profile:
        image = _to_srgb(image, profile)
    flat = image.convert("RGB")
    flat.info.clear()
    return flat


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Phones photograph in wider colour spaces; without the profile their skin tones turn grey."""
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        converted = ImageCms.profileToProfile(
            image, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError):
        return image  # a profile that does not fit its picture: the pixels are still good
    return converted or image
