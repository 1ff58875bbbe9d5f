"""Choosing a class or a list for an answer that is being written.

Works by forms and links alone. What was typed stays in the session (`comments.picker`).
"""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Member
from classes import search
from classes.catalogue import Catalogue, Choices, keeping, parse
from classes.catalogue.cards import Card, cards_for_hits
from comments import addresses, picker
from comments.models import SavedFilter
from comments.text import without_host
from comments.views.writing import keep_words

_OFFERED = 12  # classes to choose from


@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """Where the form's button sends what was typed; opened by itself, somebody's saved lists.

    Whatever is refused, the words are handed back.
    """
    if request.method != "POST":
        return lists(request)
    words = request.POST.get("body", "")
    pick = picker.begin(request)
    if pick is None:
        reason = _("The form that this was written in is not known here any more.")
        return keep_words(request, _("Nothing could be inserted"), reason, words, status=400)
    if not request.user.is_authenticated:
        doors = urlencode({"next": reverse("comments:pick", args=[pick.key])})
        reason = _("You are not signed in, or not any more. Your words are kept.")
        heading = _("Sign in to go on writing")
        return keep_words(request, heading, reason, words, status=403, doors=doors)
    if not picker.may_pick(request.user):
        reason = _("Only who teaches here answers with classes and lists.")
        return keep_words(request, _("Nothing could be inserted"), reason, words, status=403)
    return redirect("comments:pick", pick.key)


@require_http_methods(["GET", "HEAD", "POST"])
def pick(request: HttpRequest, key: str) -> HttpResponse:
    """Search and choose. A POST inserts `address` and leads back to the form."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    _refuse_others(request)
    found = picker.find(request, key)
    if found is None:
        messages.info(request, _("This choice was open for long. Go back to what you wrote."))
        return redirect("comments:lists")
    if request.method != "POST":
        return _page(request, found)
    address = request.POST.get("address", "").strip()
    if address not in addresses.meanings([address]):
        error = _("This address leads to no class and no list that everybody finds here.")
        return _page(request, found, address=address, error=error)
    picker.keep(request, found.inserting(without_host(address)))
    return redirect(found.way_back)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def lists(request: HttpRequest) -> HttpResponse:
    """Somebody's saved lists. A POST saves `address` under `name`."""
    _refuse_others(request)
    found = picker.find(request, request.POST.get("key", ""))
    if request.method != "POST":
        return _page(request, None)
    address = request.POST.get("address", "")
    name = request.POST.get("name", "")
    try:
        saved = picker.save(cast(Member, request.user), address, name)
    except picker.NotSaved as refusal:
        return _page(request, found, address=address, name=name, error=str(refusal))
    messages.success(request, _("“%(name)s” is saved.") % {"name": saved.name})
    return redirect(_place(found))


@login_required
@require_POST
def change_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename it, or take it away with `delete`. Somebody else's is not found."""
    _refuse_others(request)
    found = picker.find(request, request.POST.get("key", ""))
    saved = get_object_or_404(SavedFilter, pk=pk, member=cast(Member, request.user))
    if "delete" in request.POST:
        saved.delete()
        messages.success(request, _("“%(name)s” is taken away.") % {"name": saved.name})
        return redirect(_place(found))
    try:
        picker.rename(saved, request.POST.get("name", ""))
    except picker.NotSaved as refusal:
        return _page(request, found, error=str(refusal))
    messages.success(request, _("It is called “%(name)s” now.") % {"name": saved.name})
    return redirect(_place(found))


def _refuse_others(request: HttpRequest) -> None:
    if not picker.may_pick(request.user):
        raise PermissionDenied


def _place(found: picker.Pick | None) -> str:
    page = reverse("comments:pick", args=[found.key]) if found else reverse("comments:lists")
    return f"{page}#lists"


def _page(
    request: HttpRequest,
    found: picker.Pick | None,
    *,
    address: str = "",
    name: str = "",
    error: str = "",
) -> HttpResponse:
    """The picker; without words that wait, only the lists."""
    catalogue = keeping.current()
    q = request.GET.get("q", "")
    choices, _left_out = parse(QueryDict(urlencode({"q": q})), catalogue.vocabulary)
    context: dict[str, Any] = {
        "pick": found,
        "q": choices.q,
        "cards": _offered(catalogue, choices) if found else [],
        "lists": picker.lists_of(cast(Member, request.user), catalogue),
        "address": address,
        "name": name,
        "error": error,
    }
    return render(request, "comments/picker.html", context, status=422 if error else 200)


def _offered(catalogue: Catalogue, choices: Choices) -> list[Card]:
    """What the words find, the best first; without words the newest."""
    found = search.find(choices.q, catalogue.version) if choices.q else None
    hits = catalogue.page(choices, 1, found)[:_OFFERED]
    return list(cards_for_hits(catalogue, hits).values())
