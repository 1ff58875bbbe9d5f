"""Pictures in every size and format a browser may choose from."""

from typing import Any

from django import template

from classes.models import Picture

register = template.Library()

# Browsers that know neither AVIF nor WebP are old and few. A choice of sizes for them would be a
# tenth of a catalogue page.
FALLBACK_WIDTH = 640
FORMATS = "avif webp"


@register.inclusion_tag("classes/_picture.html")
def picture(
    picture: Picture,
    alt: str = "",
    sizes: str = "100vw",
    priority: bool = False,
    largest: int | None = None,
    formats: str = FORMATS,
) -> dict[str, Any]:
    """`<picture>` in AVIF and WebP of every width, and one JPEG for browsers that know neither.

    `sizes` is the HTML attribute; a picture the reader sees first has `priority`, others load
    when they come near. `largest` leaves out what no screen would ask for, `formats` those that
    are not worth their bytes where there are many pictures. The empty `alt` says that the words
    beside it tell the same.
    """
    widths = [width for width in picture.widths if width <= (largest or width)]
    widths = widths or picture.widths[:1]  # the smallest, even where that is larger
    return {
        "picture": picture,
        "alt": alt,
        "sizes": sizes,
        "priority": priority,
        "sources": [
            {"type": f"image/{extension}", "srcset": _srcset(picture, widths, extension)}
            for extension in formats.split()
        ],
        "fallback": picture.url(_fallback_width(picture), "jpg"),
    }


def _srcset(picture: Picture, widths: list[int], extension: str) -> str:
    return ", ".join(f"{picture.url(width, extension)} {width}w" for width in widths)


def _fallback_width(picture: Picture) -> int:
    """The first width that is large enough, or the largest there is."""
    return next((w for w in picture.widths if w >= FALLBACK_WIDTH), picture.widths[-1])
