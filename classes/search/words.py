"""Words, as documents and visitors have them: letters and digits, and nothing between.

There is no syntax: quotes, stars, brackets and the like part words, as blanks do. Both databases
get words that are parted already, since each has its own mind about what else parts them.
"""

import re
import unicodedata
from collections.abc import Iterable

MAX_WORDS = 12  # that are looked for; each costs a look through every document
MAX_LENGTH = 40  # of a word, in characters; what is cut off does not count
_MAX_READ = 1000  # characters of what a visitor typed

_WORD = re.compile(r"[^\W_]+")
# Written without blanks: every sign is a word.
_SIGN = re.compile("([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")
# What is seen by nobody stands within words.
_UNSEEN = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_ENDINGS = re.compile(r"(?<=...)(?:ing|ings|ed|es|s|e|y|ies)$")


def split(text: str) -> list[str]:
    """The words of a text in their order, in small letters and with their accents."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _UNSEEN.sub("", text).lower())
        # What marks are left stand upon letters and would part them; no two words differ in them.
        text = "".join(c for c in text if not unicodedata.category(c).startswith("M"))
        text = _SIGN.sub(r" \1 ", text)
    return [word[:MAX_LENGTH] for word in _WORD.findall(text.lower())]


def asked(q: str) -> tuple[str, ...]:
    """The words that a visitor looks for, each once, the first `MAX_WORDS` of them."""
    return tuple(dict.fromkeys(split(q[:_MAX_READ])))[:MAX_WORDS]


def fold(word: str) -> str:
    """The word without its accents."""
    letters = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def folded(texts: Iterable[str]) -> str:
    """All words of the texts, each once, with a blank before and after."""
    words = dict.fromkeys(fold(word) for text in texts for word in split(text))
    return f" {' '.join(words)} " if words else ""


def root(word: str) -> str:
    """The beginning that a word's other forms have too, more or less.

    The databases' own stemmer knows better, and is to be had only within their indexes.
    """
    return _ENDINGS.sub("", fold(word))
