"""Addresses are promises: a page that moved answers under its former slug with the way to it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from classes.models import Exercise, FocusTag, Instructor


def moved(request: HttpRequest, address: str) -> HttpResponse:
    """301 that keeps the query."""
    query = request.META.get("QUERY_STRING", "")
    return redirect(f"{address}?{query}" if query else address, permanent=True)


def redirect_to_new_address(
    request: HttpRequest, kind: type[Exercise | FocusTag | Instructor], slug: str
) -> HttpResponse:
    """To the page that once had this slug, for kinds that everybody may see.

    Http404 if there was none.
    """
    former = kind.moved_from(slug)
    if former is None:
        raise Http404
    return moved(request, former.get_absolute_url())
