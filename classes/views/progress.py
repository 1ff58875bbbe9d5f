"""What a member's player tells while they watch."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Exists
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from classes.body.avoiding import AVOID
from classes.library.progress import Beacon, ContendedError, believed, keep
from classes.library.seconds import TooManySpansError, read_spans
from classes.models import HistoryPause, Variant
from classes.numbers import whole_number
from classes.views.own_page import own_page_or_token
from classes.watch.watching import Reason, may_watch

# A draft answers as if there were none.
_GONE = (Reason.NOT_READY, Reason.NOT_PUBLISHED)
_LATEST = 253_402_300_799_000  # the last moment that a date can be, in ms


@own_page_or_token
@require_POST
def progress(request: HttpRequest, variant_id: int) -> HttpResponse:
    """204 when it is kept, or when nothing is to be kept; 403, 404, 400, 413 and 503 in words.

    Whether the member may watch the film is asked anew each time. Nothing is kept of what is not
    public, nor while the history is paused. No write but that of `keep`.
    """
    variants = Variant.objects.select_related("video", "workout_class").annotate(
        is_paused=Exists(HistoryPause.objects.filter(member=request.user.pk))
    )
    variant = variants.filter(pk=variant_id).first()
    decision = may_watch(request.user, variant) if variant else None
    if variant is None or decision is None or decision.reason in _GONE:
        return _words(_("This film is no longer here."), 404)
    if not decision.allowed or not request.user.is_authenticated:
        return _words(_("You are signed out, or your membership has ended."), 403)
    try:
        beacon = _read(request.POST)
    except TooManySpansError:
        return _words(_("That is more than can be kept of a film."), 413)
    except ValueError:
        return _words(_("That says nothing of a film."), 400)
    if beacon.film != variant.video_id:
        return _words(_("There is a new film for this class."), 404)
    if variant.workout_class.is_public and not variant.is_paused:
        avoided = request.POST.getlist(AVOID) or None
        skipped = believed(beacon.skipped, request.user, variant, avoided)
        try:
            keep(request.user.pk, variant, replace(beacon, skipped=skipped))
        except ContendedError:
            return _words(_("Too much was told at once."), 503)
    return HttpResponse(status=204)


def _read(told: QueryDict) -> Beacon:
    """ValueError where something is missing or means nothing."""
    second = whole_number(told.get("second"))
    milliseconds = whole_number(told.get("at"))
    if second is None or milliseconds is None:
        raise ValueError("a number is missing")
    return Beacon(
        film=UUID(told.get("film", "")),
        second=second,
        measured_at=datetime.fromtimestamp(min(milliseconds, _LATEST) / 1000, UTC),
        played=tuple(read_spans(told.get("played", ""))),
        skipped=tuple(read_spans(told.get("skipped", ""))),
    )


def _words(sentence: str, status: int) -> HttpResponse:
    return HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")
