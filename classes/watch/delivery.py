"""Sends what was made of a film, in the way that `VIDEO_SERVE` names.

Playlists and other text come from this site itself; they are small. The bytes of films, previews
and storyboards are sent by the site too ("django"), or by nginx, which is told where they lie
("xaccel"), or by the bucket that holds them ("s3"), to which a link leads that works for a while.
"""

import hashlib
import re
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag

from classes.video import layout

from .serving import ranged_response

_TEXT = (".m3u8", ".vtt")

# What a playlist names beside itself: on a line of its own, and in EXT-X-MAP.
_MEDIA = re.compile(r'(?m)^[0-9]+p\.mp4$|(?<=URI=")[0-9]+p\.mp4(?=")')

# Links hold for six hours. Found again by a browser an hour later, they do for five more, which is
# longer than any film.
_LINKS_KEPT = 3600  # seconds
_LINK_OF_A_PREVIEW = 6 * 3600  # seconds


def send_film(request: HttpRequest, video_id: UUID, name: str, *, seconds: int) -> HttpResponseBase:
    """A file of a film, or the part of it that was asked for. Asks no database.

    The browser may keep it for `seconds`, which is how long it may be watched from now on. `name`
    is one that `layout` serves; Http404 where there is no such file.
    """
    if settings.VIDEO_SERVE == "s3":
        kept = f"private, max-age={min(seconds, _LINKS_KEPT)}"
        if name.endswith(".m3u8"):
            return _playlist_with_links(request, video_id, name, seconds, kept)
    else:
        kept = f"private, max-age={seconds}, immutable"
    if name.endswith(_TEXT):
        text = _read(layout.key(video_id, name))
        return send_text(request, text, layout.content_type(name), cache_control=kept)
    return _send_bytes(request, layout.key(video_id, name), kept, seconds)


def send_preview(request: HttpRequest, video_id: UUID, *, cache_control: str) -> HttpResponseBase:
    """The public excerpt of a film. Asks no database; Http404 where there is none."""
    key = layout.key(video_id, layout.PREVIEW)
    return _send_bytes(request, key, cache_control, _LINK_OF_A_PREVIEW)


def send_text(
    request: HttpRequest, text: bytes, content_type: str, *, cache_control: str
) -> HttpResponseBase:
    """Text whole, whatever range was asked for, so that it may be compressed on its way."""
    etag = quote_etag(hashlib.sha256(text).hexdigest()[:32])
    response = get_conditional_response(request, etag=etag) or HttpResponse(
        text, content_type=content_type
    )
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = cache_control
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _send_bytes(
    request: HttpRequest, key: str, cache_control: str, seconds: int
) -> HttpResponseBase:
    content_type = layout.content_type(key)
    if settings.VIDEO_SERVE == "s3":
        kept = {"Cache-Control": cache_control}
        return HttpResponseRedirect(_link(key, seconds), headers=kept)
    if settings.VIDEO_SERVE == "xaccel":
        # See `location /-/films/` in deploy/nginx.conf.
        told = {"X-Accel-Redirect": f"/-/films/{key}", "Content-Type": content_type}
        return HttpResponse(headers={**told, "Cache-Control": cache_control})
    path = Path(settings.FILMS_ROOT) / key
    return ranged_response(request, path, content_type, cache_control=cache_control)


def _playlist_with_links(
    request: HttpRequest, video_id: UUID, name: str, seconds: int, cache_control: str
) -> HttpResponseBase:
    """A playlist that names the bucket's files where it named those beside itself.

    Thus segments, of which a player asks for one every four seconds, are none of our business.
    """
    links: dict[str, str] = {}

    def link(named: re.Match[str]) -> str:
        file = named[0]
        if file not in links:
            links[file] = _link(layout.key(video_id, file), seconds)
        return links[file]

    text = _MEDIA.sub(link, _read(layout.key(video_id, name)).decode())
    return send_text(request, text.encode(), layout.content_type(name), cache_control=cache_control)


def _read(key: str) -> bytes:
    try:
        if settings.VIDEO_SERVE == "s3":
            from classes.video import s3_store  # boto3 is there only where it is needed

            return s3_store.read(key)
        return (Path(settings.FILMS_ROOT) / key).read_bytes()
    except FileNotFoundError:
        raise Http404(key) from None


def _link(key: str, seconds: int) -> str:
    from classes.video.s3_store import link  # boto3 is there only where it is needed

    return link(key, seconds=seconds)
