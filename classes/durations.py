"""Lengths of films, the same everywhere they are shown or filtered."""

from datetime import timedelta


def whole_minutes(duration: timedelta) -> int:
    """Minutes rounded half up, at least 1: the number on cards and in length bands."""
    return max(1, int(duration.total_seconds() / 60 + 0.5))


def clock(duration: timedelta) -> str:
    """`24:10`, or `1:04:10` from an hour on. Fractions of a second are dropped."""
    seconds = int(duration.total_seconds())
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def iso_duration(duration: timedelta) -> str:
    """ISO 8601, e.g. `PT20M30S`, for schema.org and `<time datetime>`. ValueError if negative."""
    if duration < timedelta(0):
        raise ValueError(duration)
    hours, rest = divmod(int(duration.total_seconds()), 3600)
    minutes, seconds = divmod(rest, 60)
    parts = [(hours, "H"), (minutes, "M"), (seconds, "S")]
    return "PT" + ("".join(f"{number}{unit}" for number, unit in parts if number) or "0S")
