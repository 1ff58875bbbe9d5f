"""Exercises by name, and the page of each: what it asks of a body, and where it is taught."""

import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.caching import public_for_visitors
from accounts.models import Member
from classes.catalogue import Ignored, Reason
from classes.catalogue.fragments import Carded
from classes.catalogue.pages import turn_to_text
from classes.exercises import (
    MAX_QUERY,
    InClass,
    classes_with,
    named_like,
    nearest_names,
    occurring,
    where,
)
from classes.library.beside_cards import beside_cards
from classes.models import Exercise, Movement
from classes.views.former_addresses import redirect_to_new_address
from classes.views.marking import avoided_on_page


class ShownPlace(NamedTuple):
    """A class with the exercise in it, and what is a member's own beside it."""

    place: InClass
    own: str


@public_for_visitors
@require_safe
def exercise_list(request: HttpRequest) -> HttpResponse:
    """All of them by family, or those that a word is part of the name of."""
    movements = set(Movement.objects.values_list("slug", flat=True))
    avoided, ignored = avoided_on_page(request, movements)
    words, cut_off = words_in(request.GET.get("q", ""))
    exercises = list(Exercise.objects.prefetch_related("movements"))
    found = named_like(exercises, words) if words else exercises
    families = {
        family: [exercise for exercise in found if exercise.family == family]
        for family in Exercise.Family
    }
    context = {
        "families": [(family.label, rows) for family, rows in families.items() if rows],
        "number": len(found),
        "on_film": set(occurring().order_by().values_list("pk", flat=True)),
        "words": words,
        "nearest": [] if found else nearest_names(exercises, words),
        "avoided": avoided,
        "ignored": ignored + cut_off,
        "is_indexed": not request.GET,
        "canonical": settings.SITE_URL + request.path,
    }
    return render(request, "classes/exercise_list.html", context)


@public_for_visitors
@require_safe
def exercise_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """What it asks of a body, and every class and second in which it occurs."""
    exercise = Exercise.objects.prefetch_related("movements").filter(slug=slug).first()
    if exercise is None:
        return redirect_to_new_address(request, Exercise, slug)
    movements = set(Movement.objects.values_list("slug", flat=True))
    avoided, ignored = avoided_on_page(request, movements)
    class_ids = classes_with(exercise)
    page, past_the_end = turn_to_text(request.GET.get("page", ""), len(class_ids))
    on_page = class_ids[page.start_index() - 1 : page.end_index()] if class_ids else []
    path = request.path if page.number == 1 else f"{request.path}?page={page.number}"
    if past_the_end:
        ignored.append(past_the_end)
    context = {
        "exercise": exercise,
        "total": len(class_ids),
        "places": with_own(request.user, where(exercise, on_page, avoided.slugs)),
        "page": page,
        "avoided": avoided,
        "ignored": ignored,
        "is_indexed": bool(class_ids) and not ignored and not avoided.is_from_address,
        "canonical": settings.SITE_URL + path,
    }
    return render(request, "classes/exercise_detail.html", context)


def with_own(member: Member | AnonymousUser, places: Iterable[InClass]) -> list[ShownPlace]:
    """In the same order. Queries as `beside_cards`."""
    listed = list(places)
    classes = [place.workout_class for place in listed]
    own = beside_cards(member, [Carded(each.pk, each.slug, each.title) for each in classes])
    return [ShownPlace(place, own.get(place.workout_class.pk, "")) for place in listed]


def words_in(text: str) -> tuple[str, list[Ignored]]:
    """What to look for, parted by single blanks, and what of the text was left out."""
    # Marks of direction and soft hyphens come unseen with pasted text.
    seen = "".join(character for character in text if unicodedata.category(character) != "Cf")
    words = " ".join(seen.split())
    # What stands for bytes that are not UTF-8 would be printable.
    if not words.isprintable() or "\N{REPLACEMENT CHARACTER}" in words:
        return "", [Ignored.quoting("q", text, Reason.UNREADABLE)]
    kept, rest = words[:MAX_QUERY], words[MAX_QUERY:]
    return kept, [Ignored.quoting("q", rest, Reason.TOO_LONG)] if rest else []
