"""The member's clock: for their own request only, and read only where a date is shown."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.http import HttpResponse
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone
from django.utils.timezone import get_current_timezone, make_aware
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Member
from accounts.time_zones import MemberTimeZone, TimeZoneMiddleware, grouped_time_zones
from tests.factories import make_member

MOMENT = datetime(2026, 7, 1, 12, tzinfo=UTC)


def shown(_request) -> HttpResponse:
    clock = Template("{{ moment|date:'H:i' }}").render(Context({"moment": MOMENT}))
    return HttpResponse(clock)


def request_of(member):
    request = RequestFactory().get("/")
    request.user = member
    request.COOKIES["session"] = "x"
    return request


@pytest.mark.parametrize(
    ("name", "clock"),
    [
        ("Asia/Tokyo", "21:00"),
        ("America/Sao_Paulo", "09:00"),
        ("", "12:00"),
        ("Atlantis/Harbour", "12:00"),  # a zone that this machine does not know
    ],
)
def test_dates_are_in_the_members_zone(name, clock):
    response = TimeZoneMiddleware(shown)(request_of(Member(time_zone=name)))

    assert response.content.decode() == clock
    assert get_current_timezone() == timezone.get_default_timezone()


def test_the_zone_is_left_even_when_a_page_breaks():
    def breaks(_request):
        raise ValueError

    with pytest.raises(ValueError):
        TimeZoneMiddleware(breaks)(request_of(Member(time_zone="Asia/Tokyo")))

    assert get_current_timezone() == timezone.get_default_timezone()


def test_a_page_without_a_date_does_not_ask_who_reads_it():
    class Unasked:
        @property
        def user(self):
            raise AssertionError("the member was read")

        COOKIES = {"session": "x"}

    assert TimeZoneMiddleware(lambda _request: HttpResponse("ok"))(Unasked()).content == b"ok"


def test_a_visitor_without_a_session_is_not_asked():
    request = RequestFactory().get("/")  # has no user, and would break if it were asked for

    assert TimeZoneMiddleware(shown)(request).content == b"12:00"


@given(
    st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)),
    st.sampled_from(["Europe/Lisbon", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"]),
)
def test_it_tells_the_time_as_the_zone_itself_does(naive, name):
    zone, ours = ZoneInfo(name), MemberTimeZone(request_of(Member(time_zone=name)))

    assert naive.replace(tzinfo=UTC).astimezone(ours) == naive.replace(tzinfo=UTC).astimezone(zone)
    assert make_aware(naive, ours).utcoffset() == make_aware(naive, zone).utcoffset()
    assert make_aware(naive, ours).dst() == make_aware(naive, zone).dst()
    assert str(ours) == name


def test_zones_are_grouped_by_region_and_cities_are_readable():
    groups = dict(grouped_time_zones())

    assert ("America/Argentina/Buenos_Aires", "Argentina – Buenos Aires") in groups["America"]
    assert "US" not in groups
    assert list(groups) == sorted(groups)


@pytest.mark.django_db
def test_a_signed_in_page_reads_session_and_member_once(client, django_assert_num_queries):
    member = make_member(time_zone="Asia/Tokyo")
    client.force_login(member)

    with django_assert_num_queries(4):  # session, member, memberships, departure
        client.get("/accounts/profile/")
