"""What an address asks of the catalogue, and what in it means nothing.

A value that means nothing is left out and said so: an address that was typed, cut off or made up
never ends in an error page, nor in a result that silently answers another question.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Any, Self

from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classes.addresses import address_of
from classes.numbers import whole_number

from .facets import Facet
from .vocabulary import Vocabulary

MAX_QUERY = 100  # characters
MAX_WORDS = 8  # each costs a look through every text
MAX_PAGE = 999_999  # a database counts no offset past 2^63
MAX_SAID = 12  # things left out that the page names one by one
AVOID_NOTHING = "none"  # the value of `avoid` that lifts a saved set
DONE, HIDE_DONE = "done", "hide"  # leaves out what a member has done


class Sort(StrEnum):
    NEWEST = "newest"
    SHORTEST = "shortest"
    LONGEST = "longest"
    DISCUSSED = "discussed"
    RELEVANCE = "relevance"

    @property
    def label(self) -> str:
        return str(_SORT_LABELS[self])


_SORT_LABELS = {
    Sort.NEWEST: gettext_lazy("Newest first"),
    Sort.SHORTEST: gettext_lazy("Shortest first"),
    Sort.LONGEST: gettext_lazy("Longest first"),
    Sort.DISCUSSED: gettext_lazy("Most discussed"),
    Sort.RELEVANCE: gettext_lazy("Best match first"),
}


@dataclass(frozen=True)
class Choices:
    """A state of the catalogue. Values of facets are those of the vocabulary, each once."""

    q: str = ""  # words parted by one blank
    show: tuple[str, ...] = ()
    focus: tuple[str, ...] = ()
    length: tuple[str, ...] = ()
    level: tuple[str, ...] = ()
    apparatus: tuple[str, ...] = ()
    prop: tuple[str, ...] = ()
    instructor: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    # Slugs of movements, as the address gives them: exactly these, or none of them for `()`.
    # None where the address says nothing; then the visitor's saved set applies.
    avoid: tuple[str, ...] | None = None
    saved: tuple[str, ...] = ()  # never written into an address
    # Instead of what suits: classes left out only because nobody checked them for `avoids`.
    unchecked: bool = False
    # A member wants to see only what they have not done yet. The address says no more than that;
    # `done` are the ids of those classes.
    hides_done: bool = False
    done: Sequence[int] = field(default=(), repr=False)
    sort: Sort = Sort.NEWEST
    page: int = 1

    @property
    def avoids(self) -> tuple[str, ...]:
        """What the visitor avoids, wherever it was said."""
        return self.saved if self.avoid is None else self.avoid

    def of(self, facet: Facet) -> tuple[str, ...]:
        return getattr(self, facet)

    @property
    def words(self) -> list[str]:
        return self.q.split()

    @property
    def is_filtered(self) -> bool:
        """Whether fewer classes are asked for than there are."""
        has_chosen = any(self.of(facet) for facet in Facet)
        return bool(self.q or self.avoids or self.hides_done) or has_chosen

    @property
    def default_sort(self) -> Sort:
        return Sort.RELEVANCE if self.q else Sort.NEWEST

    @property
    def sorts(self) -> list[Sort]:
        """The orders that make sense for this state; the first is the default."""
        others = [sort for sort in Sort if sort not in (Sort.RELEVANCE, self.default_sort)]
        return [self.default_sort, *others]

    def choosing(self, values: Mapping[Facet, tuple[str, ...]]) -> Self:
        """This state with other choices of these facets, from the first page on."""
        changes: dict[str, Any] = {facet.value: chosen for facet, chosen in values.items()}
        return replace(self, page=1, **changes)

    def without(self, facet: Facet, value: str) -> Self:
        return self.choosing({facet: tuple(v for v in self.of(facet) if v != value)})

    def without_facet(self, facet: Facet) -> Self:
        return self.choosing({facet: ()})

    def avoiding(self, slugs: Iterable[str] | None) -> Self:
        """This state with exactly these movements avoided; None leaves it to the saved set.

        It shows what suits again: who avoids something else asks another question.
        """
        avoid = None if slugs is None else tuple(dict.fromkeys(slugs))
        return replace(self, avoid=avoid, unchecked=False, page=1)

    def showing_unchecked(self, unchecked: bool) -> Self:
        """This state with, or without, what was left out for want of a check."""
        return replace(self, unchecked=unchecked, page=1)

    def showing_done(self) -> Self:
        """This state with what the member has done."""
        return replace(self, hides_done=False, done=(), page=1)

    def without_words(self) -> Self:
        sort = Sort.NEWEST if self.sort is Sort.RELEVANCE else self.sort
        return replace(self, q="", sort=sort, page=1)

    def addresses_avoiding(self, sets: Iterable[tuple[str, ...]]) -> list[str]:
        """Those of `avoiding` each of these, put together from what they share."""
        before, after = self.avoiding([_ANY_MOVEMENT]).address.split(f"avoid={_ANY_MOVEMENT}")
        return [f"{before}{_avoid(slugs)}{after}" for slugs in sets]

    @cached_property
    def address(self) -> str:
        """The shortest address of this state; what is saved is not in it."""
        parameters: list[tuple[str, str]] = [("q", self.q)] if self.q else []
        for facet in Facet:
            parameters += [(facet.value, value) for value in self.of(facet)]
        if self.avoid is not None:
            parameters += [("avoid", slug) for slug in self.avoid or (AVOID_NOTHING,)]
        if self.unchecked:
            parameters.append(("unchecked", "yes"))
        if self.hides_done:
            parameters.append((DONE, HIDE_DONE))
        if self.sort is not self.default_sort:
            parameters.append(("sort", self.sort.value))
        if self.page > 1:
            parameters.append(("page", str(self.page)))
        path = address_of("classes:list")
        return f"{path}?{urlencode(parameters)}" if parameters else path

    @property
    def link_to_pages(self) -> str:
        """The address of this state up to the number of a page."""
        first = replace(self, page=1).address
        return f"{first}{'&' if '?' in first else '?'}page="


# No slug begins with it, and "avoid=" cannot stand in another parameter unquoted.
_ANY_MOVEMENT = "-any-movement-"


@lru_cache(maxsize=1_000)
def _avoid(slugs: tuple[str, ...]) -> str:
    return urlencode([("avoid", slug) for slug in dict.fromkeys(slugs) or (AVOID_NOTHING,)])


class Reason(StrEnum):
    """Why something in the address was left out."""

    MEANS_NOTHING = "means nothing"
    UNREADABLE = "unreadable"
    TOO_LONG = "too long"
    NEEDS_WORDS = "needs words"
    PAST_THE_END = "past the end"
    SAID_TWICE = "said twice"
    NO_MOVEMENT = "no movement"
    AVOIDS_ALREADY = "avoids already"
    AVOIDS_NOTHING = "avoids nothing"
    NEEDS_SIGN_IN = "needs sign-in"
    AND_MORE = "and more"


@dataclass(frozen=True)
class Ignored:
    """A value that was left out. `text` is safe to show: shortened, nothing unprintable."""

    name: str
    text: str
    reason: Reason = Reason.MEANS_NOTHING

    @classmethod
    def quoting(cls, name: str, text: str, reason: Reason = Reason.MEANS_NOTHING) -> Self:
        """For text as it came: shortened, with what cannot be printed replaced."""
        start = (c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:100])
        return cls(name, Truncator("".join(start)).chars(40), reason)

    @property
    def sentence(self) -> str:
        sentences = {
            Reason.MEANS_NOTHING: _("“%(name)s=%(text)s” means nothing here and was left out."),
            Reason.UNREADABLE: _("The words you looked for could not be read and were left out."),
            Reason.TOO_LONG: _("Only the first words were looked for; “%(text)s” was left out."),
            Reason.NEEDS_WORDS: _(
                "“Best match first” needs words to look for, so it was left out."
            ),
            Reason.PAST_THE_END: _("There is no page %(text)s of this, so here is the first."),
            Reason.SAID_TWICE: _("“%(name)s” was given more than once; “%(text)s” was left out."),
            Reason.NO_MOVEMENT: _(
                "No movement here is called “%(text)s”: the classes below may contain it."
            ),
            Reason.AVOIDS_ALREADY: _(
                "“%(name)s=%(text)s” stood beside movements to avoid. They count, it was left out."
            ),
            Reason.AVOIDS_NOTHING: _(
                "“%(name)s=%(text)s” needs movements to avoid, so it was left out."
            ),
            Reason.NEEDS_SIGN_IN: _(
                "What you have done is known only once you sign in, so nothing was hidden."
            ),
            Reason.AND_MORE: _("More of this address meant nothing here and was left out."),
        }
        return sentences[self.reason] % {"name": self.name, "text": self.text}


def parse(
    parameters: QueryDict,
    vocabulary: Vocabulary,
    saved: Iterable[str] = (),
    *,
    is_member: bool = False,
) -> tuple[Choices, tuple[Ignored, ...]]:
    """What the parameters ask for, and what of them was left out. Runs no query.

    `saved` are the slugs of the movements that the visitor always avoids; what a member has done
    is for the caller to add, where `hides_done`. Parameters that are not the catalogue's, and
    empty ones, are passed over in silence.
    """
    reading = _Reading(parameters, vocabulary)
    words = reading.words()
    choices = Choices(q=words, saved=tuple(dict.fromkeys(saved))).choosing(
        {facet: reading.values_of(facet) for facet in Facet}
    )
    choices = choices.avoiding(reading.avoid())
    choices = choices.showing_unchecked(reading.unchecked(choices))
    hides_done = reading.hides_done(is_member)
    choices = replace(
        choices, hides_done=hides_done, sort=reading.sort(choices), page=reading.page()
    )
    return choices, reading.left_out


@dataclass
class _Reading:
    parameters: QueryDict
    vocabulary: Vocabulary
    ignored: dict[Ignored, None] = field(default_factory=dict)  # each once and in order

    def texts(self, name: str) -> list[str]:
        """The values given, each once and in order."""
        return list(dict.fromkeys(text for text in self.parameters.getlist(name) if text.strip()))

    def ignore(self, name: str, text: str, reason: Reason = Reason.MEANS_NOTHING) -> None:
        self.ignored[Ignored.quoting(name, text, reason)] = None

    @property
    def left_out(self) -> tuple[Ignored, ...]:
        """The first of them; an address that was made up may hold hundreds."""
        every = tuple(self.ignored)
        if len(every) <= MAX_SAID:
            return every
        return *every[:MAX_SAID], Ignored("", "", Reason.AND_MORE)

    def words(self) -> str:
        text = " ".join(self.texts("q"))
        words = list(dict.fromkeys(_UNSEEN.sub("", text).split()))
        if not all(_is_readable(word) for word in words) or (text and not words):
            self.ignore("q", text, Reason.UNREADABLE)
            return ""
        kept = words[:MAX_WORDS]
        while kept and len(" ".join(kept)) > MAX_QUERY:
            kept.pop()
        if len(kept) < len(words):
            self.ignore("q", " ".join(words[len(kept) :]), Reason.TOO_LONG)
        return " ".join(kept)

    def values_of(self, facet: Facet) -> tuple[str, ...]:
        found = {}
        for text in self.texts(facet):
            if option := self.vocabulary.find(facet, text):
                found[option.value] = True
            else:
                self.ignore(facet, text)
        return tuple(found)

    def avoid(self) -> tuple[str, ...] | None:
        texts = self.texts("avoid")
        found = []
        for text in texts:
            if option := self.vocabulary.find_movement(text):
                found.append(option.value)
            elif text != AVOID_NOTHING:
                self.ignore("avoid", text, Reason.NO_MOVEMENT)
        if found and AVOID_NOTHING in texts:
            self.ignore("avoid", AVOID_NOTHING, Reason.AVOIDS_ALREADY)
        return tuple(found) if found or AVOID_NOTHING in texts else None

    def unchecked(self, choices: Choices) -> bool:
        text = self._last("unchecked")
        if text and text != "yes":
            self.ignore("unchecked", text)
        elif text and not choices.avoids:
            self.ignore("unchecked", text, Reason.AVOIDS_NOTHING)
        return text == "yes" and bool(choices.avoids)

    def hides_done(self, is_member: bool) -> bool:
        text = self._last(DONE)
        if text and text != HIDE_DONE:
            self.ignore(DONE, text)
        elif text and not is_member:
            self.ignore(DONE, text, Reason.NEEDS_SIGN_IN)
        return text == HIDE_DONE and is_member

    def sort(self, choices: Choices) -> Sort:
        text = self._last("sort")
        if text == Sort.RELEVANCE and not choices.q:
            self.ignore("sort", text, Reason.NEEDS_WORDS)
        elif text in list(Sort):
            return Sort(text)
        elif text:
            self.ignore("sort", text)
        return choices.default_sort

    def page(self) -> int:
        text = self._last("page")
        number = page_number(text)
        if text and number is None:
            self.ignore("page", text)
        return number or 1

    def _last(self, name: str) -> str:
        *others, last = self.texts(name) or [""]
        for text in others:
            self.ignore(name, text, Reason.SAID_TWICE)
        return last


def page_number(text: str) -> int | None:
    """The number of a page as an address gives it, from 1; None if it is no such number."""
    number = whole_number(text)
    return number if number and number <= MAX_PAGE else None


# What nobody sees comes with pasted text: marks of direction, soft hyphens, byte order marks.
_UNSEEN = re.compile("[\u00ad\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
# Without these an emoji of several parts, or a Persian word, would be another one.
_WITHOUT_JOINERS = str.maketrans("", "", "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}")


def _is_readable(word: str) -> bool:
    """No NUL or other control character, nor what stands for bytes that are not UTF-8."""
    rest = word.translate(_WITHOUT_JOINERS)
    return bool(rest) and rest.isprintable() and "\N{REPLACEMENT CHARACTER}" not in rest
