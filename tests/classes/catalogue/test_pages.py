"""Turning the pages of a list."""

import pytest

from classes.catalogue import Reason
from classes.catalogue.pages import turn_to, turn_to_text


@pytest.mark.parametrize(
    ("number", "total", "shown", "last"), [(1, 0, 1, 1), (1, 24, 1, 1), (2, 25, 2, 2)]
)
def test_page_that_is_there(number, total, shown, last):
    page, ignored = turn_to(number, total)

    assert (page.number, page.paginator.num_pages, ignored) == (shown, last, None)


def test_page_past_the_end_is_the_first_and_says_so():
    page, ignored = turn_to(3, 25)

    assert page.number == 1
    assert (ignored.text, ignored.reason) == ("3", Reason.PAST_THE_END)


@pytest.mark.parametrize("text", ["x", "0", "9" * 30])
def test_page_that_is_none_is_the_first_and_says_so(text):
    page, ignored = turn_to_text(text, 25)

    assert page.number == 1
    assert (ignored.text, ignored.reason) == (text, Reason.MEANS_NOTHING)


def test_no_page_is_the_first():
    page, ignored = turn_to_text("", 25)

    assert (page.number, ignored) == (1, None)
