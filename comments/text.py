"""How a comment's words are counted, and how they become HTML.

Plain text: everything is escaped, lines and paragraphs are kept, http and https addresses can be
clicked, and those of our own pages are shown by their meaning, or as a card (see `addresses`).
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from comments import time_codes

TimeLink = Callable[[int], str | None]  # from a second of the film to its address

# An address ends at a space, at what HTML or a quotation would put around it, and at characters
# that nobody sees (controls, and those that turn the direction of what follows).
_ADDRESS = re.compile(
    r"""(?:(?<![A-Za-z0-9_])https?://|(?<![\w/.:@-])/(?=[a-z]))[^\s<>"“”«»\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+""",
    re.IGNORECASE,
)
_PARAGRAPHS = re.compile(r"\n[^\S\n]*\n\s*")
_MAY_END_AN_ADDRESS = "/#&%=-_~+"
_OPENED_BY = {")": "(", "]": "[", "}": "{"}
_CLOSED_BY = {opening: closing for closing, opening in _OPENED_BY.items()}


def normalised(text: str) -> str:
    """Newlines as browsers count them, one character each, and no space around."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def length(text: str) -> int:
    """Characters as a browser's `maxlength` counts them: an emoji is mostly two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def is_blank(text: str) -> bool:
    """Whether nothing can be seen: spaces, controls and joiners only."""
    return all(unicodedata.category(character)[0] in "ZC" for character in text)


def find_addresses(text: str) -> Iterator[tuple[int, str]]:
    """Each address in the text and where it starts: http, https, or a path on this site.

    Linear in the length of the text. A path may turn out to be no address ("and /or").
    """
    for match in _ADDRESS.finditer(text):
        yield match.start(), _without_punctuation(match[0])


def without_host(address: str) -> str:
    """The path of one of our own pages: they are reached under every name of the site."""
    return urlsplit(address)._replace(scheme="", netloc="").geturl()


def as_html(
    text: str,
    meanings: Mapping[str, str],
    *,
    time_link: TimeLink | None = None,
    cards: Mapping[str, SafeString] | None = None,
) -> SafeString:
    """Paragraphs with links. `meanings` (`addresses.meanings`) says what our own addresses mean.

    `time_link` gives the address of a second of the film that the text speaks of, or None for one
    that it does not have; without it, `12:34` stays text. `cards` (`addresses.cards`) stand in
    place of lines that are nothing but their address. Linear in the length of the text.
    """
    blocks = (
        block
        for paragraph in _PARAGRAPHS.split(normalised(text))
        for block in _blocks(paragraph, cards or {})
    )
    # Every piece was escaped by `_with_links`. `auto`: each paragraph runs the way its own
    # words do, so that an Arabic answer to an English question reads right.
    html = "".join(
        block
        if isinstance(block, SafeString)
        else f'<p dir="auto">{_with_links(block, meanings, time_link)}</p>'
        for block in blocks
    )
    return mark_safe(html)  # noqa: S308


def _blocks(paragraph: str, cards: Mapping[str, SafeString]) -> Iterator[str | SafeString]:
    """The paragraph as it is written, or cut where a card stands. Words are no SafeString."""
    words: list[str] = []
    for line in paragraph.split("\n"):
        card = cards.get(line.strip())
        if card is None:
            words.append(line)
            continue
        if words:
            yield "\n".join(words)
        words = []
        yield card
    if words:
        yield "\n".join(words)


def _with_links(text: str, meanings: Mapping[str, str], time_link: TimeLink | None) -> str:
    links = [
        (start, start + len(address), link)
        for start, address in find_addresses(text)
        if (link := _link(address, meanings.get(address)))
    ]
    if time_link:
        links = sorted([*links, *_time_links(text, time_link)])
    pieces, end = [], 0
    for start, after, link in links:
        if start >= end:
            pieces += [_lines(text[end:start]), link]
            end = after
    return "".join([*pieces, _lines(text[end:])])


def _time_links(text: str, time_link: TimeLink) -> Iterator[tuple[int, int, str]]:
    for start, end, second in time_codes.find(text):
        if address := time_link(second):
            link = format_html('<a href="{}" rel="nofollow">{}</a>', address, text[start:end])
            yield start, end, link


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _link(address: str, meaning: str | None) -> str | None:
    if meaning:
        address = without_host(address)
    elif address.startswith("/"):
        return None  # a path that means nothing here is a person's "and/or"
    return format_html('<a href="{}" rel="nofollow ugc">{}</a>', address, meaning or address)


def _without_punctuation(address: str) -> str:
    """Leave the full stop, or a bracket that was opened before the address, to the sentence."""
    # Counted once, not at each step: an address may be 5,000 brackets long.
    surplus = {
        closing: address.count(closing) - address.count(opening)
        for closing, opening in _OPENED_BY.items()
    }
    end = len(address)
    while end:
        last = address[end - 1]
        if surplus.get(last, 1) <= 0 or last in _MAY_END_AN_ADDRESS:
            break
        if not unicodedata.category(last).startswith("P"):
            break
        if last in surplus:
            surplus[last] -= 1
        elif last in _CLOSED_BY:
            surplus[_CLOSED_BY[last]] += 1
        end -= 1
    return address[:end]
