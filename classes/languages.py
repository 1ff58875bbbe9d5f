"""Spoken languages by their BCP 47 tags: canonical form, name, direction."""

import re
from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

_TAG = re.compile(r"[a-z]{2,3}(-[a-z]{4})?(-([a-z]{2}|[0-9]{3}))?", re.IGNORECASE)


def canonical_tag(tag: str) -> str:
    """`PT-br` becomes `pt-BR`, `ZH-hans` becomes `zh-Hans` (RFC 5646, section 2.1.1).

    ValueError where the text has not the shape language[-Script][-REGION].
    """
    if not _TAG.fullmatch(tag):
        raise ValueError(tag)
    primary, *rest = tag.split("-")
    return "-".join(
        [primary.lower(), *(part.title() if len(part) == 4 else part.upper() for part in rest)]
    )


def validate_language(tag: str) -> None:
    """Django validator: accepts only the canonical form, so that a tag is stored one way."""
    try:
        canonical = canonical_tag(tag)
    except ValueError:
        raise ValidationError(
            _("“%(tag)s” is no language tag. Write it like en, pt-BR or zh-Hans."),
            params={"tag": tag},
        ) from None
    if canonical != tag:
        raise ValidationError(
            _("Write “%(canonical)s” instead of “%(tag)s”."),
            params={"canonical": canonical, "tag": tag},
        )


def primary_subtag(tag: str) -> str:
    return tag.split("-")[0].lower()


def is_studio_language(tag: str) -> bool:
    """Whether this is the language that the studio teaches in; regions do not matter."""
    return primary_subtag(tag) == primary_subtag(settings.STUDIO_LANGUAGE)


def language_name(tag: str) -> str:
    """The language's name in the reader's language, or the tag where it is not known."""
    try:
        return get_language_info(tag.lower())["name_translated"]
    except KeyError:
        return tag


@lru_cache(maxsize=1_000)  # the same in every language
def own_name(tag: str) -> str:
    """The language's name in itself, as its speakers look for it in a menu.

    Capitalised, for it stands alone; many languages write it small in a sentence.
    """
    try:
        return capfirst(get_language_info(tag.lower())["name_local"])
    except KeyError:
        return tag


def direction(tag: str) -> str:
    """`rtl` or `ltr`."""
    try:
        return "rtl" if get_language_info(tag.lower())["bidi"] else "ltr"
    except KeyError:
        return "ltr"
