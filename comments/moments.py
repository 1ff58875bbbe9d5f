"""How long ago something was said."""

from datetime import datetime

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
