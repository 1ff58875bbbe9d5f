"""Addresses that pages say again and again: of two dozen classes each."""

from functools import cache

from django.urls import get_script_prefix, reverse

_ANY = "-any-part-"  # no address changes it


def address_of(name: str, *parts: str) -> str:
    """As `reverse(name, args=parts)` gives it, which takes ten times as long.

    `parts` are what stands in an address as it is: slugs and tags of languages.
    """
    first, *others = _between(name, len(parts), get_script_prefix())
    return first + "".join([part + then for part, then in zip(parts, others, strict=True)])


@cache
def _between(name: str, number: int, prefix: str) -> list[str]:
    """What stands in front of each part, and behind the last.

    `prefix` is the active one: what is kept must not be said under another.
    """
    return reverse(name, args=[_ANY] * number).split(_ANY)
