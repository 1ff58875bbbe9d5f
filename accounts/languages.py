"""The language a person reads the site in."""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.encoding import escape_uri_path
from django.utils.http import escape_leading_slashes
from django.utils.translation.trans_real import parse_accept_lang_header


def supported(tag: str) -> str | None:
    """The site's own language that serves a tag (`es-MX` is served by `es`), or None."""
    try:
        return translation.get_supported_language_variant(tag)
    except LookupError:
        return None


def choose_language(request: HttpRequest) -> str:
    """The cookie's language, else the browser's preference, else the studio's.

    Asks no session and no database, so that an anonymous page stays one.
    """
    wishes = [
        request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""),
        *(tag for tag, _q in parse_accept_lang_header(request.headers.get("Accept-Language", ""))),
        settings.STUDIO_LANGUAGE,
    ]
    return next(filter(None, map(supported, wishes)), settings.LANGUAGE_CODE)


def remember_language(response: HttpResponseBase, language: str) -> None:
    """Write the reader's choice into the cookie; an empty one leaves it to the browser again."""
    cookie: dict[str, Any] = {
        "path": settings.LANGUAGE_COOKIE_PATH,
        "domain": settings.LANGUAGE_COOKIE_DOMAIN,
        "samesite": settings.LANGUAGE_COOKIE_SAMESITE,
    }
    if language:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            **cookie,
        )
    else:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, **cookie)


def address_without_lang(request: HttpRequest) -> str:
    """The address that was asked for, less `lang`; every other parameter as it was sent."""
    # `//host/` would be an address on another host.
    path = escape_leading_slashes(escape_uri_path(request.path))
    query = "&".join(
        part
        for part in request.META.get("QUERY_STRING", "").split("&")
        if unquote_plus(part.partition("=")[0]) != "lang"
    )
    # WSGI hands raw bytes over as Latin-1; a header takes them escaped.
    query = "".join(char if char.isascii() else f"%{ord(char):02X}" for char in query)
    return f"{path}?{query}" if query else path


class LanguageMiddleware:
    """Activates the reader's language; `?lang=es` on any page changes it.

    Such a link sets the cookie and leads to the same page without the parameter, so that every
    page keeps one address in all languages.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method in ("GET", "HEAD") and (
            language := supported(request.GET.get("lang", ""))
        ):
            redirect = HttpResponseRedirect("/")
            # Set by hand: the constructor would quote the query once more.
            redirect["Location"] = address_without_lang(request)
            remember_language(redirect, language)
            return redirect

        language = choose_language(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        # Bytes that stream (films, pictures) are the same for every reader.
        if not response.streaming:
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response
