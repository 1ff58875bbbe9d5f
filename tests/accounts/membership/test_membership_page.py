"""A member's own page of what opens the films to them, and what stays."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from tests.factories import make_member, make_membership

pytestmark = pytest.mark.django_db

PAGE = "/accounts/membership/"
NOW = datetime(2050, 5, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def noon(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def member(client):
    member = make_member()
    client.force_login(member)
    return member


def test_the_page_is_for_members(client):
    response = client.get(PAGE)

    assert response.status_code == 302
    assert response["Location"] == f"{reverse('account_login')}?next={PAGE}"


def test_the_page_takes_nothing(client, member):
    assert client.post(PAGE).status_code == 405


def test_what_ended_is_said_with_what_stays(client, member):
    trial = {"starts_at": NOW - 21 * DAY, "ends_at": NOW - 7 * DAY, "source": "trial"}
    make_membership(member, **trial)

    page = client.get(PAGE).content.decode()

    assert "Your trial ended on May 3, 2050." in page
    assert "What you saved, your history and your comments stay as they are." in page
    assert f'href="{reverse("classes:my")}"' in page
    assert f'href="{reverse("classes:list")}"' in page


def test_what_runs_is_said_until_its_last_day(client, member):
    make_membership(member, ends_at=datetime(2050, 6, 1, tzinfo=UTC))

    page = client.get(PAGE).content.decode()

    assert "You may watch every class until May 31, 2050." in page
    assert "When your membership ends, what you saved" in page
    assert "ask the studio" not in page


def test_the_days_are_those_of_the_readers_clock(client):
    member = make_member(time_zone="Asia/Tokyo")
    make_membership(member, ends_at=datetime(2050, 6, 1, tzinfo=UTC))
    client.force_login(member)

    assert "until June 1, 2050." in client.get(PAGE).content.decode()


def test_all_memberships_are_listed_with_their_source(client, member):
    make_membership(member, starts_at=NOW - 90 * DAY, ends_at=NOW - 76 * DAY, source="trial")
    make_membership(member, starts_at=NOW - 9 * DAY, source="payment", reference="sub_secret")
    make_membership(member, starts_at=NOW - 30 * DAY, ends_at=NOW, note="Ask her to pay")
    make_membership(make_member(), note="Somebody else")

    page = client.get(PAGE).content.decode()

    places = [
        page.index(f"<strong>{name}</strong>")
        for name in ("Payment", "Given by the studio", "Trial")
    ]
    assert places == sorted(places)
    assert page.count("<strong>") == 3
    assert "without an end" in page
    # What curators write is for curators.
    assert "Ask her to pay" not in page
    assert "sub_secret" not in page


def test_whoever_never_had_one_is_told(client, member):
    page = client.get(PAGE).content.decode()

    assert "You have never had a membership." in page


def test_the_profile_says_it_too_and_leads_there(client, member):
    make_membership(member, starts_at=NOW - 9 * DAY, ends_at=NOW - DAY)

    page = client.get(reverse("accounts:profile")).content.decode()

    assert "Your membership ended on May 9, 2050." in page
    assert f'href="{PAGE}"' in page


@pytest.mark.parametrize("count", [1, 8])
def test_the_page_costs_the_same_whatever_there_was(
    client, member, django_assert_max_num_queries, count
):
    for number in range(count):
        make_membership(member, starts_at=NOW - (number + 1) * DAY, ends_at=NOW + number * DAY)

    with django_assert_max_num_queries(4):  # session, member, memberships, what the header asks
        client.get(PAGE)
