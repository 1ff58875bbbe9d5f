"""The filter as a visitor sees it: options with their counts, and chips for what is chosen."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from .choices import Choices
from .facets import Facet
from .sql import Counts
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
