"""Markup that is kept for everybody, with holes for what is one reader's own.

A hole is a comment that nobody can write: its mark is drawn by each process anew, and what is kept
never leaves the process.
"""

import re
from collections.abc import Hashable, Mapping
from secrets import token_hex
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from classes.kept import Latest

_MARK = token_hex(16)
_HOLE = re.compile(rf"<!--{_MARK} ([a-z0-9_-]+)-->")

# Stands in addresses, where no comment can, for the token of a film.
TOKEN = f"0-0-{token_hex(16)}"


def hole(name: str) -> SafeString:
    """What to write in the place of something that is filled in for each reader."""
    return SafeString(f"<!--{_MARK} {name}-->")


def pieces(html: str) -> list[str]:
    """Markup and names of holes in turn; the first and the last are markup."""
    return _HOLE.split(html)


def filled(kept: list[str], contents: Mapping[str, str]) -> str:
    """Everything together. A hole for which there is nothing stays empty."""
    whole = [*kept]
    whole[1::2] = [contents.get(name, "") for name in kept[1::2]]
    return "".join(whole)


# By the template, the language, what is shared, and which of the reader's own there is.
_rendered: Latest[tuple[Hashable, ...], list[str]] = Latest(2_000)


def rendered(template: str, own: Mapping[str, Any], /, **shared: Hashable) -> SafeString:
    """A template as one reader gets it, rendered once for all of whom `shared` is true.

    What is a reader's `own` the template writes as it is and passes to no filter: it is given holes
    for it, or "" where there is nothing, which it may ask. Filled in escaped, unless it is safe.
    Made without a request, so that nothing else of a reader can be in it, and for every language;
    a moment, which depends on the time zone, is for the caller to write.
    """
    there = tuple(name for name, value in own.items() if value != "")
    kept = with_holes(template, there, tuple(own), **shared)
    return SafeString(filled(kept, {name: conditional_escape(own[name]) for name in there}))


def with_holes(
    template: str, there: tuple[str, ...], names: tuple[str, ...] = (), /, **shared: Hashable
) -> list[str]:
    """The same in pieces, for who fills them in again and again, with what is escaped.

    `there` are the reader's own that there is; of other `names` the template hears that there is
    nothing.
    """
    key = (template, get_language(), *shared.items(), *there)
    kept = _rendered.get(key)
    if kept is None:
        holes = dict.fromkeys(names, "") | {name: hole(name) for name in there}
        kept = pieces(render_to_string(template, {**shared, **holes}))
        if not settings.DEBUG:  # who edits a template sees it at once
            _rendered.keep(key, kept)
    return kept
