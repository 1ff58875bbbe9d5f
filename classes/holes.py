"""Markup that is kept for everybody, with holes for what is one reader's own.

A hole is a comment that nobody can write: its mark is drawn by each process anew, and what is kept
never leaves the process.
"""

import re
from collections.abc import Mapping
from secrets import token_hex

from django.utils.safestring import SafeString

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
    return "".join(
        contents.get(piece, "") if place % 2 else piece for place, piece in enumerate(kept)
    )


def put_in(kept: list[str], name: str, html: str) -> list[str]:
    """With one hole filled by markup that has holes of its own."""
    place = 1 + kept[1::2].index(name) * 2
    first, *others = pieces(html)
    if others:
        *others, last = others
        return [
            *kept[: place - 1],
            kept[place - 1] + first,
            *others,
            last + kept[place + 1],
            *kept[place + 2 :],
        ]
    return [*kept[: place - 1], kept[place - 1] + first + kept[place + 1], *kept[place + 2 :]]
