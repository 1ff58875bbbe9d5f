"""Where visitors arrive: the first page, a focus, the people who teach."""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.caching import public_for_visitors
from classes.body.avoiding import AVOID, Avoided, Mark, kept_by, marks_for, read_avoid
from classes.catalogue import Catalogue, Choices, Counts, Facet, Hit, Vocabulary, keeping
from classes.catalogue.fragments import KeptCard, Look, Shown, kept, kept_cards
from classes.catalogue.pages import turn_to_text
from classes.catalogue.panel import left_out, own_set
from classes.library.beside_cards import beside_cards
from classes.library.continuing import Begun, to_continue
from classes.models import FocusTag, Instructor
from classes.views.former_addresses import redirect_to_new_address
from classes.views.marking import unknown_movements

SHELVES = 3
CARDS_ON_A_SHELF = 4
# Fewer make no shelf; while no tag has that many, the page shows what there is.
ENOUGH_FOR_A_SHELF = 3

HERO = Look("h2", is_seen_first=True, is_large=True)
ON_A_SHELF = Look("h3")


@dataclass(frozen=True)
class FocusView:
    """A focus with the number of its classes, and some of them where it has a shelf."""

    tag: FocusTag
    number: int
    url: str
    cards: list[Shown]


class GoOn(NamedTuple):
    """A class that a member began, as a place of `classes/_library_cards.html`."""

    card: KeptCard
    begun: Begun
    mark: Mark | None


@public_for_visitors
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Three queries, and one more where a card is not kept: version, tags, instructors.

    Two more for a member, who goes on first with what they began, and sees what they saved or did;
    and three where they began something and avoid something.
    """
    catalogue = keeping.current()
    choices = careful(request, catalogue.vocabulary, Choices())
    avoided = avoided_in(choices)
    counts = catalogue.count(choices)
    tags = [(tag, counts.of(Facet.FOCUS, tag.slug)) for tag in FocusTag.objects.all()]
    tags = [(tag, number) for tag, number in tags if number]  # the studio's order
    full = [(tag, number) for tag, number in tags if number >= ENOUGH_FOR_A_SHELF]
    with_shelf = [tag.slug for tag, _number in (full or tags)[:SHELVES]]
    newest = catalogue.page(choices, 1)[: 1 + CARDS_ON_A_SHELF]
    begun = to_continue(request.user) if request.user.is_authenticated else []
    shelved = catalogue.newest_by_focus(with_shelf, CARDS_ON_A_SHELF, choices.avoids)

    newest_on_shelf = newest if begun else newest[1:]
    going_on = [each.hit for each in begun]
    shelf_hits = [hit for hits in (newest_on_shelf, going_on, *shelved.values()) for hit in hits]
    asked = [(hit, HERO) for hit in newest[:1]] + [(hit, ON_A_SHELF) for hit in shelf_hits]
    cards = kept(catalogue, asked, avoided)
    own = beside_cards(request.user, [card.named for card in cards.values()])

    def shelf(hits: tuple[Hit, ...] | list[Hit]) -> list[Shown]:
        shown = [cards[hit, ON_A_SHELF] for hit in hits if (hit, ON_A_SHELF) in cards]
        return [Shown(card, own=own.get(card.class_id, "")) for card in shown]

    # What left the catalogue has no card here; it stands in the library.
    to_go_on = [each for each in begun if (each.hit, ON_A_SHELF) in cards][:CARDS_ON_A_SHELF]
    marks = marks_for([each.class_id for each in to_go_on], choices.avoids) if to_go_on else {}
    go_on = [GoOn(cards[each.hit, ON_A_SHELF], each, marks.get(each.class_id)) for each in to_go_on]

    focuses = [
        FocusView(
            tag,
            number,
            avoided.passed_on_to(tag.get_absolute_url()),
            shelf(shelved.get(tag.slug, [])),
        )
        for tag, number in tags
    ]
    context = {
        "counts": counts,
        "focuses": focuses,
        "go_on": go_on,
        "newest": next((cards[each] for each in asked[:1] if each in cards), None),
        "new_cards": shelf(newest[:CARDS_ON_A_SHELF] if go_on else newest[1:]),
        "shelves": [focus for focus in focuses if focus.cards],
        "people": people(catalogue.count(Choices()) if choices.avoids else counts),
        "ignored": unknown_movements(request, slugs_of_movements(catalogue.vocabulary)),
        "catalogue_url": choices.address,
        "canonical": settings.SITE_URL + request.path,
        **what_is_avoided(request, catalogue.vocabulary, choices, counts),
    }
    return render(request, "classes/home.html", context)


@public_for_visitors
@require_safe
def focus_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """What a tag promises, and the classes for which somebody vouches."""
    tag = FocusTag.objects.prefetch_related("forbids").filter(slug=slug).first()
    if tag is None:
        return redirect_to_new_address(request, FocusTag, slug)
    catalogue = keeping.current()
    choices = careful(request, catalogue.vocabulary, Choices(focus=(slug,)))
    context = classes_page(request, catalogue, choices, avoided_in(choices)) | {
        "tag": tag,
        "catalogue_url": choices.address,
    }
    context |= what_is_avoided(request, catalogue.vocabulary, choices, context["counts"])
    return render(request, "classes/focus_detail.html", context)


@public_for_visitors
@require_safe
def instructor_list(request: HttpRequest) -> HttpResponse:
    context = {
        "people": people(keeping.current().count(Choices())),
        "canonical": settings.SITE_URL + request.path,
    }
    return render(request, "classes/instructor_list.html", context)


@public_for_visitors
@require_safe
def instructor_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """All classes of a person: what a visitor avoids is marked here, not left out."""
    instructor = Instructor.objects.select_related("portrait").filter(slug=slug).first()
    if instructor is None:
        return redirect_to_new_address(request, Instructor, slug)
    catalogue = keeping.current()
    choices = careful(request, catalogue.vocabulary, Choices(instructor=(slug,)))
    every_class = replace(choices, avoid=None, saved=())
    context = classes_page(request, catalogue, every_class, avoided_in(choices)) | {
        "instructor": instructor,
        "catalogue_url": choices.address,
    }
    return render(request, "classes/instructor_detail.html", context)


def careful(request: HttpRequest, vocabulary: Vocabulary, choices: Choices) -> Choices:
    """These choices with what the visitor avoids. One query for a member."""
    avoid = read_avoid(request.GET.getlist(AVOID), slugs_of_movements(vocabulary))
    return replace(choices, avoid=avoid, saved=kept_by(request.user))


def slugs_of_movements(vocabulary: Vocabulary) -> frozenset[str]:
    return frozenset(option.value for option in vocabulary.movements)


def avoided_in(choices: Choices) -> Avoided:
    return Avoided(choices.avoids, is_from_address=choices.avoid is not None)


def classes_page(
    request: HttpRequest, catalogue: Catalogue, choices: Choices, avoided: Avoided
) -> dict[str, Any]:
    """A page of the classes in one state of the catalogue, for a page that is about something.

    Classes among them that the visitor avoids are marked, which takes three queries; what a member
    saved or did stands beside the cards, for one.
    """
    counts = catalogue.count(choices)
    turned, past_the_end = turn_to_text(request.GET.get("page", ""), counts.total)
    ignored = unknown_movements(request, slugs_of_movements(catalogue.vocabulary))
    if past_the_end:
        ignored.append(past_the_end)
    path = request.path if turned.number == 1 else f"{request.path}?page={turned.number}"
    cards = kept_cards(catalogue, catalogue.page(choices, turned.number), "h3", avoided)
    marks = {}
    if avoided.slugs and not choices.avoids:
        marks = marks_for([card.class_id for card in cards], avoided.slugs)
    own = beside_cards(request.user, [card.named for card in cards])
    return {
        "counts": counts,
        "cards": [
            Shown(card, marks.get(card.class_id), own.get(card.class_id, "")) for card in cards
        ],
        "page": turned,
        "page_link": f"?{avoided.query}&page=" if avoided.query else "?page=",
        "ignored": ignored,
        "canonical": settings.SITE_URL + path,
        "is_indexed": not ignored and not avoided.is_from_address,
    }


def what_is_avoided(
    request: HttpRequest, vocabulary: Vocabulary, choices: Choices, counts: Counts
) -> dict[str, Any]:
    """What a page says of the classes that it leaves out."""
    is_member = request.user.is_authenticated
    return {
        "left_out": left_out(choices, counts),
        "own_set": own_set(vocabulary, choices, request.path) if is_member else None,
        "is_filtered_by_address": choices.avoid is not None,
    }


def people(counts: Counts) -> list[tuple[Instructor, int]]:
    """Everyone who teaches, in the studio's order, with the number of their listed classes."""
    return [
        (instructor, counts.of(Facet.INSTRUCTOR, instructor.slug))
        for instructor in Instructor.objects.select_related("portrait")
    ]
