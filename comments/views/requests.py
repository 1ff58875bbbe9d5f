"""The classes that members ask for, "me too", and the class that answers."""

from collections.abc import Iterable
from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.caching import public_for_visitors
from accounts.models import Member
from classes import search
from classes.catalogue.choices import MAX_QUERY
from classes.models import State, WorkoutClass
from classes.numbers import whole_number
from comments import requests
from comments.models import ClassRequest, Vote

PER_PAGE = 40
_FULFILLED = 12  # shown on the first page, the latest
_OFFERED = 12  # classes to choose from


@public_for_visitors
@require_safe
def request_list(request: HttpRequest) -> HttpResponse:
    """What is asked for, most wanted first, and what was fulfilled lately.

    Three queries for visitors; the catalogue's version and the cards where something was fulfilled.
    """
    fulfilled = requests.public().filter(fulfilled_by__in=WorkoutClass.objects.listed())
    waiting = requests.public().exclude(pk__in=fulfilled.order_by().values("pk"))
    waiting = waiting.select_related("comment__workout_class", "comment__author", "fulfilled_by")
    paginator = Paginator(waiting.order_by(F("wanted_by").desc(), "kept_at", "pk"), PER_PAGE)
    asked = request.GET.get("page", "")
    number = whole_number(asked) if asked else 1
    is_nonsense = not number or number > paginator.num_pages
    page = paginator.page(1 if is_nonsense or not number else number)
    latest: list[ClassRequest] = []
    if page.number == 1:
        latest = list(fulfilled.order_by(F("tied_at").desc(nulls_last=True), "-pk")[:_FULFILLED])
    cards = requests.class_cards(latest)
    may_decide = requests.may_decide(request.user)
    context = {
        "page": page,
        "is_nonsense": is_nonsense,
        "fulfilled": [(each, cards.get(each.fulfilled_by_id)) for each in latest],
        "voted_for": _voted_for(request, page.object_list),
        "may_decide": may_decide,
        "named": _named(cast(Member, request.user), page.object_list) if may_decide else set(),
        "is_noindex": settings.COMMENTS_NOINDEX,  # the titles tell of people's bodies
    }
    return render(request, "comments/requests.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def vote(request: HttpRequest, pk: int) -> HttpResponse:
    """ "Me too", or taking it back. Whoever had to sign in meanwhile is brought to the list."""
    place = f"{reverse('comments:requests')}#request-{pk}"
    if not request.user.is_authenticated:
        return redirect_to_login(place)
    if request.method != "POST":
        return redirect(place)
    wanted = get_object_or_404(requests.public(), pk=pk)
    if "take_back" in request.POST:
        requests.unvote(request.user, wanted)
        messages.success(request, _("Taken back."))
    elif requests.vote(request.user, wanted):
        messages.success(
            request, _("We noted that you want this too. You get a mail once it is there.")
        )
    else:
        messages.info(request, _("You asked for this yourself, or it is there already."))
    return redirect(place)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def tie(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose the class that fulfils a request, by searching; one that is not public yet too."""
    member = _decider(request)
    rows = requests.seen_by(member)
    rows = rows.select_related("comment__workout_class", "comment__author", "fulfilled_by")
    class_request = get_object_or_404(rows, pk=pk)
    if request.method == "POST":
        chosen = whole_number(request.POST.get("class"))
        workout_class = get_object_or_404(_may_be_tied(member), pk=chosen or 0)
        try:
            requests.tie(class_request, workout_class, by=member)
        except requests.AlreadyTold as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _tied(workout_class))
        return redirect(f"{reverse('comments:requests')}#request-{pk}")
    q = " ".join(request.GET.get("q", "").replace("\0", "").split())[:MAX_QUERY]
    context = {
        "class_request": class_request,
        "named": _named(member, [class_request]),
        "q": q,
        "classes": _offered(member, q),
    }
    return render(request, "comments/requests_tie.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def untie(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the class away again. Whoever had to sign in meanwhile is brought to the button."""
    member = _decider(request)
    if request.method != "POST":
        return redirect("comments:request_tie", pk)
    class_request = get_object_or_404(requests.seen_by(member), pk=pk)
    try:
        requests.untie(class_request)
    except requests.AlreadyTold as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("No class is tied to it any more."))
    return redirect(f"{reverse('comments:requests')}#request-{pk}")


def _decider(request: HttpRequest) -> Member:
    if not requests.may_decide(request.user):
        raise PermissionDenied
    return cast(Member, request.user)


def _voted_for(request: HttpRequest, shown: Iterable[ClassRequest]) -> set[int]:
    if not request.user.is_authenticated:
        return set()
    votes = Vote.objects.filter(member=request.user, request__in=[each.pk for each in shown])
    return set(votes.values_list("request_id", flat=True))


def _named(member: Member, shown: Iterable[ClassRequest]) -> set[int]:
    """Of the classes tied to these, those that this member may hear of: no draft of others."""
    tied = [each.fulfilled_by_id for each in shown if each.fulfilled_by_id]
    if not tied:
        return set()
    return set(
        WorkoutClass.objects.visible_to(member).filter(pk__in=tied).values_list("pk", flat=True)
    )


def _may_be_tied(member: Member) -> QuerySet[WorkoutClass]:
    """Drafts and scheduled classes that this member sees, and all that are public."""
    return WorkoutClass.objects.visible_to(member).exclude(state=State.RETIRED)


def _offered(member: Member, q: str) -> list[WorkoutClass]:
    """Those that the words find, the best first; without words the latest to be made."""
    if not q:
        return list(_may_be_tied(member).order_by("-created_at", "-pk")[:_OFFERED])
    found = list(search.find(q).class_ids[: 10 * _OFFERED])
    classes = _may_be_tied(member).in_bulk(found)
    return [classes[pk] for pk in found if pk in classes][:_OFFERED]


def _tied(workout_class: WorkoutClass) -> str:
    if WorkoutClass.objects.listed().filter(pk=workout_class.pk).exists():
        told = _("“%(title)s” is tied to it. Those who asked are told now.")
    else:
        told = _("“%(title)s” is tied to it. Those who asked are told once it is public.")
    return told % {"title": workout_class.title}
