"""Addresses that pages say again and again: of two dozen classes each."""

from functools import cache

from django.urls import get_script_prefix, reverse

# No slug begins with it, and no address changes it.
_ANY_SLUG = "-any-slug-"


def address_of(name: str, slug: str) -> str:
    """As `reverse(name, args=[slug])` gives it, which takes ten times as long."""
    return _address_of_any(name, get_script_prefix()).replace(_ANY_SLUG, slug)


@cache
def _address_of_any(name: str, prefix: str) -> str:
    """`prefix` is the active one: what is kept must not be said under another."""
    return reverse(name, args=[_ANY_SLUG])
