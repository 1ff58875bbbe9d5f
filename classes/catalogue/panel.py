"""The filter as a visitor sees it: options with their counts, and chips for what is chosen."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from .choices import Choices
from .facets import Facet
from .sql import Counts, count_each
from .vocabulary import Option, Vocabulary

# Long lists of what few look for stay folded until somebody chose from them.
OPEN_AT_FIRST = frozenset({Facet.SHOW, Facet.FOCUS, Facet.LENGTH})


@dataclass(frozen=True)
class OptionView:
    option: Option
    count: int
    is_chosen: bool

    @property
    def is_dead(self) -> bool:
        """It would leave nothing: shown, so that the list stays the same, but disabled."""
        return self.count == 0 and not self.is_chosen


@dataclass(frozen=True)
class FacetView:
    facet: Facet
    options: list[OptionView]

    @property
    def chosen_count(self) -> int:
        return sum(option.is_chosen for option in self.options)

    @property
    def is_open(self) -> bool:
        return self.facet in OPEN_AT_FIRST or self.chosen_count > 0


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


def chips(vocabulary: Vocabulary, choices: Choices) -> list[Chip]:
    found = []
    if choices.q:
        label = _("“%(words)s”") % {"words": choices.q}
        found.append(Chip(label, choices.without_words().address, is_words=True))
    for facet in Facet:
        for value in choices.of(facet):
            if option := vocabulary.find(facet, value):
                url = choices.without(facet, value).address
                found.append(Chip(option.label, url, option.language))
    return found


def ways_out(vocabulary: Vocabulary, choices: Choices) -> list[WayOut]:
    """Which one choice to give up to find something, best first. One query if any was made.

    Of a facet that widens all values go at once: without only one it would find less.
    """
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
    if not states:
        return []
    numbers = count_each([state for _label, state in states])
    ways = [
        WayOut(label, state.address, number)
        for (label, state), number in zip(states, numbers, strict=True)
        if number
    ]
    return sorted(ways, key=lambda way: -way.count)
