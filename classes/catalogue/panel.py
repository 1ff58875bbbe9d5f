"""The filter as a visitor sees it: options with their counts, and chips for what is chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from django.utils.translation import gettext as _

from classes.body.avoiding import AVOID, NOTHING

from .answers import Catalogue, Counts, Found
from .choices import Choices
from .facets import Facet
from .vocabulary import Option, Vocabulary

LIFTED = f"{AVOID}={NOTHING}"
# Long lists of what few look for stay folded until somebody chose from them.
OPEN_AT_FIRST = frozenset({Facet.SHOW, Facet.FOCUS, Facet.LENGTH})


class OptionView(NamedTuple):
    """`number` is that of the classes it would leave; None where none is shown."""

    option: Option
    number: int | None
    is_chosen: bool

    @property
    def is_dead(self) -> bool:
        """It would leave nothing: shown, so that the list stays the same, but disabled."""
        return self.number == 0 and not self.is_chosen


@dataclass(frozen=True)
class FacetView:
    facet: Facet
    options: list[OptionView]

    @cached_property
    def chosen_count(self) -> int:
        return sum(option.is_chosen for option in self.options)

    @property
    def is_open(self) -> bool:
        return self.facet in OPEN_AT_FIRST or self.chosen_count > 0


@dataclass(frozen=True)
class StarterView:
    """A starter set, with the address of this state that avoids exactly what is in it."""

    label: str
    url: str
    is_chosen: bool


@dataclass(frozen=True)
class AvoidView:
    """What the address avoids. What a member keeps is no choice on this page: it is not here."""

    starters: list[StarterView]
    movements: list[OptionView]

    @property
    def chosen_count(self) -> int:
        return sum(movement.is_chosen for movement in self.movements)


@dataclass(frozen=True)
class OwnSet:
    """What a member keeps as avoided, beside what this page's address says."""

    labels: list[str]  # empty where nothing is kept
    choices: Choices
    path: str = ""  # of the page, where it is not the catalogue

    @property
    def applies(self) -> bool:
        """Because the address says nothing."""
        return bool(self.labels) and self.choices.avoid is None

    @property
    def is_lifted(self) -> bool:
        """Because the address says "none"."""
        return bool(self.labels) and self.choices.avoid == ()

    @property
    def can_be_kept(self) -> bool:
        """The address avoids something else: it could be kept instead."""
        choices = self.choices
        return bool(choices.avoid) and set(choices.avoids) != set(choices.saved)

    @property
    def url(self) -> str:
        """This state with what is kept."""
        return self.path or self.choices.avoiding(None).address

    @property
    def url_without(self) -> str:
        """And with nothing left out."""
        return f"{self.path}?{LIFTED}" if self.path else self.choices.avoiding(()).address


@dataclass(frozen=True)
class LeftOutView:
    """Classes that are left out for what the visitor avoids, and where the unchecked are listed."""

    containing: int
    unchecked: int
    url: str

    @property
    def total(self) -> int:
        return self.containing + self.unchecked


@dataclass(frozen=True)
class Chip:
    """A choice, with the address of the same catalogue without it."""

    label: str
    url: str
    language: str = ""
    is_words: bool = False


@dataclass(frozen=True)
class WayOut:
    """A choice to give up where nothing was found, and how many classes that would leave."""

    label: str
    url: str
    count: int


def facet_views(vocabulary: Vocabulary, choices: Choices, counts: Counts) -> list[FacetView]:
    """Facets that have anything to choose from."""
    return [
        FacetView(
            facet,
            [
                OptionView(
                    option, counts.of(facet, option.value), option.value in choices.of(facet)
                )
                for option in options
            ],
        )
        for facet in Facet
        if (options := vocabulary.options[facet])
    ]


def avoid_view(vocabulary: Vocabulary, choices: Choices) -> AvoidView:
    """The starter sets and every movement; no movements, nothing to avoid."""
    chosen = frozenset(choices.avoid or ())

    urls = choices.addresses_avoiding(option.movements for option in vocabulary.avoid_sets)
    return AvoidView(
        [
            StarterView(option.label, url, frozenset(option.movements) == chosen)
            for option, url in zip(vocabulary.avoid_sets, urls, strict=True)
        ],
        [OptionView(option, None, option.value in chosen) for option in vocabulary.movements],
    )


def left_out(choices: Choices, counts: Counts) -> LeftOutView | None:
    """None where nothing is left out, and on the list of the unchecked itself."""
    if choices.unchecked or not (counts.left_out.containing or counts.left_out.unchecked):
        return None
    url = choices.showing_unchecked(True).address
    return LeftOutView(counts.left_out.containing, counts.left_out.unchecked, url)


def own_set(vocabulary: Vocabulary, choices: Choices, path: str = "") -> OwnSet:
    """For a page of a member; `choices.saved` is what they keep.

    `path` is that of the page, where it is not the catalogue.
    """
    labels = [option.label for option in vocabulary.movements if option.value in choices.saved]
    return OwnSet(labels, choices, path)


def chips(vocabulary: Vocabulary, choices: Choices) -> list[Chip]:
    """One for each choice that the address makes."""
    found = []
    if choices.q:
        label = _("“%(words)s”") % {"words": choices.q}
        found.append(Chip(label, choices.without_words().address, is_words=True))
    for facet in Facet:
        for value in choices.of(facet):
            if option := vocabulary.find(facet, value):
                url = choices.without(facet, value).address
                found.append(Chip(option.label, url, option.language))
    for slug in choices.avoid or ():
        if option := vocabulary.find_movement(slug):
            label = _("Without: %(movement)s") % {"movement": option.label}
            # Without the last of them the address says nothing, and a member's own set applies.
            others = [other for other in choices.avoid or () if other != slug] or None
            found.append(Chip(label, choices.avoiding(others).address))
    if choices.unchecked:
        found.append(Chip(_("Not checked yet"), choices.showing_unchecked(False).address))
    if choices.hides_done:
        found.append(Chip(_("Without what you have done"), choices.showing_done().address))
    return found


def ways_out(catalogue: Catalogue, choices: Choices, found: Found | None = None) -> list[WayOut]:
    """Which one choice to give up to find something, best first.

    Of a facet that widens all values go at once: without only one it would find less. What is
    avoided is never offered: nobody is talked into what hurts.
    """
    vocabulary = catalogue.vocabulary
    states = [(_("the words"), choices.without_words())] if choices.q else []
    for facet in Facet:
        chosen = [vocabulary.find(facet, value) for value in choices.of(facet)]
        labels = [option.label for option in chosen if option]
        if facet.narrows:
            states += [
                (label, choices.without(facet, value))
                for label, value in zip(labels, choices.of(facet), strict=True)
            ]
        elif chosen:
            states.append((", ".join(labels), choices.without_facet(facet)))
    if choices.done:
        states.append((_("hiding what you have done"), choices.showing_done()))
    if not states:
        return []
    numbers: Sequence[int] = catalogue.count_each([state for _label, state in states], found)
    ways = [
        WayOut(label, state.address, number)
        for (label, state), number in zip(states, numbers, strict=True)
        if number
    ]
    return sorted(ways, key=lambda way: -way.count)
