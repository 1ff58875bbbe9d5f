"""What machines read of a class page: schema.org `VideoObject`."""

import json
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from classes.body.shown_timeline import Stretch
from classes.durations import iso_duration
from classes.markdown import plain_summary
from classes.models import Picture, Variant, WorkoutClass


def absolute(path: str) -> str:
    """A path of this site as the world sees it; never built from the Host header."""
    return f"{settings.SITE_URL}{path}"


def poster_url(picture: Picture) -> str:
    """The largest JPEG, which every reader of pasted links understands."""
    return absolute(picture.url(picture.widths[-1], "jpg"))


def video_object(
    workout_class: WorkoutClass, variant: Variant, stretches: Iterable[Stretch] = ()
) -> dict[str, Any]:
    """https://schema.org/VideoObject for one variant: its words, length, poster and chapters.

    No address of a film is in it: the film is for members, and what plays for all is on the page.
    """
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "VideoObject",
        "name": workout_class.title,
        "description": plain_summary(workout_class.description, 300) or workout_class.title,
        "inLanguage": variant.language,
        "isAccessibleForFree": workout_class.is_free,
        "url": absolute(variant.get_absolute_url()),
        "publisher": {"@type": "Organization", "name": settings.STUDIO_NAME},
        "commentCount": workout_class.comment_count,
    }
    if workout_class.published_at:
        data["uploadDate"] = workout_class.published_at.isoformat()
    if variant.duration is not None:
        data["duration"] = iso_duration(variant.duration)
    if workout_class.picture:
        data["thumbnailUrl"] = poster_url(workout_class.picture)
    if clips := [_clip(stretch, data["url"]) for stretch in stretches]:
        data["hasPart"] = clips
    return data


def _clip(stretch: Stretch, page: str) -> dict[str, Any]:
    """https://schema.org/Clip: a moment that search engines link to."""
    return {
        "@type": "Clip",
        "name": stretch.chapter.label,
        "startOffset": stretch.start,
        "endOffset": stretch.end,
        "url": f"{page}?t={stretch.start}",
    }


def as_json(data: dict[str, Any] | list[dict[str, Any]]) -> SafeString:
    """JSON that cannot end the `<script>` it stands in."""
    escapes = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}
    return mark_safe(json.dumps(data, ensure_ascii=False).translate(escapes))  # noqa: S308
