"""Requests that no view should have to think about."""

import codecs
from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

_REPLACEMENT_CHARACTER = "%EF%BF%BD"


class WellFormedMiddleware:
    """Refuses what cannot be meant, and makes harmless what may be a slip.

    - A body in another encoding than UTF-8 is refused. Some names that Python knows, such as
      `base64`, are no text encodings at all and would fail wherever a parameter is first read.
    - A NUL in a path is refused: file systems and PostgreSQL raise on it.
    - A NUL in a query becomes U+FFFD, which is what Django makes of bytes that are not UTF-8.
      Like those it then matches nothing, and the page says what it left out.
    - A cookie with a NUL is dropped. No raw one gets through a server, but Django unquotes the
      octal `\\000`, and PostgreSQL would be asked for a session of that name.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.encoding and codecs.lookup(request.encoding).name != "utf-8":
            request.encoding = "utf-8"  # the error page reads parameters too
            raise BadRequest("The body is not UTF-8")
        if "\0" in request.path_info:
            raise BadRequest("The path contains a NUL")
        query = request.META.get("QUERY_STRING", "")
        if "%00" in query:
            request.META["QUERY_STRING"] = query.replace("%00", _REPLACEMENT_CHARACTER)
        for name in [name for name, value in request.COOKIES.items() if "\0" in name + value]:
            del request.COOKIES[name]
        return self.get_response(request)
