"""A member's own library: what they began, saved and did. Nobody else sees any of it."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Member
from classes.library.saving import (
    MOST_SAVED,
    LibraryIsFull,
    find_class,
    save_class,
    unsave_class,
)
from classes.views.way_back import SeeOther, way_back


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
    workout_class = find_class(member, slug)
    if workout_class is None:
        raise Http404
    if request.method != "POST":
        messages.info(request, _("Nothing was changed yet: press the button once more."))
        return redirect(workout_class)

    wanted = request.POST.get("save")
    back = way_back(request, workout_class.get_absolute_url())
    if wanted == "1":
        try:
            save_class(member, workout_class.pk)
        except LibraryIsFull:
            words = _(
                "Your library is full: %(number)s classes are saved. Give one up, and there is "
                "room for this one."
            ) % {"number": MOST_SAVED}
            if is_script:
                return JsonResponse({"words": words}, status=409)
            messages.error(request, words)
            return SeeOther(back)
        words = _("“%(title)s” is saved: you find it in your library.")
    elif wanted == "0":
        unsave_class(member, workout_class.pk)
        words = _("“%(title)s” is not saved any more.")
        if request.POST.get("undo"):
            back += ("&" if "?" in back else "?") + urlencode({"unsaved": workout_class.slug})
    else:
        raise BadRequest("save is neither 0 nor 1")
    words %= {"title": workout_class.title}
    if is_script:
        return JsonResponse({"words": words})
    if not request.POST.get("undo") or wanted == "1":  # else the page says it, with the way back
        messages.success(request, words)
    return SeeOther(back)
