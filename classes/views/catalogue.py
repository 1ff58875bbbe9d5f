"""The catalogue: every state of its filter has an address."""

from dataclasses import replace

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe
from django_htmx.http import push_url

from accounts.caching import public_for_visitors
from classes import holes, search
from classes.body.avoiding import Avoided, kept_by
from classes.catalogue import Choices, Ignored, Vocabulary, keeping, parse
from classes.catalogue.fragments import (
    EMPTY,
    Carded,
    Shown,
    kept_cards,
    kept_catalogue_frame,
    kept_page,
)
from classes.catalogue.moments import moment_links
from classes.catalogue.pages import turn_to
from classes.catalogue.panel import (
    avoid_view,
    chips,
    facet_views,
    left_out,
    own_set,
    ways_out,
)
from classes.catalogue.panel_markup import keep_markup, own_set_markup
from classes.library.beside_cards import beside_cards
from classes.library.own import done_class_ids
from classes.views.catalogue_markup import HtmxRequest, written
from classes.views.own_parts import header_parts, token_of

SEEN_FIRST = 3  # cards of the first row of a wide screen


@public_for_visitors
@require_safe
def class_list(request: HtmxRequest) -> HttpResponse:
    """The page, or for htmx the parts of it that a choice changes.

    At most two queries, and with words at most four: the version of the catalogue, what the words
    found, the cards that are not kept, the moments (or, where nothing was found, the spelling). At
    most four more for a member: who they are, what they avoid, what they saved or did, their desk;
    and a fifth where that hides what they have done.
    """
    catalogue = keeping.current()
    vocabulary = catalogue.vocabulary
    member = request.user
    is_member = member.is_authenticated
    choices, ignored = parse(request.GET, vocabulary, saved=kept_by(member), is_member=is_member)
    keeper = None if ignored else kept_page(request, catalogue, choices)
    if keeper and (html := keeper.get()):
        return answer(request, choices, html)
    if choices.hides_done and member.pk:
        choices = replace(choices, done=done_class_ids(member.pk))
    found = search.find(choices.q, catalogue.version) if choices.q else None
    counts = catalogue.count(choices, found)
    turned, past_the_end = turn_to(choices.page, counts.total)
    if past_the_end:
        choices, ignored = replace(choices, page=1), (*ignored, past_the_end)

    hits = catalogue.page(choices, choices.page, found) if counts.total else ()
    avoided = Avoided(choices.avoids, is_from_address=choices.avoid is not None)
    frame = None if ignored else kept_catalogue_frame(request, catalogue, choices, counts, hits)
    kept = frame.get() if frame else None
    is_asked_again = kept is not None
    if kept is None:
        cards = kept_cards(catalogue, hits, "h2", avoided, seen_first=SEEN_FIRST)
        moments = moment_links(choices.q, cards, avoided)
        is_spelt_well = counts.total or not choices.q
        state = {
            "choices": choices,
            "counts": counts,
            "facets": facet_views(vocabulary, choices, counts),
            "avoid": avoid_view(vocabulary, choices),
            "is_member": is_member,
            "left_out": left_out(choices, counts),
            "suitable_url": choices.showing_unchecked(False).address,
            "chips": chips(vocabulary, choices),
            "ignored": ignored,
            "cards": [
                Shown(
                    card,
                    own=holes.hole(f"card-{card.class_id}") if is_member else EMPTY,
                    moments=moments.get(card.class_id, ()),
                )
                for card in cards
            ],
            "suggested": None if is_spelt_well else suggested(choices),
            "ways_out": [] if counts.total else ways_out(catalogue, choices, found),
            "page": turned,
            "canonical": settings.SITE_URL + canonical_path(request, choices),
            "is_indexed": is_indexed(request, ignored),
        }
        html = written(request, state)
        kept = holes.pieces(html), [card.named for card in cards]
        if frame and len(cards) == len(hits):
            frame.keep(*kept)
    pieces, classes = kept
    html = holes.filled(pieces, own_parts(request, vocabulary, choices, classes))
    # To pack a whole page takes longer than to fill it in once more: most states come once.
    if keeper and is_asked_again and not past_the_end:
        keeper.keep(html)
    return answer(request, choices, html)


def own_parts(
    request: HtmxRequest, vocabulary: Vocabulary, choices: Choices, classes: list[Carded]
) -> dict[str, str]:
    """What stands in the holes of the page. Two queries for a member: their marks, their desk."""
    beside = beside_cards(request.user, classes)
    contents: dict[str, str] = {f"card-{class_id}": html for class_id, html in beside.items()}
    token = token_of(request)
    if not request.htmx:
        contents |= header_parts(request, token)
    if request.user.is_authenticated:
        own = own_set(vocabulary, choices)
        contents["own_choices"] = own_set_markup(own) + keep_markup(own)
    contents["csrf"] = token.get("csrf_token", "")
    contents["member"] = str(request.user.pk or "")
    return contents


def answer(request: HtmxRequest, choices: Choices, html: str) -> HttpResponse:
    """With the shortest address of what is shown: no empty parameters, nothing left out."""
    response = HttpResponse(html)
    return push_url(response, choices.address) if request.htmx else response


def suggested(choices: Choices) -> Choices | None:
    """The same with its words spelt as the studio spells them, where that is known."""
    words = search.suggestion(choices.q)
    return replace(choices, q=words, page=1) if words else None


def is_indexed(request: HttpRequest, ignored: tuple[Ignored, ...]) -> bool:
    """Whether crawlers may list this state: all classes, a page of them, or a single focus."""
    names = list(request.GET)
    values = [value for name in names for value in request.GET.getlist(name)]
    return not ignored and len(values) <= 1 and names in ([], ["page"], ["focus"])


def canonical_path(request: HttpRequest, choices: Choices) -> str:
    """A single focus has a page of its own; any other state stands for itself."""
    if list(request.GET) == ["focus"] and len(choices.focus) == 1:
        return reverse("classes:focus", args=choices.focus)
    return choices.address
