"""The markup of a card.

Written here and not in a template, which takes ten times as long: a page of the catalogue that
nobody has asked for yet has two dozen cards that are not kept. It is the same for everybody who
reads the language: nothing of a visitor's own may stand in it.
"""

from collections.abc import Iterable
from datetime import timedelta
from functools import cache, lru_cache
from html import escape
from typing import TYPE_CHECKING

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from classes.durations import iso_duration
from classes.models import Level
from classes.templatetags.durations import minutes
from classes.templatetags.pictures import picture

from .cards import Card, Note

if TYPE_CHECKING:
    from .fragments import Look, Shown

MOST_TAGS = 3

_SIZES = "(min-width: 78rem) 18rem, (min-width: 62rem) 25vw, (min-width: 40rem) 45vw, 92vw"
_SIZES_OF_LARGE = "(min-width: 78rem) 41rem, (min-width: 62rem) 50vw, 92vw"


def card_list(cards: "Iterable[Shown]") -> SafeString:
    """A list of cards. What is the visitor's own stands beside each: those are kept for all."""
    return SafeString(f'<ul class="cards" role="list">{"".join(map(_item, cards))}</ul>')


def _item(shown: "Shown") -> str:
    mark = moments = ""
    if shown.mark:
        mark = render_to_string("classes/_mark.html", {"mark": shown.mark})
    if shown.moments:
        moments = render_to_string("classes/_moments.html", {"moments": shown.moments})
    return f'<li class="card">{shown.card.html}{shown.own}{mark}{moments}</li>\n'


def card_markup(card: Card, url: str, look: "Look") -> SafeString:
    """`url` is where it leads: the card's own address, or that with what the address avoids."""
    language = get_language()
    parts = [
        _poster(card, look, language),
        f'<{look.heading} class="card-title">'
        f'<a href="{escape(url)}">{escape(card.title)}</a></{look.heading}>'
        '<p class="card-facts dots">',
        *(f"<span>{escape(fact)}</span>" for fact in _facts(card, language)),
        "</p>",
    ]
    if card.focus_tags:
        tags = "".join(f"<li>{escape(label)}</li>" for label in card.focus_tags[:MOST_TAGS])
        parts.append(f'<ul class="card-tags dots" role="list">{tags}</ul>')
    return SafeString("".join(parts))  # all escaped


def _facts(card: Card, language: str | None) -> list[str]:
    facts = [*card.instructors, _level(card.level, language)]
    if card.film is None:
        facts.append(_("The film is on its way"))
    if card.comment_count:
        facts.append(_said(card.comment_count, language))
    return facts


def _poster(card: Card, look: "Look", language: str | None) -> str:
    length = notes = ""
    if card.film:
        length = _length(card.film.duration, language)
    if noted := card.notes:
        notes = f'<p class="poster-note dots">{"".join(map(_note, noted))}</p>'
    kind = "poster" if card.picture else "poster poster-none"
    return f'<div class="{kind}">{_picture(card, look)}{length}{notes}</div>'


def _picture(card: Card, look: "Look") -> str:
    if card.picture is None:
        return _roll()
    if look.is_large:
        return picture(card.picture, sizes=_SIZES_OF_LARGE, priority=look.is_seen_first)
    # WebP would cost each of two dozen cards 20 bytes of a gzipped page, for browsers that are old
    # and few: they get the JPEG.
    return picture(
        card.picture, sizes=_SIZES, largest=960, formats="avif", priority=look.is_seen_first
    )


def _note(note: Note) -> str:
    language = f' lang="{escape(note.language)}"' if note.language else ""
    return f"<span{language}>{escape(note.text)}</span>"


# What is looked up in a catalogue of translations; `language` is the active one.
@lru_cache(maxsize=5_000)
def _length(duration: timedelta | None, language: str | None) -> str:
    machine = iso_duration(duration) if duration is not None else ""
    return f'<time class="length" datetime="{machine}">{escape(minutes(duration))}</time>'


@lru_cache(maxsize=100)
def _level(level: str, language: str | None) -> str:
    return str(Level(level).label)


@lru_cache(maxsize=1_000)
def _said(number: int, language: str | None) -> str:
    said = ngettext("%(number)s comment", "%(number)s comments", number)
    return said % {"number": number}


@cache
def _roll() -> str:
    return render_to_string("_roll.html", {"class": "empty-roll"}).strip()
