"""What members' pages send although their tokens are old: a sign-in in another tab renews them."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

View = Callable[..., HttpResponse]


def own_page_or_token(view: View) -> View:
    """Takes a form without a valid token too, where the browser says that a page of this site sent
    it, and the form names, as `member`, who is signed in now.

    A page that was opened before a sign-in elsewhere goes on for the same member, and never speaks
    for another one. A browser that says nothing of where a form comes from needs the token.
    """
    with_token = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def judged(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answers = view if _is_of_own_page(request) else with_token
        return answers(request, *args, **kwargs)

    return judged


def _is_of_own_page(request: HttpRequest) -> bool:
    # No page can set this header: its name is the browser's.
    if request.headers.get("Sec-Fetch-Site") != "same-origin":
        return False
    return request.user.is_authenticated and request.POST.get("member") == str(request.user.pk)
