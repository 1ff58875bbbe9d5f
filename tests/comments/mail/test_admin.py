"""Mail as curators see it."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.attention import what_waits_for
from comments.models import Notice
from tests.factories import make_member

from .people import make_notice

State = Notice.State

pytestmark = pytest.mark.django_db

LIST = "admin:comments_notice_changelist"


@pytest.fixture
def curator(client):
    member = make_member(is_staff=True)
    member.groups.add(Group.objects.get(name="Curators"))
    client.force_login(member)
    return member


def stuck_notice(state=State.FAILED, **attrs) -> Notice:
    notice = make_notice(**attrs)
    Notice.objects.filter(pk=notice.pk).update(
        state=state, error="550 Nobody here by that name", attempts=3
    )
    notice.refresh_from_db()
    return notice


def act(client, action: str, *notices: Notice):
    chosen = {"action": action, "_selected_action": [notice.pk for notice in notices]}
    return client.post(reverse(LIST), chosen, follow=True)


def test_admin_shows_what_failed_and_why(client, curator):
    notice = stuck_notice(body="Is this <b>safe</b>?")

    page = client.get(reverse(LIST)).content.decode()
    about = client.get(reverse("admin:comments_notice_change", args=[notice.pk])).content.decode()

    for html in (page, about):
        assert "550 Nobody here by that name" in html
        assert "Is this &lt;b&gt;safe&lt;/b&gt;?" in html


@pytest.mark.parametrize("count", [1, 8])
def test_admin_list_costs_the_same_for_one_mail_and_for_eight(
    client, curator, count, django_assert_num_queries
):
    for _ in range(count):
        stuck_notice()
    client.get(reverse(LIST))

    with django_assert_num_queries(6):
        client.get(reverse(LIST))


@pytest.mark.parametrize("state", [State.FAILED, State.UNKNOWN])
def test_admin_sends_again(client, curator, state, django_capture_on_commit_callbacks):
    notice, other = stuck_notice(state), stuck_notice(State.SENT)

    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        response = act(client, "send_again", notice, other)

    assert "1 mail is sent again." in response.content.decode()
    assert len(callbacks) == 1
    notice.refresh_from_db()
    other.refresh_from_db()
    assert (notice.state, notice.attempts, notice.error) == (State.DUE, 0, "")
    assert other.state == State.SENT


def test_admin_sets_aside(client, curator):
    notice = stuck_notice()

    act(client, "set_aside", notice)

    notice.refresh_from_db()
    assert notice.state == State.UNWANTED
    assert not [item for item in what_waits_for(curator) if "arrive" in item.title]


def test_admin_lets_nobody_write_or_delete_mail(client):
    client.force_login(make_member(is_staff=True, is_superuser=True))
    notice = stuck_notice()

    add = client.get(reverse("admin:comments_notice_add"))
    delete = client.post(reverse("admin:comments_notice_delete", args=[notice.pk]), {"post": "yes"})

    assert (add.status_code, delete.status_code) == (403, 403)
    assert Notice.objects.count() == 1


def test_start_page_counts_what_did_not_arrive_for_sure(client, curator):
    stuck_notice(State.FAILED)
    stuck_notice(State.UNKNOWN)
    for state in (State.DUE, State.SENDING, State.SENT, State.UNWANTED):
        stuck_notice(state)

    (item,) = [item for item in what_waits_for(curator) if "arrive" in item.title]

    assert (item.count, len(item.examples), item.tone) == (2, 2, "problem")
    listed = client.get(item.link).context["cl"].queryset
    assert {notice.state for notice in listed} == {State.FAILED, State.UNKNOWN}


def test_start_page_tells_only_who_may_act():
    stuck_notice()

    assert not [item for item in what_waits_for(make_member()) if "arrive" in item.title]


def test_looking_at_a_mail_and_pressing_save_leaves_no_name_in_the_log(client, curator):
    notice = stuck_notice()

    answer = client.post(reverse("admin:comments_notice_change", args=[notice.pk]), {})

    assert answer.status_code == 302
    assert not LogEntry.objects.exists()
