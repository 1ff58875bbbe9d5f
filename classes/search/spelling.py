"""What a visitor probably meant, where nothing was found."""

from collections.abc import Iterable
from difflib import SequenceMatcher
from itertools import islice, product
from math import prod
from typing import NamedTuple

from django.db import connection
from django.db.models import Count, IntegerField, Value
from django.db.models.expressions import RawSQL

from classes.models import WorkoutClass

from .engines import engine
from .words import asked, fold, root

_ALIKE = 0.7  # of 1, as difflib measures it
_NEAREST = 3  # that are tried for each word
_TRIED = 8  # ways to spell the whole


class _Guess(NamedTuple):
    word: str
    likeness: float


def suggestion(q: str) -> str:
    """The words as they are probably spelt, where that finds a listed class; else ''.

    For when nothing was found. Two queries; tens of milliseconds of CPU on SQLite.
    """
    words = asked(q)
    guesses = _guesses(words) if words else {}
    choices = [guesses.get(word, [_Guess(word, 1)]) for word in words]
    tried = sorted(
        islice(product(*choices), _TRIED),
        key=lambda guessed: -prod(guess.likeness for guess in guessed),
    )
    spelt = [tuple(guess.word for guess in guessed) for guessed in tried]
    return " ".join(_first_that_finds([each for each in spelt if each != words]))


def _guesses(words: tuple[str, ...]) -> dict[str, list[_Guess]]:
    """For each word that nothing begins with: the nearest known ones, the best first."""
    alike, parameters = engine().words_alike(words)
    candidates: dict[str, set[tuple[str, str]]] = {word: set() for word in words}
    with connection.cursor() as cursor:
        cursor.execute(alike, parameters)
        for word, known, folded in cursor:
            candidates[word].add((known, folded))
    return {
        word: _nearest(fold(word), known) or [_Guess(word, 1)]
        for word, known in candidates.items()
        if not any(folded.startswith(root(word)) for _known, folded in known)
    }


def _nearest(word: str, known: Iterable[tuple[str, str]]) -> list[_Guess]:
    matcher = SequenceMatcher(b=word, autojunk=False)
    found = []
    for each, folded in known:
        matcher.set_seq1(folded)
        if matcher.real_quick_ratio() >= _ALIKE and matcher.quick_ratio() >= _ALIKE:
            found.append(_Guess(each, matcher.ratio()))
    near = sorted(found, key=lambda guess: (-guess.likeness, guess.word))[:_NEAREST]
    return [guess for guess in near if guess.likeness >= _ALIKE]


def _first_that_finds(spelt: list[tuple[str, ...]]) -> tuple[str, ...]:
    """The first of them that finds a listed class, or ()."""
    if not spelt:
        return ()
    counted = [
        WorkoutClass.objects.listed()
        .order_by()
        .filter(pk__in=RawSQL(*engine().matching(words)))  # noqa: S611  (the words are parameters)
        .annotate(place=Value(place, IntegerField()))
        .values("place")
        .annotate(number=Count("pk"))
        .values_list("place", "number")
        for place, words in enumerate(spelt)
    ]
    found = [place for place, number in counted[0].union(*counted[1:], all=True) if number]
    return spelt[min(found)] if found else ()
