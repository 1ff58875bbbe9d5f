"""What of every page is its reader's own: the menu of their account, and what they are told."""

from collections.abc import Mapping
from copy import copy
from functools import cache

from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import get_messages
from django.contrib.messages.storage.base import Message
from django.core.cache import caches
from django.http import HttpRequest, QueryDict
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from classes import from_above, holes


def token_of(request: HttpRequest) -> dict[str, str]:
    """The CSRF token of a member for all forms of a page: each would draw its own mask. A visitor's
    page has none, and asking for one would set a cookie."""
    return {"csrf_token": get_token(request)} if request.user.is_authenticated else {}


def header_parts(request: HttpRequest, token: Mapping[str, str]) -> dict[str, str]:
    """What stands in the holes "account" and "messages" of a page."""
    told = list(get_messages(request))
    return {
        "account": account_menu(request, token),
        "messages": _messages(told) if told else _no_messages(),
    }


def _messages(told: list[Message]) -> str:
    # Without the request, of which it needs nothing else.
    return render_to_string("_messages.html", {"messages": told})


@cache
def _no_messages() -> str:
    return _messages([])


def account_menu(request: HttpRequest, token: Mapping[str, str]) -> str:
    """A member's own; a visitor's is the same for all who read the language, and kept."""
    if request.user.is_authenticated:
        return from_above.parts().corner(request, token.get("csrf_token", ""))
    kept, key = caches["fragments"], f"visitors-menu:{get_language()}"
    html = kept.get(key)
    if html is None:
        html = render_to_string("_account_menu.html", {}, as_nobody(request))
        kept.set(key, html)
    return html


def page_in_languages(request: HttpRequest | None) -> SafeString:
    """Links to this page in each language; to the start of it where nobody knows what was asked."""
    others = request.GET.copy() if request else QueryDict(mutable=True)
    others.pop("lang", None)
    query = f"{others.urlencode()}&" if others else ""
    return holes.rendered("_languages.html", {"query": query})


def as_nobody(request: HttpRequest) -> HttpRequest:
    """The same request by nobody, so that nothing of the reader gets into what is kept."""
    nobody = copy(request)
    nobody.user = AnonymousUser()
    nobody.session = {}  # type: ignore[assignment]
    nobody.COOKIES = {}
    return nobody
