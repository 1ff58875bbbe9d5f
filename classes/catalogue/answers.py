"""What the catalogue answers, as plain data, whoever works it out.

`bitmaps` answers from memory; `sql` asks the database, for as long as the memory is not up to
date, and judges the other in the tests.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

from .facets import Facet

if TYPE_CHECKING:
    from .choices import Choices
    from .vocabulary import Vocabulary

PAGE_SIZE = 24


class _Pair(NamedTuple):
    number: int
    stamp: int


class Version(_Pair):
    """Which catalogue an answer is about; the pair never comes twice (`CatalogueVersion`)."""

    # The same of everything but how much is said: a comment leaves it as it is. It goes with the
    # pair and tells none from another.
    substance: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class LeftOut:
    """Classes that would be there but for what the visitor avoids; no class counts twice."""

    containing: int = 0  # contain it
    unchecked: int = 0  # do not, as far as it is noted, but nobody has checked them for it


@dataclass(frozen=True)
class Counts:
    """How many classes there are, and how many each option would leave.

    An option that would leave none has no entry.
    """

    total: int
    options: Mapping[Facet, Mapping[str, int]]
    # Classes that carry every chosen focus tag and are left out only because nobody has checked
    # them for what the tags promise.
    unchecked: int
    left_out: LeftOut = LeftOut()

    def of(self, facet: Facet, value: str) -> int:
        return self.options[facet].get(value, 0)


@dataclass(frozen=True)
class Hit:
    """A class of the result and the film that its card shows; None where none is ready."""

    class_id: int
    variant_id: int | None


@dataclass(frozen=True)
class Similar:
    """A class like another, and what they have in common. The film is its first."""

    hit: Hit
    focus: tuple[str, ...]  # slugs of the tags that both keep
    movements: tuple[str, ...]  # slugs of the movements that both contain
    same_level: bool
    same_length: bool  # its first film falls into the same band


@dataclass(frozen=True)
class Found:
    """What a search found: the ids of classes, the best first, whether listed or not."""

    class_ids: Sequence[int] = field(default=(), repr=False)


class Catalogue(Protocol):
    """One version of the catalogue. `found` says which classes have `choices.q`, and is needed
    exactly where there is a `q`."""

    @property
    def version(self) -> Version: ...

    @property
    def vocabulary(self) -> "Vocabulary":
        """In the active language."""

    def count(self, choices: "Choices", found: Found | None = None) -> Counts:
        """Counts for every facet.

        An option of a facet that widens is counted with that facet's own choices set aside; one
        of a facet that narrows, with them.
        """

    def page(self, choices: "Choices", number: int, found: Found | None = None) -> tuple[Hit, ...]:
        """The classes of one page in the order asked for; empty past the end.

        `number` is from 1. The film is the first, by `Variant.preference()`, that satisfies
        `show`, `language` and `length`; its length is the one by which classes are sorted.
        """

    def count_each(self, states: Sequence["Choices"], found: Found | None = None) -> list[int]:
        """How many classes each state would find."""

    def newest_by_focus(
        self, slugs: Sequence[str], size: int, avoids: Sequence[str] = ()
    ) -> dict[str, list[Hit]]:
        """The newest classes under each focus tag, at most `size`, none of them left out."""

    def similar(self, class_id: int, size: int, avoids: Sequence[str] = ()) -> tuple[Similar, ...]:
        """Listed classes most like this one, the same for everyone who avoids the same."""
