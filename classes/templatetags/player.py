"""What the player and the timeline ask of the machine and of the address."""

import re

from django import template
from django.conf import settings
from django.http import HttpRequest

from classes.beside_chapters import hole_beside
from classes.watch import hls

register = template.Library()

register.simple_tag(hls.hls_script)
register.simple_tag(hole_beside, name="beside_chapter")

_SECOND = re.compile(r"[0-9]{1,5}")  # of a film that lasts hours at most


@register.simple_tag
def crossorigin() -> str:
    """What a <video> needs where a bucket sends the films: a browser's own HLS asks with CORS."""
    return "crossorigin" if settings.VIDEO_SERVE == "s3" else ""


@register.simple_tag
def at_second(request: HttpRequest) -> str:
    """The end of a source's address where the page was asked for a place, as `?t=754`: `#t=754`.

    Browsers begin there without a script. Whatever is no number of seconds is ignored.
    """
    second = request.GET.get("t", "")
    return f"#t={int(second)}" if _SECOND.fullmatch(second) else ""
