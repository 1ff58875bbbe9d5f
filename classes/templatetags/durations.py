"""How the length of a film looks. An unknown length prints nothing."""

from datetime import timedelta

from django import template
from django.utils.translation import ngettext

from classes import durations

register = template.Library()


@register.filter
def clock(duration: timedelta | None) -> str:
    return durations.clock(duration) if duration is not None else ""


@register.filter
def minutes(duration: timedelta | None) -> str:
    """`24 min`, in the reader's language."""
    if duration is None:
        return ""
    number = durations.whole_minutes(duration)
    return ngettext("%(number)s min", "%(number)s min", number) % {"number": number}


@register.filter
def spoken_minutes(duration: timedelta | None) -> str:
    """`24 minutes`, for where there is room and for screen readers."""
    if duration is None:
        return ""
    number = durations.whole_minutes(duration)
    return ngettext("%(number)s minute", "%(number)s minutes", number) % {"number": number}


@register.filter
def iso_duration(duration: timedelta | None) -> str:
    return durations.iso_duration(duration) if duration is not None else ""
