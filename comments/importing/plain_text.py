"""HTML that another site kept its comments in, as the plain text of ours."""

import html
import re

# A tag has no other one inside: what is never closed stays text, and reading stays linear.
_TAG = re.compile(r"<!--[^<>]*-->|<(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*)\b(?P<rest>[^<>]*)>")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_ATTRIBUTE = re.compile(
    r"""\b(href|alt)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE
)
_ADDRESS = re.compile(r"(?:https?://|mailto:|/)\S+", re.IGNORECASE)

_PARAGRAPHS = {
    *("p", "div", "blockquote", "ul", "ol", "pre", "table", "tr", "section", "article"),
    *("h1", "h2", "h3", "h4", "h5", "h6"),
}
_NOTHING = {
    *("a", "abbr", "acronym", "b", "big", "body", "center", "cite", "code", "del", "em", "font"),
    *("html", "i", "ins", "kbd", "q", "s", "small", "span", "strike", "strong", "sub", "sup"),
    *("tbody", "td", "th", "thead", "tt", "u", "var", "img", "br", "li", "hr"),
}
_UNREAD = {"script", "style", "iframe", "object", "embed", "noscript", "template", "svg", "math"}
_KNOWN = _PARAGRAPHS | _NOTHING | _UNREAD


def as_plain_text(text: str) -> str:
    """The words, with line breaks, and addresses of links in brackets behind them.

    Text that has no HTML comes back as it is: "knees < hips" and "I <3 this" are words. What
    scripts and styles hold is no word of anybody. Linear in the length of the text.
    """
    pieces: list[str] = []
    unread = ""  # the name of the element that is left out just now
    link: tuple[int, str] | None = None  # where its words begin, and where it leads
    end = 0
    for tag in _TAG.finditer(text):
        name, closes = (tag["name"] or "").lower(), bool(tag["end"])
        if name and name not in _KNOWN:
            continue  # "<knees>"
        if not unread:
            pieces.append(_words(text[end : tag.start()]))
        end = tag.end()
        if unread:
            unread = "" if closes and name == unread else unread
        elif name in _UNREAD:
            unread = "" if closes or tag["rest"].endswith("/") else name
        elif name == "a" and not closes:
            link = (len(pieces), _attribute(tag["rest"], "href"))
        elif name == "a" and link:
            pieces[link[0] :] = [_link("".join(pieces[link[0] :]), link[1])]
            link = None
        else:
            pieces.append(_break(name, tag["rest"], closes=closes))
    if not unread:
        pieces.append(_words(text[end:]))
    return _tidy("".join(pieces)) if len(pieces) > 1 else "".join(pieces)


def _words(text: str) -> str:
    """Entities as characters; one without its semicolon may be part of an address."""
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)


def _attribute(rest: str, name: str) -> str:
    for found in _ATTRIBUTE.finditer(rest):
        if found[1].lower() == name:
            return html.unescape(found[2] or found[3] or found[4] or "").strip()
    return ""


def _link(words: str, address: str) -> str:
    """The address too, unless the words are it. One that runs a script is none."""
    if not _ADDRESS.fullmatch(address) or address.removeprefix("mailto:") in words:
        return words
    if address.rstrip("/") == words.strip().rstrip("/"):
        return address
    return f"{words} ({address})" if words.strip() else address


def _break(name: str, rest: str, *, closes: bool) -> str:
    if name in _PARAGRAPHS:
        return "\n\n"
    if name in ("br", "hr"):
        return "\n"
    if name == "li" and not closes:
        return "\n– "
    if name == "img":
        return _attribute(rest, "alt")  # mostly a smiley
    return ""


def _tidy(text: str) -> str:
    """No spaces at the ends of lines, and at most one empty line: tags left some of each."""
    lines = [line.strip(" \t\xa0") for line in text.replace("\r\n", "\n").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
