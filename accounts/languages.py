"""The language a person reads the site in."""

from django.middleware.locale import LocaleMiddleware


class LanguageMiddleware(LocaleMiddleware):
    """Cookie, then the browser's preference."""
