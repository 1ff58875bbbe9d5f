"""Pictures in every size and format a browser may choose from."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from classes.models import Picture

register = template.Library()

# Browsers that know neither AVIF nor WebP are old and few. A choice of sizes for them would be a
# tenth of a catalogue page.
FALLBACK_WIDTH = 640
FORMATS = "avif webp"

_SEEN_FIRST = SafeString('fetchpriority="high"')
_SEEN_LATER = SafeString('loading="lazy" decoding="async"')


@register.simple_tag
def picture(
    picture: Picture,
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
    widths = widths or picture.widths[:1]  # the smallest, even where that is larger
    sources = format_html_join(
        "",
        '<source type="image/{}" srcset="{}" sizes="{}">',
        ((extension, _srcset(picture, widths, extension), sizes) for extension in formats.split()),
    )
    return format_html(
        '<picture>{}<img src="{}" alt="{}" width="{}" height="{}" {}></picture>',
        sources,
        picture.url(_fallback_width(picture), "jpg"),
        alt,
        picture.width,
        picture.height,
        _SEEN_FIRST if priority else _SEEN_LATER,
    )


def _srcset(picture: Picture, widths: list[int], extension: str) -> str:
    return ", ".join(f"{picture.url(width, extension)} {width}w" for width in widths)


def _fallback_width(picture: Picture) -> int:
    """The first width that is large enough, or the largest there is."""
    return next((w for w in picture.widths if w >= FALLBACK_WIDTH), picture.widths[-1])
