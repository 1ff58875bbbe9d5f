"""When a comment was written, as other sites and spreadsheets say it."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

# What says the same everywhere. Days before months only with dots, as nobody does it otherwise.
_FORMATS = (
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%d %B %Y",
    "%d %b %Y",
    "%B %d, %Y",
    "%b %d, %Y",
    "%B %d, %Y %I:%M %p",
    "%B %d, %Y at %I:%M %p",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d %I:%M:%S %p",
    "%Y/%m/%d %I:%M %p",
    "%Y/%m/%d",
)
_SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})\b(.*)", re.DOTALL)
_NEVER = "0000-00-00"  # what a database writes that knows no empty date
_FIRST_YEAR = 1990  # before it there were no sites to comment on: a slip, or a column of numbers
_UNIX = re.compile(r"\d{9,10}")


class Ambiguous(ValueError):
    """4/3/2019 is a day in March or one in April."""


def read_date(text: str, *, is_utc: bool = False) -> datetime | None:
    """The moment, or None for an empty text.

    One without a zone is in the studio's, unless `is_utc`; one without a time is noon, which is
    that day almost everywhere. Raises ValueError, or Ambiguous, which is one.
    """
    text = text.strip()
    if not text or text.startswith(_NEVER):
        return None
    if _UNIX.fullmatch(text):
        return datetime.fromtimestamp(int(text), UTC)
    moment = _parse(text)
    if not timezone.is_aware(moment):
        zone = UTC if is_utc else timezone.get_default_timezone()
        moment = moment.replace(tzinfo=zone)
    if moment.year < _FIRST_YEAR:
        raise ValueError(text)
    return moment.astimezone(UTC)


def _parse(text: str) -> datetime:
    if moment := parse_datetime(text):
        # A date alone is a moment to Python: its midnight.
        return _noon(moment) if parse_date(text) else moment
    if slashes := _SLASHES.fullmatch(text):
        text = _in_order(*slashes.groups())
    for pattern in _FORMATS:
        try:
            moment = datetime.strptime(text, pattern)
        except ValueError:
            continue
        return moment if "%H" in pattern or "%I" in pattern else _noon(moment)
    return parsedate_to_datetime(text)  # as in mail; ValueError


def _in_order(first: str, second: str, year: str, rest: str) -> str:
    """Year first, where only one of the two can be the month."""
    one, other = int(first), int(second)
    if one <= 12 and other <= 12 and one != other:
        raise Ambiguous
    month, day = (other, one) if one > 12 else (one, other)
    return f"{year}/{month}/{day}{rest}"


def _noon(moment: datetime) -> datetime:
    return moment.replace(hour=12, minute=0, second=0, microsecond=0)
