"""The bytes of films, previews and pictures. Masters have no address."""

import re
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from classes.models import Video, WorkoutClass
from classes.serving import ranged_response
from classes.watching import Reason, may_watch

# A browser keeps what it has and asks each time whether it still may.
_ASK_AGAIN = "private, no-cache"
_PUBLIC_FOR_AN_HOUR = "public, max-age=3600"
_NEVER_CHANGES = "public, max-age=31536000, immutable"

# Names that this site gives to what it makes; no other file has an address.
_PICTURE = re.compile(r"pictures/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/[0-9]{1,5}\.\w{3,4}")
_AVATAR = re.compile(r"avatars/[0-9a-f]{32}\.webp")
_PICTURE_TYPES = {".avif": "image/avif", ".webp": "image/webp", ".jpg": "image/jpeg"}


@require_safe
def film(request: HttpRequest, video_id: UUID) -> HttpResponseBase:
    """A whole film, or the part of it that was asked for, for those who may watch it."""
    video = get_object_or_404(
        Video.objects.exclude(shown_as=None).select_related("shown_as__workout_class"), pk=video_id
    )
    decision = may_watch(request.user, video.shown_as)
    if decision.reason == Reason.NOT_PUBLISHED:
        raise Http404  # as its page is
    if not decision.allowed:
        raise PermissionDenied
    return ranged_response(request, video.film_path, "video/mp4", cache_control=_ASK_AGAIN)


@require_safe
def preview(request: HttpRequest, video_id: UUID) -> HttpResponseBase:
    """The public excerpt, for whoever may see the page of its class."""
    videos = Video.objects.filter(pk=video_id)
    # For everyone, without a look at who asks: such an answer may be kept by a cache in front.
    public = WorkoutClass.objects.visible_to(AnonymousUser())
    video = videos.filter(shown_as__workout_class__in=public).first()
    cache_control = _PUBLIC_FOR_AN_HOUR
    if video is None:
        shown = WorkoutClass.objects.visible_to(request.user)
        video = get_object_or_404(videos, shown_as__workout_class__in=shown)
        cache_control = _ASK_AGAIN
    return ranged_response(request, video.preview_path, "video/mp4", cache_control=cache_control)


@require_safe
def picture(request: HttpRequest, path: str) -> HttpResponseBase:
    """A rendition of a poster or portrait, or a member's avatar: written once, never changed."""
    content_type = _PICTURE_TYPES.get(Path(path).suffix)
    if content_type is None or not (_PICTURE.fullmatch(path) or _AVATAR.fullmatch(path)):
        raise Http404
    return ranged_response(
        request, Path(settings.MEDIA_ROOT) / path, content_type, cache_control=_NEVER_CHANGES
    )
