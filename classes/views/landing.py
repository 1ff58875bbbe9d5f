"""Where visitors arrive: the first page, a focus, the people who teach."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.caching import public_for_visitors
from classes.catalogue import Choices, Counts, Facet, count, newest_by_focus, page
from classes.catalogue.cards import cards_by_id, cards_for_hits
from classes.catalogue.pages import turn_to_text
from classes.models import FocusTag, Instructor
from classes.views.former_addresses import redirect_to_new_address

SHELVES = 3
CARDS_ON_A_SHELF = 4
# Fewer make no shelf; while no tag has that many, the page shows what there is.
ENOUGH_FOR_A_SHELF = 3


@public_for_visitors
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    counts = count(Choices())
    tags = [(tag, counts.of(Facet.FOCUS, tag.slug)) for tag in FocusTag.objects.all()]
    tags = [(tag, number) for tag, number in tags if number]  # the studio's order
    newest = [hit.class_id for hit in page(Choices(), 1)[: 1 + CARDS_ON_A_SHELF]]
    full = [(tag, number) for tag, number in tags if number >= ENOUGH_FOR_A_SHELF]
    shelves = (full or tags)[:SHELVES]
    shelved = newest_by_focus([tag.slug for tag, _ in shelves], CARDS_ON_A_SHELF)
    cards = cards_by_id({*newest, *(pk for pks in shelved.values() for pk in pks)})
    new_cards = [cards[pk] for pk in newest if pk in cards]
    context = {
        "counts": counts,
        "tags": tags,
        "newest": new_cards[0] if new_cards else None,
        "new_cards": new_cards[1:],
        "shelves": [
            (tag, number, [cards[pk] for pk in shelved[tag.slug] if pk in cards])
            for tag, number in shelves
        ],
        "people": people(counts),
        "canonical": settings.SITE_URL + request.path,
    }
    return render(request, "classes/home.html", context)


@public_for_visitors
@require_safe
def focus_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """What a tag promises, and the classes for which somebody vouches."""
    tag = FocusTag.objects.prefetch_related("forbids").filter(slug=slug).first()
    if tag is None:
        return redirect_to_new_address(request, FocusTag, slug)
    context = classes_page(request, Choices(focus=(slug,))) | {"tag": tag}
    return render(request, "classes/focus_detail.html", context)


@public_for_visitors
@require_safe
def instructor_list(request: HttpRequest) -> HttpResponse:
    context = {
        "people": people(count(Choices())),
        "canonical": settings.SITE_URL + request.path,
    }
    return render(request, "classes/instructor_list.html", context)


@public_for_visitors
@require_safe
def instructor_detail(request: HttpRequest, slug: str) -> HttpResponse:
    instructor = Instructor.objects.select_related("portrait").filter(slug=slug).first()
    if instructor is None:
        return redirect_to_new_address(request, Instructor, slug)
    context = classes_page(request, Choices(instructor=(slug,))) | {"instructor": instructor}
    return render(request, "classes/instructor_detail.html", context)


def classes_page(request: HttpRequest, choices: Choices) -> dict[str, Any]:
    """A page of the classes in one state of the catalogue, for a page that is about something."""
    counts = count(choices)
    turned, ignored = turn_to_text(request.GET.get("page", ""), counts.total)
    path = request.path if turned.number == 1 else f"{request.path}?page={turned.number}"
    return {
        "counts": counts,
        "cards": cards_for_hits(page(choices, turned.number)),
        "page": turned,
        "ignored": [ignored] if ignored else [],
        "catalogue_url": choices.address,
        "canonical": settings.SITE_URL + path,
    }


def people(counts: Counts) -> list[tuple[Instructor, int]]:
    """Everyone who teaches, in the studio's order, with the number of their listed classes."""
    return [
        (instructor, counts.of(Facet.INSTRUCTOR, instructor.slug))
        for instructor in Instructor.objects.select_related("portrait")
    ]
