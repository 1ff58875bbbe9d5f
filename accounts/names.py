"""Display names: what one may look like, and which ones nobody may take.

Floors above keep names that must not be borrowed (an instructor's, say). They hand in a function
with `reserve`, so that this module need not know them.
"""

import unicodedata
from collections.abc import Callable, Iterable
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MIN_LENGTH = 2
MAX_LENGTH = 40


class ReservedName(NamedTuple):
    name: str
    holder_id: int | None
    """The member who may use it all the same; None where nobody may."""


_sources: list[Callable[[], Iterable[ReservedName]]] = []


def reserve(source: Callable[[], Iterable[ReservedName]]) -> None:
    """Have `source` asked for its names each time somebody chooses one. It may query."""
    if source not in _sources:
        _sources.append(source)


# Drawn as nothing, though Unicode files them under letters, marks and symbols: the combining
# grapheme joiner, the fillers of Hangul, Khmer and Mongolian, variation selectors, a blank Braille.
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0") | {
    chr(point) for span in (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0)) for point in span
}
_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})

# Marks that turn the direction of what follows them, beyond the name's own end.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _seen(text: str) -> str:
    return "".join(
        character
        for character in text
        if character not in _UNSEEN and unicodedata.category(character) not in _UNSEEN_CATEGORIES
    )


def fold(name: str) -> str:
    """What two names have in common that a reader could not tell apart by case or spaces.

    Without spaces and invisible characters, in NFKC, case folded. Folding twice changes nothing.
    Letters of different scripts that look alike stay different.
    """
    while True:
        folded = _seen(unicodedata.normalize("NFKC", _seen(name).casefold()))
        if folded == name:
            return folded
        name = folded


def is_reserved(name: str, member_id: int | None = None) -> bool:
    """Whether the name is the studio's, or somebody's who is not this member."""
    folded = fold(name)
    if folded == fold(settings.STUDIO_NAME):
        return True
    holders = {
        reserved.holder_id
        for source in _sources
        for reserved in source()
        if fold(reserved.name) == folded
    }
    return bool(holders) and (member_id is None or member_id not in holders)


def clean_display_name(name: str, member_id: int | None = None) -> str:
    """The name as it is stored: stripped. ValidationError, in words, where it cannot be.

    `member_id` is the one who wants it, if there is an account yet.
    """
    name = name.strip()
    if any(
        character in _TURNING or unicodedata.category(character) in {"Cc", "Zl", "Zp"}
        for character in name
    ):
        raise ValidationError(
            _("A name has letters, spaces and signs, but no line breaks or control characters."),
            code="control",
        )
    if len(_seen(name)) < MIN_LENGTH or len(name) > MAX_LENGTH:
        raise ValidationError(
            _("A name has %(min)d to %(max)d characters."),
            code="length",
            params={"min": MIN_LENGTH, "max": MAX_LENGTH},
        )
    if is_reserved(name, member_id):
        raise ValidationError(
            _("That name belongs to somebody who teaches here. Please choose another."),
            code="reserved",
        )
    return name
