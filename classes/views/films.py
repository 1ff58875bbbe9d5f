"""The files of films, their captions, chapters, previews and pictures. Masters have no address."""

import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseForbidden
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.caching import public_for_visitors
from classes.body.chapters_vtt import write_chapters
from classes.body.shown_timeline import within
from classes.captioning.webvtt import WEBVTT_TYPE
from classes.models import Captions, Variant, Video, WorkoutClass
from classes.video import layout
from classes.watch import delivery, passes
from classes.watch.serving import ranged_response
from classes.watch.watching import Reason, may_watch, variant_of
from classes.watch.words import watching_words

# A browser keeps what it has and asks each time whether it still may.
_ASK_AGAIN = "private, no-cache"
_PUBLIC_FOR_AN_HOUR = "public, max-age=3600"
_NEVER_CHANGES = "public, max-age=31536000, immutable"

# Names that this site gives to what it makes; no other file has an address.
_PICTURE = re.compile(r"pictures/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/[0-9]{1,5}\.\w{3,4}")
_AVATAR = re.compile(r"avatars/[0-9a-f]{32}\.webp")
_PICTURE_TYPES = {".avif": "image/avif", ".webp": "image/webp", ".jpg": "image/jpeg"}


@require_safe
def film(request: HttpRequest, token: str, video_id: UUID, name: str) -> HttpResponseBase:
    """A file of a film, or the part of it that was asked for, for whom its token was made.

    Asks no database and no session, for a browser asks every few seconds. What was made of a film
    never changes: it may be kept for as long as the token holds.
    """
    if not layout.is_served(name):
        raise Http404
    film_pass = passes.open_with(request, token, video_id)
    if film_pass is None:
        return _refused(request, video_id)
    return delivery.send_film(request, video_id, name, seconds=film_pass.seconds_left)


@require_safe
def captions(request: HttpRequest, token: str, video_id: UUID, language: str) -> HttpResponseBase:
    """What is said in a film, as WebVTT, under the same pass. One query."""
    if passes.open_with(request, token, video_id) is None:
        return _refused(request, video_id)
    # By any film of the variant: one that has just been replaced is still being watched.
    text = (
        Captions.objects.filter(variant__videos=video_id, language=language)
        .values_list("text", flat=True)
        .first()
    )
    if text is None:
        raise Http404
    return delivery.send_text(request, text.encode(), WEBVTT_TYPE, cache_control=_ASK_AGAIN)


@public_for_visitors
@require_safe
def chapters(request: HttpRequest, slug: str, tempo: str, language: str) -> HttpResponseBase:
    """What is done when, as WebVTT in the reader's language, for whoever may see the page.

    It says no more than the page itself, so it needs no pass. Two queries.
    """
    shown = WorkoutClass.objects.visible_to(request.user).filter(slug=slug)
    variants = Variant.objects.ready().select_related("video")
    variant = variants.filter(workout_class__in=shown, tempo=tempo, language=language).first()
    if variant is None:
        raise Http404
    named = variant.chapters.select_related("exercise")
    text = write_chapters(within(named, variant.duration or timedelta()))
    return delivery.send_text(request, text.encode(), WEBVTT_TYPE, cache_control=_ASK_AGAIN)


def _refused(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """For people who open such an address by hand: a sentence, not a page.

    Who is signed in without a membership is told that, at the cost of the queries of a new pass;
    all others cost none.
    """
    words = _words_for_who_lacks_membership(request, video_id) or _(
        "This address of a film has run out, or it belongs to somebody else. "
        "Open the page of the class once more."
    )
    return HttpResponseForbidden(
        words,
        content_type="text/plain; charset=utf-8",
        headers={"Cache-Control": "private, no-store"},
    )


def _words_for_who_lacks_membership(request: HttpRequest, video_id: UUID) -> str:
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return ""
    variant = variant_of(video_id)
    decision = may_watch(request.user, variant) if variant else None
    if decision is None or decision.reason != Reason.NO_MEMBERSHIP:
        return ""
    page = f"{settings.SITE_URL}{reverse('accounts:membership')}"
    return f"{watching_words(decision)} {page}"


@require_safe
def preview(request: HttpRequest, video_id: UUID) -> HttpResponseBase:
    """The public excerpt, for whoever may see the page of its class."""
    videos = Video.objects.filter(pk=video_id)
    # For everyone, without a look at who asks: such an answer may be kept by a cache in front.
    public = WorkoutClass.objects.visible_to(AnonymousUser())
    cache_control = _PUBLIC_FOR_AN_HOUR
    if not videos.filter(shown_as__workout_class__in=public).exists():
        shown = WorkoutClass.objects.visible_to(request.user)
        if not videos.filter(shown_as__workout_class__in=shown).exists():
            raise Http404
        cache_control = _ASK_AGAIN
    return delivery.send_preview(request, video_id, cache_control=cache_control)


@require_safe
def picture(request: HttpRequest, path: str) -> HttpResponseBase:
    """A rendition of a poster or portrait, or a member's avatar: written once, never changed."""
    content_type = _PICTURE_TYPES.get(Path(path).suffix)
    if content_type is None or not (_PICTURE.fullmatch(path) or _AVATAR.fullmatch(path)):
        raise Http404
    return ranged_response(
        request, Path(settings.MEDIA_ROOT) / path, content_type, cache_control=_NEVER_CHANGES
    )
