"""Every address of the site, filled in with something of the right kind."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.urls import URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

_SAMPLES = {
    "int": "1",
    "slug": "something",
    "str": "something",
    "uuid": "7d3c2b1a-0f4e-4c5d-8b6a-9e8f7d6c5b4a",
    "path": "pictures/something.jpg",
}


def every_address() -> list[str]:
    """Sorted paths, one for each pattern; admin and allauth included."""
    return sorted(set(_addresses(get_resolver().url_patterns, "/")))


def _addresses(patterns: Iterable[Any], prefix: str) -> Iterator[str]:
    for entry in patterns:
        path = prefix + _filled_in(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _addresses(entry.url_patterns, path)
        elif "(" not in path:  # the admin's catch-all
            yield path


def _filled_in(pattern: Any) -> str:
    if isinstance(pattern, RoutePattern):
        return re.sub(
            r"<(?:(\w+):)?\w+>", lambda found: _SAMPLES[found[1] or "str"], str(pattern._route)
        )
    regex = re.sub(r"\(\?P<\w+>[^)]*\)", "something", str(pattern))
    return regex.removeprefix("^").removesuffix("$").replace("\\", "")
