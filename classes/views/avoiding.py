"""A member's own page about what they avoid in every class."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.models import Member
from classes.body.avoiding import NOTHING, keep, kept_by
from classes.models import AvoidSet, Movement
from classes.views.way_back import way_back


class AvoidForm(forms.Form):
    """Which movements to avoid. An unknown one is refused: what is kept must not shrink by it."""

    avoid = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": gettext_lazy(
                "One of these movements is not known here any more, so nothing was changed. Look "
                "through the list and keep it again."
            )
        },
    )

    def __init__(self, *args: Any, movements: Iterable[Movement], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(movement.slug, movement.label) for movement in movements]
        self.fields["avoid"].choices = [*choices, (NOTHING, "")]  # type: ignore[attr-defined]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_avoid(request: HttpRequest) -> HttpResponse:
    """Shows and keeps it. The catalogue's "Keep this for me" is sent here too.

    `?start=knees` ticks what is in that starter set beside what is kept already.
    """
    member = cast(Member, request.user)
    movements = list(Movement.objects.all())
    if request.method == "POST":
        form = AvoidForm(request.POST, movements=movements)
        if form.is_valid():
            kept = keep(member, form.cleaned_data["avoid"])
            messages.success(
                request,
                _("Kept. Classes with it, or not checked for it, are left out for you from now on.")
                if kept
                else _("Kept: nothing is left out for you any more."),
            )
            return redirect(way_back(request, reverse("classes:my_avoid")))
        ticked = set(request.POST.getlist("avoid"))
    else:
        form = None
        ticked = set(kept_by(member))
    starters = list(AvoidSet.objects.prefetch_related("movements"))
    start = next((each for each in starters if each.slug == request.GET.get("start")), None)
    context = {
        "form": form,
        "has_set": bool(ticked),
        "movements": movements,
        "ticked": ticked | {movement.slug for movement in start.movements.all()}
        if start
        else ticked,
        "starters": starters,
        "start": start,
    }
    return render(request, "classes/my_avoid.html", context, status=422 if form else 200)
