"""How long ago something was said."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

_HOUR = 60 * 60
_DAY = 24 * _HOUR


def ago(moment: datetime) -> str:
    """In the largest unit that is full, e.g. "1 year ago"; "just now" for less than a minute.

    A moment in the future is "just now" too: clocks differ, and nothing was said tomorrow.
    """
    seconds = int((timezone.now() - moment).total_seconds())
    days = seconds // _DAY
    if seconds < 60:
        return _("just now")
    if seconds < _HOUR:
        number = seconds // 60
        text = ngettext("%(number)d minute ago", "%(number)d minutes ago", number)
    elif days < 1:
        number = seconds // _HOUR
        text = ngettext("%(number)d hour ago", "%(number)d hours ago", number)
    elif days < 7:
        number = days
        text = ngettext("%(number)d day ago", "%(number)d days ago", number)
    elif days < 30:
        number = days // 7
        text = ngettext("%(number)d week ago", "%(number)d weeks ago", number)
    elif days < 365:
        number = max(1, days * 12 // 365)
        text = ngettext("%(number)d month ago", "%(number)d months ago", number)
    else:
        number = days // 365
        text = ngettext("%(number)d year ago", "%(number)d years ago", number)
    return text % {"number": number}


def ago_until(moment: datetime, now: datetime) -> datetime:
    """The first moment after `now` at which `ago` may say something else."""
    seconds = int((now - moment).total_seconds())
    days = seconds // _DAY
    if seconds < _HOUR:
        following = max(60, (seconds // 60 + 1) * 60)
    elif days < 1:
        following = (seconds // _HOUR + 1) * _HOUR
    elif days < 7:
        following = (days + 1) * _DAY
    elif days < 30:
        following = min((days // 7 + 1) * 7, 30) * _DAY
    elif days < 365:
        # The twelfth of a year is no whole number of days; the month ends in the next one's.
        months = max(1, days * 12 // 365)
        following = min(-(-(months + 1) * 365 // 12), 365) * _DAY
    else:
        following = (days // 365 + 1) * 365 * _DAY
    return moment + timedelta(seconds=following)
