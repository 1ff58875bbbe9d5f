"""What stands beside a card for a member: the button that saves the class, and that it was done.

The markup is the same for all who saved a class, or did it, or neither, but for what names the
class. Which of them is a member's own is asked for every page and kept nowhere.
"""

from collections.abc import Iterable, Mapping
from html import escape

from django.contrib.auth.models import AnonymousUser
from django.utils.safestring import SafeString

from accounts.models import Member
from classes import holes
from classes.addresses import address_of
from classes.catalogue.fragments import Carded
from classes.library.own import UNMARKED, CardMark, marks_of


def beside_cards(
    member: Member | AnonymousUser, classes: Iterable[Carded]
) -> Mapping[int, SafeString]:
    """By class; nothing for a visitor. One query for a member.

    The buttons need `classes/_save_form.html` on the page.
    """
    if not member.is_authenticated:
        return {}
    shown = list(classes)
    return beside_marked(shown, marks_of(member.pk, [card.class_id for card in shown]))


def beside_marked(
    classes: Iterable[Carded], marks: Mapping[int, CardMark]
) -> Mapping[int, SafeString]:
    """The same where it is known what is the member's own. No query."""
    kinds = {
        mark: holes.with_holes("classes/_beside_card.html", ("address", "title"), mark=mark)
        for mark in {UNMARKED, *marks.values()}
    }
    return {
        card.class_id: _beside(card, kinds[marks.get(card.class_id, UNMARKED)]) for card in classes
    }


def _beside(card: Carded, pieces: list[str]) -> SafeString:
    address = address_of("classes:save", card.slug)
    own = {"address": escape(address), "title": escape(card.title)}
    return SafeString(holes.filled(pieces, own))
