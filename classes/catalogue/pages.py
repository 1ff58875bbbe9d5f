"""Turning the pages of a list."""

from django.core.paginator import Page, Paginator

from .answers import PAGE_SIZE
from .choices import Ignored, Reason, page_number


def turn_to(number: int, total: int) -> tuple[Page, Ignored | None]:
    """That page of a list of `total` things, or the first and why.

    The page knows where it stands; what is on it comes from elsewhere, by its number.
    """
    paginator = Paginator(range(total), PAGE_SIZE)
    if number > paginator.num_pages:
        return paginator.page(1), Ignored("page", str(number), Reason.PAST_THE_END)
    return paginator.page(number), None


def turn_to_text(text: str, total: int) -> tuple[Page, Ignored | None]:
    """The same for a page as an address gives it; no text is the first page."""
    number = page_number(text)
    if text and number is None:
        return turn_to(1, total)[0], Ignored.quoting("page", text)
    return turn_to(number or 1, total)
