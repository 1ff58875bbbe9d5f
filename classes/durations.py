"""Lengths of films, the same everywhere they are shown or filtered."""

import re
from datetime import timedelta

_CLOCK = re.compile(r"[0-9]{1,5}(:[0-9]{1,2}){0,2}", re.ASCII)


def whole_minutes(duration: timedelta) -> int:
    """Minutes rounded half up, at least 1: the number on cards and in length bands."""
    return max(1, int(duration.total_seconds() / 60 + 0.5))


def clock(duration: timedelta) -> str:
    """`24:10`, or `1:04:10` from an hour on. Fractions of a second are dropped."""
    seconds = int(duration.total_seconds())
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def read_clock(text: str) -> int:
    """Seconds of `24:10`, `1:04:10` or `90`. ValueError where the text is nothing like that."""
    if not _CLOCK.fullmatch(text):
        raise ValueError(f"{text!r} is no clock")
    numbers = [int(part) for part in text.split(":")]
    if any(number >= 60 for number in numbers[1:]):  # 24:70 is a slip
        raise ValueError(f"{text!r} is no clock")
    return sum(number * 60**power for power, number in enumerate(reversed(numbers)))


def iso_duration(duration: timedelta) -> str:
    """ISO 8601, e.g. `PT20M30S`, for schema.org and `<time datetime>`. ValueError if negative."""
    if duration < timedelta(0):
        raise ValueError(duration)
    hours, rest = divmod(int(duration.total_seconds()), 3600)
    minutes, seconds = divmod(rest, 60)
    parts = [(hours, "H"), (minutes, "M"), (seconds, "S")]
    return "PT" + ("".join(f"{number}{unit}" for number, unit in parts if number) or "0S")
