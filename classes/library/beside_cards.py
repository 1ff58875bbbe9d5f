"""What stands beside a card for a member: the button that saves the class, and that it was done.

The markup is the same for all who saved it, or did it, or neither, so each is rendered once and
kept by this process. Which of them is a member's own is asked for every page and kept nowhere.
"""

from collections.abc import Iterable, Mapping

from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from accounts.models import Member
from classes.catalogue.fragments import Carded
from classes.kept import Latest
from classes.library.own import UNMARKED, CardMark, marks_of

# Two thousand classes in two languages, each not saved, and some that are.
_kept: Latest[tuple[str | None, str, str, CardMark], SafeString] = Latest(5_000)


def beside_cards(
    member: Member | AnonymousUser, classes: Iterable[Carded]
) -> Mapping[int, SafeString]:
    """By class; nothing for a visitor. One query for a member.

    The buttons need `classes/_save_form.html` on the page.
    """
    if not member.is_authenticated:
        return {}
    shown = list(classes)
    marks = marks_of(member.pk, [card.class_id for card in shown])
    return {card.class_id: _beside(card, marks.get(card.class_id, UNMARKED)) for card in shown}


def _beside(card: Carded, mark: CardMark) -> SafeString:
    key = (get_language(), card.slug, card.title, mark)
    html = _kept.get(key)
    if html is None:
        context = {"slug": card.slug, "title": card.title, "own": mark}
        html = render_to_string("classes/_beside_card.html", context)
        _kept.keep(key, html)
    return html
