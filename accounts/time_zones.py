"""The clock a person lives by."""

import zoneinfo
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from functools import cache, cached_property
from itertools import groupby

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import Member

_REGIONS = (
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)


@cache
def grouped_time_zones() -> list[tuple[str, list[tuple[str, str]]]]:
    """For a select: (region, [(IANA name, city)]), both in order. Offsets move; cities do not."""
    names = sorted(
        name for name in zoneinfo.available_timezones() if name.partition("/")[0] in _REGIONS
    )
    return [
        (region, [(name, _city(name)) for name in group])
        for region, group in groupby(names, key=lambda name: name.partition("/")[0])
    ]


def _city(name: str) -> str:
    return name.partition("/")[2].replace("_", " ").replace("/", " – ")


@cache
def is_time_zone(name: str) -> bool:
    return any(name == known for _region, zones in grouped_time_zones() for known, _city in zones)


def zone_of(member: Member | AnonymousUser) -> tzinfo:
    """The zone that a member chose, if this machine knows it, else the studio’s."""
    name = getattr(member, "time_zone", "")
    if name and is_time_zone(name):
        return zoneinfo.ZoneInfo(name)
    return timezone.get_default_timezone()


class MemberTimeZone(tzinfo):
    """The zone of whoever sent a request, looked up when the first date is shown.

    Most answers to a member's browser show no date (films, pictures, redirects), and the member
    would be read from the database for each of them.
    """

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def _zone(self) -> tzinfo:
        return zone_of(self._request.user)

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        return self._zone.utcoffset(moment)

    def dst(self, moment: datetime | None) -> timedelta | None:
        return self._zone.dst(moment)

    def tzname(self, moment: datetime | None) -> str | None:
        return self._zone.tzname(moment)

    def fromutc(self, moment: datetime) -> datetime:
        return self._zone.fromutc(moment.replace(tzinfo=self._zone))

    def __str__(self) -> str:
        """The IANA name: Django hands it to the database."""
        return str(self._zone)


class TimeZoneMiddleware:
    """Dates in a signed-in member's pages are in the zone they chose; else in the studio's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return self.get_response(request)
        with timezone.override(MemberTimeZone(request)):
            return self.get_response(request)
