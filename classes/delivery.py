"""Sends what was made of a film, in the way that `VIDEO_SERVE` names.

Playlists and other text come from this site itself; they are small. The bytes of films, previews
and storyboards are sent by the site too ("django"), or by nginx, which is told where they lie
("xaccel").
"""

import hashlib
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag

from classes.serving import ranged_response
from classes.video import layout
from classes.video.stores import film_store

_TEXT = (".m3u8", ".vtt")


def send(
    request: HttpRequest, video_id: UUID, name: str, *, cache_control: str
) -> HttpResponseBase:
    """A file of a film, or the part of it that was asked for. Asks no database.

    `name` is one that `layout` knows; Http404 where there is no such file.
    """
    key = layout.key(video_id, name)
    if name.endswith(_TEXT):
        return _text(request, key, cache_control)
    if settings.VIDEO_SERVE == "xaccel":
        return _by_nginx(key, cache_control)
    path = Path(settings.FILMS_ROOT) / key
    return ranged_response(request, path, layout.content_type(name), cache_control=cache_control)


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


def _text(request: HttpRequest, key: str, cache_control: str) -> HttpResponseBase:
    try:
        with film_store().local(key) as path:
            text = path.read_bytes()
    except FileNotFoundError:
        raise Http404(key) from None
    return send_text(request, text, layout.content_type(key), cache_control=cache_control)


def _by_nginx(key: str, cache_control: str) -> HttpResponse:
    """Nothing but where the file lies below FILMS_ROOT: see `location /-/films/` in deploy/."""
    return HttpResponse(
        headers={
            "X-Accel-Redirect": f"/-/films/{key}",
            "Content-Type": layout.content_type(key),
            "Cache-Control": cache_control,
        }
    )
