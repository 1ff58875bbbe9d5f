"""A member's own library: what they began, saved and did. Nobody else sees any of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple, cast
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.core.paginator import Page
from django.core.validators import slug_re
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from accounts.membership.standing import standing_of
from accounts.models import Member
from classes.body.avoiding import Mark, kept_by, marks_for
from classes.catalogue import Catalogue, Hit, Ignored, keeping
from classes.catalogue.fragments import Carded, Look
from classes.catalogue.pages import turn_to_text
from classes.library import history
from classes.library.beside_cards import beside_cards
from classes.library.cards import LibraryCard, library_cards
from classes.library.continuing import Begun, to_continue
from classes.library.saving import (
    MOST_SAVED,
    LibraryIsFull,
    Saved,
    count_saved,
    find_class,
    save_class,
    saved_classes,
    unsave_class,
)
from classes.views.own_page import own_page_or_token
from classes.views.way_back import SeeOther, way_back

SAVED_AT_ONCE = 8  # of the saved classes, on the page that has everything
LINES_AT_ONCE = 5  # of the history
ON_A_CARD = Look("h3")

# Nothing of it stays in a browser that others use after the member has signed out.
kept_nowhere = cache_control(private=True, no_store=True)


@dataclass(frozen=True)
class Held:
    """A place of the library. Without a card the class is not to be seen now, and has no name."""

    card: LibraryCard | None
    mark: Mark | None = None
    begun: Begun | None = None
    own: str = ""  # of what was saved: the button that gives it up, and whether it was done


@kept_nowhere
@login_required
@require_safe
def my(request: HttpRequest) -> HttpResponse:
    """Everything at once: what was begun, the last saved, the last seen.

    As many queries for eight classes as for one: 9 and those of `held`.
    """
    member = cast(Member, request.user)
    begun = to_continue(member)
    total = count_saved(member)
    saved = saved_classes(member, 0, SAVED_AT_ONCE)
    catalogue = keeping.current()
    places = held(member, catalogue, begun, saved)
    context = {
        "begun": [place for place in places[: len(begun)] if place.card],
        "saved": places[len(begun) :],
        "number_of_saved": total,
        "days": history.history_of(member, 0, LINES_AT_ONCE),
        "number_of_lines": history.count_lines(member),
        "paused_since": history.paused_since(member),
        "standing": None if member.is_staff else standing_of(member),
        "unsaved": given_up(request, member),
    }
    return render(request, "classes/my.html", context)


@kept_nowhere
@login_required
@require_safe
def saved_list(request: HttpRequest) -> HttpResponse:
    """All saved classes, page by page, the last saved first."""
    member = cast(Member, request.user)
    page, ignored = page_of(request, count_saved(member))
    saved = saved_classes(member, page.start_index() - 1, page.end_index()) if page else []
    context = {
        "saved": held(member, keeping.current(), (), saved),
        "page": page,
        "ignored": ignored,
        "back": address_of(request, page),
        "unsaved": given_up(request, member),
    }
    return render(request, "classes/my_saved.html", context)


@kept_nowhere
@login_required
@require_safe
def my_history(request: HttpRequest) -> HttpResponse:
    """All that is kept of what the member watched, by day, and how to take it out or stop it."""
    member = cast(Member, request.user)
    page, ignored = page_of(request, history.count_lines(member))
    context = {
        "days": history.history_of(member, page.start_index() - 1, page.end_index())
        if page
        else [],
        "page": page,
        "ignored": ignored,
        "back": address_of(request, page),
        "paused_since": history.paused_since(member),
    }
    return render(request, "classes/my_history.html", context)


@own_page_or_token
@require_http_methods(["GET", "HEAD", "POST"])
def save(request: HttpRequest, slug: str) -> HttpResponse:
    """Save a class, or give it up: `save` says which, so that it may be sent twice.

    Answers in words, as JSON for the script. Whoever comes here from signing in is led on to the
    class: what they had pressed was not done, and is said.
    """
    is_script = request.headers.get("Accept") == "application/json"
    if not request.user.is_authenticated:
        if is_script:
            words = _("You are signed out here. Sign in again, and then save it.")
            return JsonResponse({"words": words}, status=401)
        return redirect_to_login(request.get_full_path())
    member = cast(Member, request.user)
    found = find_class(member, slug)
    if found is None:
        raise Http404
    workout_class, is_visible = found
    if request.method != "POST":
        messages.info(request, _("Nothing was changed yet: press the button once more."))
        return redirect(workout_class)

    wanted = request.POST.get("save")
    # The page says it, with the way back, which what is not to be seen has not.
    is_told_there = wanted == "0" and is_visible and bool(request.POST.get("undo"))
    since = ""  # what was given up had been saved since then, and is put back there
    back = way_back(request, workout_class.get_absolute_url())
    if wanted == "1":
        try:
            save_class(member, workout_class.pk, saved_at=_moment(request.POST.get("since", "")))
        except LibraryIsFull:
            words = _(
                "Your library is full: %(number)s classes are saved. Give one up, and there is "
                "room for this one."
            ) % {"number": MOST_SAVED}
            if is_script:
                return JsonResponse({"words": words}, status=409)
            messages.error(request, words)
            return SeeOther(back)
        words = (
            _("“%(title)s” is saved: you find it in your library.")
            if is_visible
            else _("A class that is not to be seen now is saved: it keeps its place.")
        )
    elif wanted == "0":
        saved_at = unsave_class(member, workout_class.pk)
        back = within(back, reverse("classes:my_saved"), partial(count_saved, member))
        since = saved_at.isoformat() if saved_at else ""
        words = (
            _("“%(title)s” is not saved any more.")
            if is_visible
            else _("A class that is not to be seen now is not saved any more.")
        )
        if is_told_there:
            undo = {"unsaved": workout_class.slug, "since": since}
            back += ("&" if "?" in back else "?") + urlencode(undo)
    else:
        raise BadRequest("save is neither 0 nor 1")
    words %= {"title": workout_class.title}
    if is_script:
        return JsonResponse({"words": words, "since": since})
    if not is_told_there:
        messages.success(request, words)
    return SeeOther(back)


@kept_nowhere
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one line out of the history. Somebody else's is as good as gone."""
    here = reverse("classes:my_history")
    if request.method != "POST":  # after signing in again
        return redirect(here)
    member = cast(Member, request.user)
    if history.forget(member, pk):
        messages.success(request, _("It is out of your history, and nothing is left of it here."))
    else:
        messages.info(request, _("That line was gone from your history already."))
    back = within(way_back(request, here), here, partial(history.count_lines, member))
    return SeeOther(back)


@kept_nowhere
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def clear_history(request: HttpRequest) -> HttpResponse:
    """Asks once, and takes everything out of the history."""
    member = cast(Member, request.user)
    if request.method != "POST":
        context = {"number": history.count_lines(member)}
        return render(request, "classes/my_history_clear.html", context)
    number = history.forget_all(member)
    words = ngettext(
        "Your history is empty: %(number)s film is forgotten.",
        "Your history is empty: %(number)s films are forgotten.",
        number,
    )
    messages.success(request, words % {"number": number})
    return SeeOther(reverse("classes:my_history"))


@kept_nowhere
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def pause_history(request: HttpRequest) -> HttpResponse:
    """Stop keeping a history, or go on: `pause` says which, so that it may be sent twice."""
    here = reverse("classes:my_history")
    if request.method != "POST":
        return redirect(here)
    member = cast(Member, request.user)
    wanted = request.POST.get("pause")
    if wanted == "1":
        history.pause(member)
        messages.success(request, _("Paused: nothing of what you watch is written down."))
    elif wanted == "0":
        history.go_on(member)
        messages.success(request, _("Your history is kept again from now on."))
    else:
        raise BadRequest("pause is neither 0 nor 1")
    return SeeOther(here)


def held(
    member: Member, catalogue: Catalogue, begun: Sequence[Begun], saved: Sequence[Saved]
) -> list[Held]:
    """What was begun and then what was saved, each in the order given.

    Queries as `library_cards`, one for what the member avoids, three more if they do, and one for
    what they did of what they saved.
    """
    hits = [*(each.hit for each in begun), *(Hit(each.class_id, None) for each in saved)]
    cards = library_cards(member, catalogue, hits, ON_A_CARD)
    known = {option.value for option in catalogue.vocabulary.movements}
    avoids = [slug for slug in kept_by(member) if slug in known]
    marks = marks_for({hit.class_id for hit in cards}, avoids)
    places = [Held(cards.get(each.hit), marks.get(each.class_id), begun=each) for each in begun]
    cards_of_saved = [cards.get(hit) for hit in hits[len(begun) :]]
    nameless = _("a class that is not to be seen now")
    own = beside_cards(
        member,
        [
            Carded(each.class_id, each.slug, each.title if card else nameless)
            for each, card in zip(saved, cards_of_saved, strict=True)
        ],
    )
    return places + [
        Held(card, marks.get(each.class_id), own=own[each.class_id])
        for each, card in zip(saved, cards_of_saved, strict=True)
    ]


def page_of(request: HttpRequest, total: int) -> tuple[Page | None, list[Ignored]]:
    """The page that the address asks for, and what of it meant nothing; no page of nothing."""
    page, past_the_end = turn_to_text(request.GET.get("page", ""), total)
    return (page if total else None), ([past_the_end] if past_the_end else [])


def within(url: str, of_list: str, count: Callable[[], int]) -> str:
    """The same address, but of the last page there is where it was of a page of this list that went
    with the last thing on it. No query for another address, else that of `count`."""
    parts = urlsplit(url)
    if parts.path != of_list:
        return url
    page, past_the_end = turn_to_text(QueryDict(parts.query).get("page", ""), count())
    if past_the_end is None:
        return url
    last = page.paginator.num_pages
    return f"{of_list}?page={last}" if last > 1 else of_list


def address_of(request: HttpRequest, page: Page | None) -> str:
    """Of this page, without what it says of a class that was given up just now."""
    return f"{request.path}?page={page.number}" if page and page.number > 1 else request.path


class GivenUp(NamedTuple):
    title: str
    slug: str
    since: str  # a moment, to be sent along with the press that puts it back


def given_up(request: HttpRequest, member: Member) -> GivenUp | None:
    """The class that was given up on this page without a script, to be put back.

    No query but after that.
    """
    slug = request.GET.get("unsaved", "")
    if not slug_re.fullmatch(slug):
        return None
    found = find_class(member, slug)
    if found is None:
        return None
    workout_class = found.workout_class
    if member.saved_classes.filter(workout_class=workout_class).exists():
        return None
    since = _moment(request.GET.get("since", ""))
    return GivenUp(
        workout_class.title, workout_class.slug, since.isoformat() if since is not None else ""
    )


def _moment(text: str) -> datetime | None:
    """As `isoformat` writes it, with its zone; None for anything else."""
    try:
        moment = parse_datetime(text)
        return moment.astimezone(UTC) if moment and timezone.is_aware(moment) else None
    except (ValueError, OverflowError):
        return None
