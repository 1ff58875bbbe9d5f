"""The catalogue: every state of its filter has an address."""

from dataclasses import replace

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django_htmx.http import push_url
from django_htmx.middleware import HtmxDetails

from accounts.caching import public_for_visitors
from classes.catalogue import Choices, Ignored, count, page, parse, read_vocabulary
from classes.catalogue.cards import cards_for_hits
from classes.catalogue.pages import turn_to
from classes.catalogue.panel import chips, facet_views, ways_out


class HtmxRequest(HttpRequest):
    """As django_htmx's middleware leaves it."""

    htmx: HtmxDetails


@public_for_visitors
@require_safe
def class_list(request: HtmxRequest) -> HttpResponse:
    """The page, or for htmx the parts of it that a choice changes."""
    vocabulary = read_vocabulary()
    choices, ignored = parse(request.GET, vocabulary)
    counts = count(choices)
    turned, past_the_end = turn_to(choices.page, counts.total)
    if past_the_end:
        choices, ignored = replace(choices, page=1), (*ignored, past_the_end)

    context = {
        "choices": choices,
        "counts": counts,
        "facets": facet_views(vocabulary, choices, counts),
        "chips": chips(vocabulary, choices),
        "ignored": ignored,
        "cards": cards_for_hits(page(choices, choices.page)) if counts.total else [],
        "ways_out": [] if counts.total else ways_out(vocabulary, choices),
        "page": turned,
        "canonical": settings.SITE_URL + canonical_path(request, choices),
        "is_indexed": is_indexed(request, ignored),
    }
    if request.htmx:
        # The shortest address of what is shown: no empty parameters, nothing that was left out.
        return push_url(render(request, "classes/class_list.html#update", context), choices.address)
    return render(request, "classes/class_list.html", context)


def is_indexed(request: HttpRequest, ignored: tuple[Ignored, ...]) -> bool:
    """Whether crawlers may list this state: all classes, a page of them, or a single focus."""
    names = list(request.GET)
    values = [value for name in names for value in request.GET.getlist(name)]
    return not ignored and len(values) <= 1 and names in ([], ["page"], ["focus"])


def canonical_path(request: HttpRequest, choices: Choices) -> str:
    """A single focus has a page of its own; any other state stands for itself."""
    if list(request.GET) == ["focus"] and len(choices.focus) == 1:
        return reverse("classes:focus", args=choices.focus)
    return choices.address
