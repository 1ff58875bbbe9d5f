"""Two curators at the same page: neither takes back what the other did, nor what a clock shows."""

from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from threading import Thread

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member, Membership
from tests.factories import make_member, make_membership

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


class _Fields(HTMLParser):
    """What a browser would send of a page's form, untouched."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs) -> None:
        has = dict(attrs)
        if tag == "select":
            self._select = has.get("name", "")
        elif tag == "option" and "selected" in has:
            self._add(self._select, has["value"])
        elif tag == "input" and has.get("type") == "checkbox":
            if "checked" in has:
                self._add(has.get("name"), has.get("value", "on"))
        elif tag == "input":
            self._add(has.get("name"), has.get("value", ""))

    def _add(self, name: str | None, value: str) -> None:
        # Neither buttons, nor rows that are to be copied for a new one.
        if name and "__prefix__" not in name and not name.startswith(("_", "action")):
            self.sent.setdefault(name, []).append(value)


def seen(client, member: Member) -> dict[str, list[str]]:
    page = client.get(reverse("admin:accounts_member_change", args=[member.pk]))
    return _Fields(page.content.decode()).sent


def send(client, member: Member, fields: dict):
    address = reverse("admin:accounts_member_change", args=[member.pk])
    return client.post(address, fields)


@pytest.fixture
def curator(client) -> Member:
    curator = make_member(is_staff=True, is_superuser=True, time_zone="Europe/Madrid")
    client.force_login(curator)
    return curator


def test_a_page_that_is_old_gives_nothing_back(client, curator):
    member, group = make_member(), Group.objects.create(name="Those who curate")
    membership = make_membership(member, ends_at=timezone.now() + 3 * DAY)
    fields = seen(client, member)
    longer = timezone.now() + 30 * DAY
    member.memberships.update(ends_at=longer, note="A month more")
    Member.objects.filter(pk=member.pk).update(is_active=False)
    member.groups.add(group)

    response = send(client, member, fields | {"display_name": "Marta Duarte"})

    assert response.status_code == 302
    member.refresh_from_db()
    membership.refresh_from_db()
    assert (member.display_name, member.is_active) == ("Marta Duarte", False)
    assert list(member.groups.all()) == [group]
    assert (membership.ends_at, membership.note) == (longer, "A month more")


def test_what_both_changed_is_refused_and_kept(client, curator):
    member = make_member()
    membership = make_membership(member, ends_at=timezone.now() + 3 * DAY)
    fields = seen(client, member)
    longer = timezone.now() + 30 * DAY
    member.memberships.update(ends_at=longer)

    typed = {"display_name": "Marta Duarte", "memberships-0-ends_at_0": "2031-05-04"}
    page = send(client, member, fields | typed).content.decode()

    assert "Somebody else has changed this meanwhile." in page
    assert "Marta Duarte" in page
    assert "2031-05-04" in page
    member.refresh_from_db()
    membership.refresh_from_db()
    assert member.display_name != "Marta Duarte"
    assert membership.ends_at == longer


def test_a_right_that_both_changed_is_refused(client, curator):
    member = make_member()
    former, given, wanted = [Group.objects.create(name=name) for name in ("A", "B", "C")]
    member.groups.add(former)
    fields = seen(client, member)
    member.groups.set([given])

    page = send(client, member, fields | {"groups": [former.pk, wanted.pk]}).content.decode()

    assert "Somebody else has changed this meanwhile." in page
    assert list(member.groups.all()) == [given]


@pytest.mark.parametrize(
    "ends_at",
    [
        datetime(2050, 10, 30, 0, 30, tzinfo=UTC),  # half past two, for the first time
        datetime(2050, 10, 30, 1, 30, tzinfo=UTC),  # and for the second
        datetime(2050, 10, 29, 12, 0, 0, 123456, tzinfo=UTC),
    ],
)
def test_what_no_field_shows_stays(client, curator, ends_at):
    member = make_member()
    membership = make_membership(member, ends_at=ends_at)

    fields = seen(client, member) | {"memberships-0-note": "A gift"}
    response = send(client, member, fields)

    assert response.status_code == 302
    membership.refresh_from_db()
    assert (membership.ends_at, membership.note) == (ends_at, "A gift")


def test_what_one_curator_changes_alone_is_changed(client, curator):
    member = make_member()
    membership = make_membership(member, ends_at=timezone.now() + 3 * DAY, note="A gift")
    fields = seen(client, member)
    del fields["is_active"]

    changed = {"memberships-0-ends_at_0": "", "memberships-0-ends_at_1": ""}
    send(client, member, fields | changed | {"memberships-0-note": ""})

    member.refresh_from_db()
    membership.refresh_from_db()
    assert (member.is_active, membership.ends_at, membership.note) == (False, None, "")


def test_the_page_of_one_membership_takes_nothing_back_either(client, curator):
    membership = make_membership(make_member(), ends_at=timezone.now() + 3 * DAY)
    address = reverse("admin:accounts_membership_change", args=[membership.pk])
    fields = _Fields(client.get(address).content.decode()).sent
    longer = timezone.now() + 30 * DAY
    type(membership).objects.update(ends_at=longer)

    client.post(address, fields | {"note": "A gift"})

    membership.refresh_from_db()
    assert (membership.ends_at, membership.note) == (longer, "A gift")


# --- At the same moment


def change_page(row: Member | Membership) -> str:
    return reverse(f"admin:accounts_{row._meta.model_name}_change", args=[row.pk])


@pytest.mark.parametrize("of_membership", [False, True])
def test_who_writes_holds_the_member_before_reading_and_who_reads_does_not(
    client, curator, of_membership
):
    member = make_member()
    address = change_page(make_membership(member) if of_membership else member)

    asked = []
    for send_it in (client.get, client.post):
        with CaptureQueriesContext(connection) as queries:
            send_it(address)
        asked.append([query["sql"] for query in queries if "FOR UPDATE" in query["sql"]])

    held = 1 if connection.features.has_select_for_update else 0
    assert [len(each) for each in asked] == [0, held]
    assert all('FROM "accounts_member"' in each and str(member.pk) in each for each in asked[1])


def test_what_is_no_members_page_holds_nobody(client, curator):
    address = reverse("admin:accounts_member_change", args=["nobody"])

    assert client.post(address).status_code == 302


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("of_membership", [False, True])
def test_two_at_once_are_one_after_the_other(client, curator, of_membership):
    member = make_member()
    membership = make_membership(member, ends_at=timezone.now() + 3 * DAY)
    address = change_page(membership if of_membership else member)
    fields = _Fields(client.get(address).content.decode()).sent
    ends_at = "ends_at_0" if of_membership else "memberships-0-ends_at_0"
    longer = timezone.now() + 30 * DAY
    pages: list[str] = []

    def send_theirs() -> None:
        try:
            pages.append(client.post(address, fields | {ends_at: "2031-05-04"}).content.decode())
        finally:
            connection.close()

    other = Thread(target=send_theirs)
    with transaction.atomic():
        # As granting does, in a transaction that is not through yet.
        list(Member.objects.filter(pk=member.pk).select_for_update().values_list("pk"))
        member.memberships.update(ends_at=longer)
        other.start()
        other.join(timeout=0.5)
        waited = other.is_alive()
    other.join(timeout=20)

    assert waited
    assert "Somebody else has changed this meanwhile." in pages[0]
    membership.refresh_from_db()
    assert membership.ends_at == longer


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_history_that_is_posted_to_is_shown(client, curator):
    address = reverse("admin:accounts_member_history", args=[make_member().pk])

    assert client.post(address).status_code == 200
