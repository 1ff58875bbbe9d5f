"""What a visitor avoids, for pages that mark it and leave nothing out."""

from collections.abc import Container

from django.http import HttpRequest

from classes.body.avoiding import AVOID, NOTHING, Avoided, avoided_by
from classes.catalogue import Ignored


def avoided_on_page(
    request: HttpRequest, known_slugs: Container[str]
) -> tuple[Avoided, list[Ignored]]:
    """What to mark, and what of the address meant nothing. Queries as `avoided_by`."""
    given = dict.fromkeys(value for value in request.GET.getlist(AVOID) if value.strip())
    ignored = [
        Ignored.quoting(AVOID, value)
        for value in given
        if value not in known_slugs and value != NOTHING
    ]
    return avoided_by(request, known_slugs), ignored
