"""The page of the catalogue as markup.

Most of it is the same in every state of the filter: that is rendered once, with holes, and kept.
So is every part that differs: a state fills in its own words, numbers and addresses.
"""

from collections.abc import Mapping
from typing import Any

from django.core.cache import caches
from django.core.paginator import Page
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django_htmx.middleware import HtmxDetails

from classes import holes
from classes.catalogue.card_markup import card_list
from classes.catalogue.panel_markup import (
    avoid_markup,
    chips_markup,
    chosen,
    facet_markup,
    filter_markup,
    left_out_markup,
)
from classes.views.own_parts import as_nobody, page_in_languages

# Holes that stay in what is kept of a state, for what is its reader's own.
READERS_OWN = ("account", "messages", "own_choices", "csrf", "member")
# What a state says, wherever that stands: on the page, and in what a choice changes of it.
_OF_A_STATE = ("title", "count", "sort", "done", "results", "chosen", "is_hidden")
_OF_A_PAGE = ("address", "canonical", "robots", "words", "facets", "languages")
_NOT_INDEXED = SafeString('<meta name="robots" content="noindex">')
_NAMED = 3  # choices, in the title


class HtmxRequest(HttpRequest):
    """As django_htmx's middleware leaves it."""

    htmx: HtmxDetails


def written(request: HtmxRequest, state: Mapping[str, Any]) -> str:
    """The page with holes for its reader's own, or for htmx what a choice changes of it."""
    views = state["facets"]
    facets = [facet_markup(view) for view in views]
    avoid = avoid_markup(state["avoid"]) if state["avoid"].movements else None
    parts = _of_a_state(state)
    if request.htmx:
        context = {
            "parts": parts,
            "facets": [*facets, avoid] if avoid else facets,
            "total": state["counts"].total,
            "is_member": state["is_member"],
        }
        return render_to_string("classes/class_list.html#update", context, as_nobody(request))
    of_page = {
        **{name: holes.hole(name) for name in READERS_OWN},
        "address": escape(request.get_full_path()),
        "canonical": escape(state["canonical"]),
        "robots": SafeString("") if state["is_indexed"] else _NOT_INDEXED,
        "words": escape(state["choices"].q),
        "facets": filter_markup(zip(views, facets, strict=True), avoid),
        "languages": page_in_languages(request),
    }
    return holes.filled(_shell(request, state["is_member"]), {**of_page, **parts})


def _shell(request: HtmxRequest, is_member: bool) -> list[str]:
    """What every state of the catalogue has, in pieces. Kept: it says nothing of this one."""
    kept, key = caches["fragments"], f"catalogue-shell:{get_language()}:{is_member:d}"
    pieces: list[str] | None = kept.get(key)
    if pieces is None:
        parts = {name: holes.hole(name) for name in (*_OF_A_STATE, *_OF_A_PAGE, *READERS_OWN)}
        context = {
            "is_member": is_member,
            "parts": parts,
            "languages": parts["languages"],  # for the footer
            "csrf_token": parts["csrf"],
            "member_pk": parts["member"],
        }
        html = render_to_string("classes/class_list.html", context, as_nobody(request))
        pieces = holes.pieces(html)
        kept.set(key, pieces)
    return pieces


def _of_a_state(state: Mapping[str, Any]) -> dict[str, SafeString]:
    choices, chips, page = state["choices"], state["chips"], state["page"]
    named = "".join(f"{chip.label}, " for chip in chips[:_NAMED])
    return {
        "title": holes.rendered("classes/_list_title.html", {"chosen": named}, number=page.number),
        "count": holes.rendered("classes/_result_count.html", {}, total=state["counts"].total),
        "sort": holes.rendered(
            "classes/_sort.html", {}, sorts=tuple(choices.sorts), chosen=choices.sort
        ),
        "done": holes.rendered("classes/_done_option.html", {}, hides_done=choices.hides_done),
        "results": _results(state),
        "chosen": chosen(len(chips)),
        "is_hidden": SafeString("" if chips else " hidden"),
    }


def _results(state: Mapping[str, Any]) -> SafeString:
    choices, page = state["choices"], state["page"]
    unchecked = state["counts"].unchecked
    own = {
        "chips": chips_markup(state["chips"]),
        "ignored": _rendered("classes/_ignored.html", state) if state["ignored"] else "",
        "own_choices": holes.hole("own_choices"),
        "suitable_url": state["suitable_url"] if choices.unchecked else "",
        "left_out": left_out_markup(state["left_out"]),
        "found": card_list(state["cards"]) if state["cards"] else _nothing_found(state),
        "unchecked": holes.rendered("classes/_unchecked.html", {}, number=unchecked),
        "pages": pages(page, choices.link_to_pages),
    }
    return holes.rendered("classes/_results.html", own, is_lifted=choices.avoid == ())


def _nothing_found(state: Mapping[str, Any]) -> SafeString:
    is_filtered = state["choices"].is_filtered
    return _rendered("classes/_nothing_found.html", {**state, "is_filtered": is_filtered})


def pages(page: Page, link: str) -> SafeString:
    """The ways to the other pages of a list. `link` leads to one, up to its number."""
    last = page.paginator.num_pages
    return holes.rendered("_pagination.html", {"link": link}, number=page.number, last=last)


def _rendered(template: str, context: Mapping[str, Any]) -> SafeString:
    return SafeString(render_to_string(template, {**context}))
