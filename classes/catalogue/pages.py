"""Pages of a list whose length is known."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.core.paginator import Paginator

from .sql import PAGE_SIZE


@dataclass(frozen=True)
class PageLink:
    """`url` is empty for the page shown; `number` is None for a gap."""

    number: int | None
    url: str = ""


@dataclass(frozen=True)
class Pages:
    """Where a visitor stands in a list of `total` things."""

    number: int  # from 1; the caller has made sure that it is not past the end
    total: int
    address: Callable[[int], str]  # of a page by its number

    @property
    def last(self) -> int:
        return last_page(self.total)

    @property
    def previous(self) -> str:
        return self.address(self.number - 1) if self.number > 1 else ""

    @property
    def next(self) -> str:
        return self.address(self.number + 1) if self.number < self.last else ""

    def __iter__(self) -> Iterator[PageLink]:
        """First and last page and those around this one, with gaps between."""
        paginator = Paginator(range(self.total), PAGE_SIZE)
        for number in paginator.get_elided_page_range(self.number, on_each_side=1, on_ends=1):
            if isinstance(number, str):
                yield PageLink(None)
            else:
                yield PageLink(number, "" if number == self.number else self.address(number))


def last_page(total: int) -> int:
    """At least 1: an empty list has one empty page."""
    return max(1, -(-total // PAGE_SIZE))
