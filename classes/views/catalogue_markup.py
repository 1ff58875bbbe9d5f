"""The page of the catalogue as markup.

Most of it is the same in every state of the filter: that is rendered once, with holes, and kept.
What a state says is rendered for each, part by part, without the request and what goes with it.
"""

from collections.abc import Mapping
from typing import Any

from django.core.cache import caches
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.translation import get_language
from django_htmx.middleware import HtmxDetails

from classes import holes
from classes.templatetags.catalogue import chosen
from classes.views.own_parts import as_nobody

# Holes that stay in what is kept of a state, for what is its reader's own.
READERS_OWN = ("account", "messages", "own_choices", "csrf", "member")
# Parts with a template, and those that are written here.
_TEMPLATES = {
    "title": "classes/_list_title.html",
    "facets": "classes/_filters.html",
    "count": "classes/_result_count.html",
    "sort": "classes/_sort.html",
    "results": "classes/_results.html",
}
_WORDS = ("address", "canonical", "robots", "words", "chosen", "is_hidden", "languages")
_NOT_INDEXED = '<meta name="robots" content="noindex">'


class HtmxRequest(HttpRequest):
    """As django_htmx's middleware leaves it."""

    htmx: HtmxDetails


def written(request: HtmxRequest, context: Mapping[str, Any]) -> str:
    """The page with holes for its reader's own, or for htmx what a choice changes of it."""
    if request.htmx:
        return render_to_string("classes/class_list.html#update", {**context}, as_nobody(request))
    return holes.filled(_shell(request, context["is_member"]), _parts(request, context))


def _shell(request: HtmxRequest, is_member: bool) -> list[str]:
    """What every state of the catalogue has, in pieces. Kept: it says nothing of this one."""
    kept, key = caches["fragments"], f"catalogue-shell:{get_language()}:{is_member:d}"
    pieces: list[str] | None = kept.get(key)
    if pieces is None:
        parts = {name: holes.hole(name) for name in (*_TEMPLATES, *_WORDS, *READERS_OWN)}
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


def _parts(request: HtmxRequest, context: Mapping[str, Any]) -> dict[str, str]:
    """What stands in the holes of the shell, by their names."""
    choices, number = context["choices"], len(context["chips"])
    more = {"total": context["counts"].total, "hides_done": choices.hides_done}
    written = {
        name: render_to_string(template, {**context, **more})
        for name, template in _TEMPLATES.items()
    }
    return {
        **context["holes"],
        **written,
        "address": escape(request.get_full_path()),
        "canonical": escape(context["canonical"]),
        "robots": "" if context["is_indexed"] else _NOT_INDEXED,
        "words": escape(choices.q),
        "chosen": chosen(number),
        "is_hidden": "" if number else " hidden",
        "languages": render_to_string("_languages.html", {"request": as_nobody(request)}),
    }
