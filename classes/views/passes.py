"""A new pass for a film that is being watched, asked for when the old one has run out."""

from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from classes.models import Variant
from classes.watch.playback import Playback, playback_of
from classes.watch.watching import Decision, Reason, may_watch, variant_of
from classes.watch.words import watching_words

# A draft answers as if there were none.
_GONE = (Reason.NOT_READY, Reason.NOT_PUBLISHED)


@cache_control(private=True, no_store=True)
@require_safe
def film_pass(request: HttpRequest, video_id: UUID) -> JsonResponse:
    """The addresses of a film once more, or 403 (404: it is gone) with words and a way out.

    Whether the member may watch it is asked anew: here a membership that ended stops.
    """
    variant = variant_of(video_id)  # of a former film too, whose watchers are told of the new one
    decision = may_watch(request.user, variant) if variant else None
    if variant is None or decision is None or decision.reason in _GONE:
        return _refusal("gone", _("This film is no longer here."), reverse("classes:list"), 404)
    page = _page_of(variant)
    if not decision.allowed:
        way = _way_on(decision, page)
        return _refusal(decision.reason, watching_words(decision), way, 403)
    if variant.video_id != video_id:
        sentence = _("There is a new film for this class. Open its page again to watch it.")
        return _refusal("replaced", sentence, page, 404)
    return JsonResponse(_as_json(playback_of(request, variant, decision)))


def _way_on(decision: Decision, page: str) -> str:
    if decision.reason == Reason.SIGN_IN:
        return f"{reverse('account_login')}?{urlencode({'next': page})}"
    return reverse("accounts:membership")


def _page_of(variant: Variant) -> str:
    # Not its canonical address, which would need all variants; that one is a redirect away.
    workout_class = variant.workout_class
    return reverse("classes:variant", args=[workout_class.slug, variant.tempo, variant.language])


def _refusal(reason: str, message: str, href: str, status: int) -> JsonResponse:
    return JsonResponse({"reason": reason, "message": message, "href": href}, status=status)


def _as_json(playback: Playback) -> dict[str, object]:
    return {
        "sources": [{"url": source.url, "type": source.type} for source in playback.sources],
        "tracks": [{"url": track.url, "language": track.language} for track in playback.tracks],
        "storyboard": playback.storyboard_url,
    }
