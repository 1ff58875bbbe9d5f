"""What stands in the catalogue's filter again and again."""

from collections.abc import Iterable
from functools import lru_cache

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from classes.catalogue import Option
from classes.catalogue.panel import OptionView

register = template.Library()


@register.simple_tag
def option_list(name: str, options: Iterable[OptionView]) -> SafeString:
    """A box to tick for each option, under the parameter `name`.

    Written here and not in a template, for there are a hundred on every page of the catalogue: as
    template nodes they cost more than the rest of it. They have no ids, which would repeat name
    and value a hundred times; `catalogue.js` finds a box by those.
    """
    language = get_language()
    written = (_option(name, view, language) for view in options)
    return mark_safe("\n".join(written))  # noqa: S308 - all escaped


@register.filter
def chosen(number: int) -> SafeString:
    """`3`, for screen readers with a word; nothing where nothing is chosen."""
    if not number:
        return SafeString("")
    return format_html('{}<span class="visually-hidden"> {}</span>', number, _("chosen"))


def _option(name: str, view: OptionView, language: str | None) -> str:
    state = " checked" if view.is_chosen else " disabled" if view.is_dead else ""
    box, label = _box(name, view.option)
    count = "" if view.count is None else _count(view.count, language)
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
