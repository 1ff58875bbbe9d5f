"""What an address avoids, for pages that read nothing else of it."""

from collections.abc import Container

from django.http import HttpRequest

from classes.body.avoiding import AVOID, NOTHING, Avoided, avoided_by
from classes.catalogue import Ignored, Reason


def avoided_on_page(
    request: HttpRequest, known_slugs: Container[str]
) -> tuple[Avoided, list[Ignored]]:
    """What to mark, and what of the address meant nothing. Queries as `avoided_by`."""
    ignored = unknown_movements(request, known_slugs, Reason.MEANS_NOTHING)
    return avoided_by(request, known_slugs), ignored


def unknown_movements(
    request: HttpRequest, known_slugs: Container[str], reason: Reason = Reason.NO_MOVEMENT
) -> list[Ignored]:
    """Values of `avoid` that the studio knows no movement for. Each leaves out less than was asked.

    So a page that leaves classes out must say so: the default reason warns of those that are left.
    """
    given = dict.fromkeys(value for value in request.GET.getlist(AVOID) if value.strip())
    return [
        Ignored.quoting(AVOID, value, reason)
        for value in given
        if value not in known_slugs and value != NOTHING
    ]
