"""Pictures in every size and format a browser may choose from."""

from collections.abc import Sequence
from html import escape
from typing import Protocol

from django import template
from django.utils.safestring import SafeString

register = template.Library()

# Browsers that know neither AVIF nor WebP are old and few. A choice of sizes for them would be a
# tenth of a catalogue page.
FALLBACK_WIDTH = 640
FORMATS = "avif webp"

_SEEN_FIRST = 'fetchpriority="high"'
_SEEN_LATER = 'loading="lazy" decoding="async"'


class Renditions(Protocol):
    """As `classes.models.Picture` has them."""

    @property
    def address(self) -> str:
        """What the addresses of all begin with."""

    @property
    def width(self) -> int: ...

    @property
    def height(self) -> int: ...

    @property
    def widths(self) -> Sequence[int]:
        """Rising."""


@register.simple_tag
def picture(
    picture: Renditions,
    alt: str = "",
    sizes: str = "100vw",
    priority: bool = False,
    largest: int | None = None,
    formats: str = FORMATS,
) -> SafeString:
    """`<picture>` in AVIF and WebP of every width, and one JPEG for browsers that know neither.

    `sizes` is the HTML attribute; a picture the reader sees first has `priority`, others load
    when they come near. `largest` leaves out what no screen would ask for, `formats` those that
    are not worth their bytes where there are many pictures. The empty `alt` says that the words
    beside it tell the same.

    Written here and not in a template, which would take five times as long: a page of cards that
    are not kept has two dozen.
    """
    widths = [width for width in picture.widths if width <= (largest or width)]
    widths = widths or [picture.widths[0]]  # the smallest, even where that is larger
    address, sizes = escape(picture.address), escape(sizes)
    sources = ""
    for extension in formats.split():
        srcset = ", ".join([f"{address}{width}.{extension} {width}w" for width in widths])
        sources += f'<source type="image/{extension}" srcset="{srcset}" sizes="{sizes}">'
    # All escaped; `format_html` would take twice as long as the rest.
    return SafeString(
        f'<picture>{sources}<img src="{address}{_fallback_width(picture)}.jpg"'
        f' alt="{escape(alt)}" width="{picture.width}" height="{picture.height}"'
        f" {_SEEN_FIRST if priority else _SEEN_LATER}></picture>"
    )


def _fallback_width(picture: Renditions) -> int:
    """The first width that is large enough, or the largest there is."""
    return next((w for w in picture.widths if w >= FALLBACK_WIDTH), picture.widths[-1])
