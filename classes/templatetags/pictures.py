"""Pictures in every size and format a browser may choose from."""

from typing import Any

from django import template

from classes.models import Picture

register = template.Library()


@register.inclusion_tag("classes/_picture.html")
def picture(
    picture: Picture, alt: str = "", sizes: str = "100vw", priority: bool = False
) -> dict[str, Any]:
    """`<picture>` in AVIF, WebP and JPEG.

    `sizes` is the HTML attribute; a picture the reader sees first has `priority`, others load
    when they come near. The empty `alt` says that the words beside it tell the same.
    """
    return {
        "picture": picture,
        "alt": alt,
        "sizes": sizes,
        "priority": priority,
        "sources": [
            {"type": f"image/{extension}", "srcset": _srcset(picture, extension)}
            for extension in ("avif", "webp")
        ],
        "fallback": picture.url(picture.widths[-1], "jpg"),
        "fallback_srcset": _srcset(picture, "jpg"),
    }


def _srcset(picture: Picture, extension: str) -> str:
    return ", ".join(f"{picture.url(width, extension)} {width}w" for width in picture.widths)
