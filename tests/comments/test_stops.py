"""The curators' list of who may not write."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from comments.models import Stop
from tests.factories import make_member

pytestmark = pytest.mark.django_db

LIST = reverse("admin:comments_stop_changelist")
ADD = reverse("admin:comments_stop_add")


@pytest.fixture
def desk(client, curator):
    client.force_login(curator)
    return client


def page_of(stop: Stop) -> str:
    return reverse("admin:comments_stop_change", args=[stop.pk])


def make_stop(**attrs) -> Stop:
    attrs.setdefault("member", make_member())
    attrs.setdefault("reason", "Rude")
    return Stop.objects.create(**attrs)


def test_a_stop_is_made_with_who_decided(desk, curator):
    member = make_member()

    assert desk.get(ADD).status_code == 200
    sent = {"member": member.pk, "reason": "Rude", "ends_at_0": "2099-01-31", "ends_at_1": "12:00"}
    assert desk.post(ADD, sent).status_code == 302

    stop = Stop.objects.running().get()
    assert (stop.member, stop.by, stop.reason) == (member, curator, "Rude")
    assert LogEntry.objects.get().user == curator


def test_staff_are_not_stopped_here(desk):
    sent = {"member": make_member(is_staff=True).pk, "reason": "Rude"}

    assert "This account is staff" in desk.post(ADD, sent).content.decode()
    assert not Stop.objects.exists()


def test_a_stop_ends_after_it_starts(desk):
    sent = {"member": make_member().pk, "reason": "Rude"}
    sent |= {"ends_at_0": "2001-01-31", "ends_at_1": "12:00"}

    assert "It ends before it starts." in desk.post(ADD, sent).content.decode()
    assert not Stop.objects.exists()


def test_only_the_end_and_the_reason_are_changed(desk):
    stop, other = make_stop(), make_member()

    desk.post(
        page_of(stop), {"member": other.pk, "reason": "Very rude", "starts_at_0": "2001-01-01"}
    )

    changed = Stop.objects.get()
    assert (changed.member, changed.reason) == (stop.member, "Very rude")
    assert changed.starts_at == stop.starts_at


def test_stops_are_ended_at_once(desk, curator):
    running = [make_stop() for _ in range(2)]
    past = timezone.now() - timedelta(days=1)
    over = make_stop(starts_at=past - timedelta(days=1), ends_at=past)

    sent = {"action": "end_selected", "_selected_action": [s.pk for s in (*running, over)]}
    desk.post(LIST, sent)

    assert not Stop.objects.running().exists()
    over.refresh_from_db()
    assert over.ends_at == past
    assert LogEntry.objects.filter(user=curator).count() == 2


@pytest.mark.parametrize(("query", "found"), [("", 3), ("now=running", 2), ("now=over", 1)])
def test_the_list_is_filtered(desk, query, found):
    past = timezone.now() - timedelta(days=1)
    make_stop()
    make_stop(ends_at=timezone.now() + timedelta(days=1))
    make_stop(starts_at=past - timedelta(days=1), ends_at=past)

    assert desk.get(f"{LIST}?{query}").context["cl"].result_count == found


@pytest.mark.parametrize("count", [1, 8])
def test_the_list_query_count_is_constant(desk, count, django_assert_num_queries):
    for _ in range(count):
        make_stop(by=make_member(is_staff=True))
    desk.get(LIST)  # what Django asks once

    # Session, member, rights (2), count, stops.
    with django_assert_num_queries(6):
        desk.get(LIST)


def test_curators_delete_no_stop(desk):
    url = reverse("admin:comments_stop_delete", args=[make_stop().pk])

    assert desk.post(url, {"post": "yes"}).status_code == 403
    assert Stop.objects.exists()


def test_the_log_names_nobody_once_a_stop_is_deleted(client):
    client.force_login(make_member(is_staff=True, is_superuser=True))
    stops = [make_stop(member=make_member(display_name=f"Wilhelmina {n}")) for n in range(2)]

    client.post(reverse("admin:comments_stop_delete", args=[stops[0].pk]), {"post": "yes"})
    client.post(
        LIST, {"action": "delete_selected", "_selected_action": [stops[1].pk], "post": "yes"}
    )

    assert not Stop.objects.exists()
    assert [entry.object_repr for entry in LogEntry.objects.order_by("pk")] == [
        f"#{stop.pk}" for stop in stops
    ]
