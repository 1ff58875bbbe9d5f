"""Where visitors arrive: the first page, a focus, the people who teach."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from accounts.caching import public_for_visitors
from classes import holes
from classes.body.avoiding import AVOID, Avoided, Mark, kept_by, marks_for, read_avoid
from classes.catalogue import Catalogue, Choices, Counts, Facet, Hit, Vocabulary, keeping
from classes.catalogue.fragments import (
    EMPTY,
    Carded,
    KeptCard,
    Look,
    Shown,
    kept,
    kept_cards,
    kept_home_frame,
)
from classes.catalogue.pages import turn_to_text
from classes.catalogue.panel import left_out, own_set
from classes.catalogue.panel_markup import own_set_markup
from classes.library.beside_cards import beside_cards
from classes.library.continuing import Begun, to_continue
from classes.models import FocusTag, Instructor
from classes.prepared import Prepared
from classes.views.former_addresses import redirect_to_new_address
from classes.views.marking import unknown_movements
from classes.views.own_parts import as_nobody, header_parts, token_of

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
    own: str = ""


@public_for_visitors
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Three queries where it is kept: version, tags, people. Else two more, and one where a card is
    not kept.

    For a member their marks, what they began, what they avoid and their desk: four more, and three
    where they began something and avoid something. They go on first with what they began.
    """
    catalogue = keeping.current()
    choices = careful(request, catalogue.vocabulary, Choices())
    avoided = avoided_in(choices)
    counts = catalogue.count(choices)
    numbers = numbers_by_focus(catalogue.vocabulary, counts)
    full = [slug for slug, number in numbers.items() if number >= ENOUGH_FOR_A_SHELF]
    with_shelf = (full or list(numbers))[:SHELVES]
    newest = catalogue.page(choices, 1)[: 1 + CARDS_ON_A_SHELF]
    begun = going_on(request, catalogue, choices)
    shelved = catalogue.newest_by_focus(with_shelf, CARDS_ON_A_SHELF, choices.avoids)
    # Who goes on has no large card first.
    leading, on_new = ([], newest[:CARDS_ON_A_SHELF]) if begun else (newest[:1], newest[1:])
    ignored = unknown_movements(request, slugs_of_movements(catalogue.vocabulary))

    hits = [*leading, *on_new, *(hit for slug in with_shelf for hit in shelved.get(slug, []))]
    frame = None
    if not ignored:
        beside = (bool(begun), counts, _TAGS.rows(), _PEOPLE.rows())
        frame = kept_home_frame(request, catalogue, hits, beside)
    kept_before = frame.get() if frame else None
    if kept_before is None:
        asked = [(hit, HERO) for hit in leading]
        asked += [(hit, ON_A_SHELF) for hit in hits[len(leading) :]]
        cards = kept(catalogue, asked, avoided)
        is_member = request.user.is_authenticated

        def shelf(hits: Iterable[Hit], look: Look = ON_A_SHELF) -> list[Shown]:
            shown = [cards[hit, look] for hit in hits if (hit, look) in cards]
            return [
                Shown(card, own=holes.hole(f"card-{card.class_id}") if is_member else EMPTY)
                for card in shown
            ]

        focuses = [
            FocusView(
                tag,
                numbers[tag.slug],
                avoided.passed_on_to(tag.get_absolute_url()),
                shelf(shelved.get(tag.slug, [])),
            )
            for tag in FocusTag.objects.all()  # in the studio's order
            if tag.slug in numbers
        ]
        context = {
            "counts": counts,
            "focuses": focuses,
            "goes_on": bool(begun),
            "is_member": is_member,
            "newest": next(iter(shelf(leading, HERO)), None),
            "new_cards": shelf(on_new),
            "shelves": [focus for focus in focuses if focus.cards],
            "people": people(catalogue.count(Choices()) if choices.avoids else counts),
            "ignored": ignored,
            "catalogue_url": choices.address,
            "canonical": settings.SITE_URL + request.path,
            "left_out": left_out(choices, counts),
            "is_filtered_by_address": choices.avoid is not None,
            "holes": {name: holes.hole(name) for name in _HOLES},
            "csrf_token": holes.hole("csrf"),
            "member_pk": holes.hole("member"),
        }
        html = render_to_string("classes/home.html", context, as_nobody(request))
        kept_before = holes.pieces(html), [card.named for card in cards.values()]
        if frame and len(cards) == len(set(asked)):
            frame.keep(*kept_before)
    pieces, classes = kept_before
    return HttpResponse(
        holes.filled(pieces, own_parts(request, catalogue, choices, begun, classes))
    )


_HOLES = ("account", "messages", "go_on", "own_set")
# What the page shows that the version of the catalogue does not tell.
_TAGS = Prepared(
    lambda: FocusTag.objects.order_by("pk").values_list("pk", "description", "descriptions"), 0
)
_PEOPLE = Prepared(
    lambda: Instructor.objects.order_by("pk").values_list(
        *("pk", "slug", "name", "position", "portrait_id"),
        *("portrait__width", "portrait__height", "portrait__widths"),
    ),
    0,
)


def numbers_by_focus(vocabulary: Vocabulary, counts: Counts) -> dict[str, int]:
    """How many classes each focus has that has any, by its slug, in the studio's order."""
    slugs = [option.value for option in vocabulary.options[Facet.FOCUS]]
    return {slug: number for slug in slugs if (number := counts.of(Facet.FOCUS, slug))}


def going_on(request: HttpRequest, catalogue: Catalogue, choices: Choices) -> list[GoOn]:
    """What a member began last. What left the catalogue has no card here; it stands in the
    library."""
    if not request.user.is_authenticated or not (begun := to_continue(request.user)):
        return []
    cards = kept(catalogue, [(each.hit, ON_A_SHELF) for each in begun], avoided_in(choices))
    listed = [each for each in begun if (each.hit, ON_A_SHELF) in cards][:CARDS_ON_A_SHELF]
    marks = marks_for([each.class_id for each in listed], choices.avoids) if listed else {}
    return [GoOn(cards[each.hit, ON_A_SHELF], each, marks.get(each.class_id)) for each in listed]


def own_parts(
    request: HttpRequest,
    catalogue: Catalogue,
    choices: Choices,
    begun: list[GoOn],
    classes: list[Carded],
) -> dict[str, str]:
    """What stands in the holes of the first page. Two queries for a member: marks, desk."""
    token = token_of(request)
    contents: dict[str, str] = header_parts(request, token)
    if request.user.is_authenticated:
        beside = beside_cards(request.user, [*classes, *(place.card.named for place in begun)])
        contents |= {f"card-{class_id}": html for class_id, html in beside.items()}
        contents["csrf"] = token["csrf_token"]
        contents["member"] = str(request.user.pk)
        if begun:
            places = [place._replace(own=beside[place.card.class_id]) for place in begun]
            contents["go_on"] = render_to_string("classes/_library_cards.html", {"places": places})
        own = own_set(catalogue.vocabulary, choices, request.path)
        contents["own_set"] = own_set_markup(own)
    return contents


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
            Shown(card, marks.get(card.class_id), own.get(card.class_id, EMPTY)) for card in cards
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
        "own_set": own_set_markup(own_set(vocabulary, choices, request.path)) if is_member else "",
        "is_filtered_by_address": choices.avoid is not None,
    }


def people(counts: Counts) -> list[tuple[Instructor, int]]:
    """Everyone who teaches, in the studio's order, with the number of their listed classes."""
    return [
        (instructor, counts.of(Facet.INSTRUCTOR, instructor.slug))
        for instructor in Instructor.objects.select_related("portrait")
    ]
