"""Compresses what is text."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

_TEXT = (
    "text/",
    "application/json",
    "application/xml",
    "application/atom+xml",
    "application/vnd.apple.mpegurl",  # a line for every four seconds of a film
    "image/svg+xml",
)


class TextGZipMiddleware(GZipMiddleware):
    """Leaves films and pictures as they are.

    Django's own would compress every stream and drop its length, and a range of a film with it.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if not response.get("Content-Type", "").startswith(_TEXT):
            return response
        return super().process_response(request, response)
