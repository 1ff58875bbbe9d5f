"""The long list of the catalogue's filter."""

from collections.abc import Iterable

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext

from classes.catalogue.panel import OptionView

register = template.Library()


@register.simple_tag
def option_list(name: str, options: Iterable[OptionView]) -> SafeString:
    """A box to tick for each option, under the parameter `name`.

    Written here and not in a template, for there are eighty on every page of the catalogue: as
    template nodes they cost more than the rest of it. They have no ids, which would repeat name
    and value eighty times; `catalogue.js` finds a box by those.
    """
    return mark_safe("\n".join(_option(name, view) for view in options))  # noqa: S308 - all escaped


def _option(name: str, view: OptionView) -> str:
    label: str = escape(view.option.label)
    if view.option.language:
        label = f'<span lang="{escape(view.option.language)}">{label}</span>'
    state = " checked" if view.is_chosen else " disabled" if view.is_dead else ""
    return (
        f'<label class="option"><input type="checkbox" name="{name}" '
        f'value="{escape(view.option.value)}"{state}>{label}{_count(view.count)}</label>'
    )


def _count(number: int | None) -> str:
    if number is None:
        return ""
    word = ngettext("class", "classes", number)
    return (
        f' <span class="option-count">{number}'
        f'<span class="visually-hidden"> {escape(word)}</span></span>'
    )
