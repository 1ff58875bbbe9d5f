"""How a comment's words are counted, and how they become HTML.

Plain text: everything is escaped, lines and paragraphs are kept, http and https addresses can be
clicked, and those of our own pages are shown by their meaning (see `addresses`).
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

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


def as_html(text: str, meanings: Mapping[str, str]) -> SafeString:
    """Paragraphs with links. `meanings` (`addresses.meanings`) says what our own addresses mean."""
    paragraphs = _PARAGRAPHS.split(normalised(text))
    # Every piece was escaped by `_with_links`. `auto`: each paragraph runs the way its own
    # words do, so that an Arabic answer to an English question reads right.
    html = "".join(f'<p dir="auto">{_with_links(words, meanings)}</p>' for words in paragraphs)
    return mark_safe(html)  # noqa: S308


def _with_links(text: str, meanings: Mapping[str, str]) -> str:
    pieces, end = [], 0
    for start, address in find_addresses(text):
        if link := _link(address, meanings.get(address)):
            pieces += [_lines(text[end:start]), link]
            end = start + len(address)
    return "".join([*pieces, _lines(text[end:])])


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _link(address: str, meaning: str | None) -> str | None:
    if meaning:
        # Without the host: our own pages are reached under every name of the site.
        address = urlsplit(address)._replace(scheme="", netloc="").geturl()
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
