"""The filter as markup.

What all states share of it comes from its templates, rendered once (`holes.rendered`). Boxes to
tick are written here: there are a hundred on every page of the catalogue, and as template nodes
they would cost more than the rest of it.
"""

from collections.abc import Iterable
from functools import lru_cache
from html import escape
from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from classes import holes
from classes.body.avoiding import AVOID

from .panel import AvoidView, Chip, FacetView, LeftOutView, OptionView, OwnSet
from .vocabulary import Option


class FacetMarkup(NamedTuple):
    """What a choice changes of a facet."""

    name: str  # of the parameter
    chosen: SafeString  # how many of its options; empty where none is
    options: SafeString


def facet_markup(view: FacetView) -> FacetMarkup:
    options = option_list(view.facet, view.options)
    return FacetMarkup(view.facet, chosen(view.chosen_count), options)


def avoid_markup(view: AvoidView) -> FacetMarkup:
    own = {
        "starters": _joined(
            holes.rendered(
                "classes/_starter.html",
                {"url": starter.url, "label": starter.label},
                is_chosen=starter.is_chosen,
            )
            for starter in view.starters
        ),
        "movements": option_list(AVOID, view.movements),
    }
    options = holes.rendered("classes/_avoid_options.html", own)
    return FacetMarkup(AVOID, chosen(view.chosen_count), options)


def filter_markup(
    facets: Iterable[tuple[FacetView, FacetMarkup]], avoid: FacetMarkup | None
) -> SafeString:
    """All folds of the filter; what is avoided stands behind the first."""
    folds = [
        holes.rendered(
            "classes/_facet.html",
            {"chosen": markup.chosen, "options": markup.options},
            facet=view.facet,
            is_open=view.is_open,
        )
        for view, markup in facets
    ]
    if avoid:
        own = {"chosen": avoid.chosen, "options": avoid.options}
        folds.insert(1, holes.rendered("classes/_avoid_facet.html", own))
    return _joined(folds)


def chips_markup(chips: Iterable[Chip]) -> SafeString:
    """Empty where there is none."""
    each = _joined(
        holes.rendered(
            "classes/_chip.html",
            {"url": chip.url, "label": chip.label},
            language=chip.language,
            is_words=chip.is_words,
        )
        for chip in chips
    )
    return holes.rendered("classes/_chips.html", {"chips": each}) if each else each


def left_out_markup(left_out: LeftOutView | None) -> SafeString:
    if left_out is None:
        return SafeString("")
    return holes.rendered(
        "classes/_left_out.html",
        {"url": left_out.url},
        total=left_out.total,
        containing=left_out.containing,
        unchecked=left_out.unchecked,
    )


def own_set_markup(own: OwnSet) -> SafeString:
    """What a member keeps is said in words only: it stands in no address and in no field."""
    if not own.labels:
        return SafeString("")
    if own.applies:
        words = {"labels": ", ".join(own.labels), "url_without": own.url_without}
    else:
        words = {"url": own.url}
    return holes.rendered(
        "classes/_own_set.html",
        words,
        applies=own.applies,
        is_lifted=own.is_lifted,
        stands_aside=own.can_be_kept,
    )


def keep_markup(own: OwnSet) -> SafeString:
    """The button with which what this page avoids becomes the member's own."""
    if not own.can_be_kept:
        return SafeString("")
    field = '<input type="hidden" form="keep-avoid" name="avoid" value="{}">'
    slugs = format_html_join("", field, ((slug,) for slug in own.choices.avoids))
    return holes.rendered("classes/_keep.html", {"fields": slugs, "next": own.url})


def chosen(number: int) -> SafeString:
    """`3`, for screen readers with a word; nothing where nothing is chosen."""
    if not number:
        return SafeString("")
    return format_html('{}<span class="visually-hidden"> {}</span>', number, _("chosen"))


def option_list(name: str, options: Iterable[OptionView]) -> SafeString:
    """A box to tick for each option, under the parameter `name`.

    They have no ids, which would repeat name and value a hundred times; `catalogue.js` finds a box
    by those.
    """
    language = get_language()
    # All escaped.
    return SafeString("\n".join([_option(name, view, language) for view in options]))


def _option(name: str, view: OptionView, language: str | None) -> str:
    state = " checked" if view.is_chosen else " disabled" if view.is_dead else ""
    box, label = _box(name, view.option)
    count = "" if view.number is None else _count(view.number, language)
    return f"{box}{state}>{label}{count}</label>"


# The same for every visitor and every page, so it is put together once.
@lru_cache(maxsize=5_000)
def _box(name: str, option: Option) -> tuple[str, str]:
    label: str = escape(option.label)
    if option.language:
        label = f'<span lang="{escape(option.language)}">{label}</span>'
    box = (
        f'<label class="option"><input type="checkbox" name="{name}" value="{escape(option.value)}"'
    )
    return box, label


@lru_cache(maxsize=5_000)
def _count(number: int, language: str | None) -> str:
    """`language` is the active one: what is kept must not be said to others."""
    word = escape(ngettext("class", "classes", number))
    return (
        f' <span class="option-count">{number}<span class="visually-hidden"> {word}</span></span>'
    )


def _joined(markup: Iterable[SafeString]) -> SafeString:
    return SafeString("".join(markup))
