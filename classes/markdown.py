"""Markdown that staff write, as HTML that is safe to show."""

from functools import lru_cache
from html import unescape

import nh3
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from markdown_it import MarkdownIt

# Rendering costs more than linearly: 20,000 opening brackets took a second. The models cap their
# texts at this length, and what is longer is cut before it is rendered.
MAX_LENGTH = 5000

_renderer = MarkdownIt("commonmark", {"html": False, "linkify": True, "typographer": True})
_renderer.enable(["linkify", "replacements", "smartquotes"]).disable(["image"])

_TAGS = {"p", "br", "em", "strong", "ul", "ol", "li", "blockquote", "a", "h3", "h4", "hr"}
# Titles belong to the page; a heading inside a text begins below them.
_HEADINGS = {"h1": "h3", "h2": "h3", "h5": "h4", "h6": "h4"}


@lru_cache(maxsize=1024)
def render_markdown(text: str) -> SafeString:
    """Markdown (CommonMark and bare links) to cleaned HTML without pictures.

    Headings become h3 and h4. Only http, https and mailto links survive. What was rendered is
    kept for the next reader of the same text.
    """
    tokens = _renderer.parse(text[:MAX_LENGTH])
    for token in tokens:
        token.tag = _HEADINGS.get(token.tag, token.tag)
    html = _renderer.renderer.render(tokens, _renderer.options, {})
    return mark_safe(  # noqa: S308 - this is where it becomes safe
        nh3.clean(
            html,
            tags=_TAGS,
            attributes={"a": {"href"}, "*": set()},
            url_schemes={"http", "https", "mailto"},
            link_rel="nofollow noopener",
        )
    )


def plain_summary(text: str, length: int = 160) -> str:
    """The first words of a Markdown text without its markup, for cards and pasted links."""
    words = nh3.clean(_renderer.render(text[:MAX_LENGTH]), tags=set())
    return Truncator(" ".join(unescape(words).split())).chars(length)
