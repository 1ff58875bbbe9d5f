"""A class page's own of its reader: why the film does not play, what they did, where they are.

Asked for with every page, so the templates are rendered once and filled in (`holes.rendered`).
"""

from datetime import timedelta
from urllib.parse import quote

from django.conf import settings
from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from classes import holes
from classes.addresses import address_of
from classes.body.avoiding import AVOID, NOTHING, Avoided
from classes.durations import clock
from classes.library.own import OwnFacts
from classes.library.progress import goes_on_at
from classes.models import Variant, WorkoutClass
from classes.watch.watching import Decision, Reason
from classes.watch.words import watching_words


def gate_html(request: HttpRequest, decision: Decision) -> SafeString:
    """Why the film does not play whole, and the way to it."""
    is_membership = decision.reason == Reason.NO_MEMBERSHIP
    own = {"back": _way_back(request), "words": watching_words(decision) if is_membership else ""}
    return holes.rendered(
        "classes/_gate.html", own, reason=decision.reason, sign_up_open=settings.SIGN_UP_OPEN
    )


def my_class_html(
    request: HttpRequest, workout_class: WorkoutClass, own: OwnFacts | None
) -> SafeString:
    """The button that saves the class, and when it was done; for a visitor the way to both."""
    if not request.user.is_authenticated:
        way_back = {"back": _way_back(request)}
        return holes.rendered("classes/_my_class.html", way_back, is_member=False)
    address = address_of("classes:save", workout_class.slug)
    shown = {"address": address, "title": workout_class.title, "day": "", "iso": "", "times": ""}
    if own and own.done_at:
        day = timezone.localtime(own.done_at)
        shown |= {"day": date_format(day, "DATE_FORMAT"), "iso": f"{day:%Y-%m-%d}"}
        if own.times_done > 1:
            times = ngettext("%(written)s time", "%(written)s times", own.times_done)
            shown["times"] = times % {"written": intcomma(own.times_done)}
    return holes.rendered(
        "classes/_my_class.html",
        shown,
        is_member=True,
        is_saved=bool(own and own.is_saved),
    )


def progress_html(
    request: HttpRequest,
    workout_class: WorkoutClass,
    variant: Variant,
    own: OwnFacts,
    avoided: Avoided,
    csrf_token: str,
) -> SafeString:
    """What the player sends of how far a member is, and where they go on."""
    avoid: str = ""
    if avoided.is_from_address:
        field = '<input type="hidden" name="{}" value="{}">'
        avoid = format_html_join("", field, ((AVOID, slug) for slug in avoided.slugs or (NOTHING,)))
    goes_on = 0 if request.GET.get("t") else goes_on_at(own.second)
    values = {
        "address": reverse("classes:progress", args=[variant.pk]),
        "second": own.second,
        "now": f"{timezone.now().timestamp():.6f}",
        "csrf_token": csrf_token,
        "member": request.user.pk,
        "film": variant.video_id,
        "avoid": avoid,
        "seconds": goes_on or "",
        "moment": clock(timedelta(seconds=goes_on)) if goes_on else "",
        "query": f"{avoided.query}&" if avoided.query else "",
    }
    is_kept = workout_class.is_public and not own.is_paused
    return holes.rendered("classes/_progress.html", values, is_kept=is_kept)


def _way_back(request: HttpRequest) -> str:
    return quote(request.get_full_path(), safe="")
