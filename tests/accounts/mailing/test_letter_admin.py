"""Letters as curators see them."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.attention import what_waits_for
from accounts.mailing import letters
from accounts.models import Letter
from tests.factories import make_member

State = Letter.State

pytestmark = pytest.mark.django_db

LIST = "admin:accounts_letter_changelist"


@pytest.fixture
def curator(client):
    member = make_member(is_staff=True)
    member.groups.add(Group.objects.get(name="Curators"))
    client.force_login(member)
    return member


def stuck_letter(state=State.FAILED) -> Letter:
    letter = letters.send(
        make_member(),
        Letter.Kind.NEW_DEVICE,
        data={"device": "Firefox", "ip": "192.0.2.7", "at": "2026-05-03T12:30:00+00:00"},
    )
    Letter.objects.filter(pk=letter.pk).update(
        state=state, error="550 Nobody here by that name", attempts=3
    )
    letter.refresh_from_db()
    return letter


def act(client, action: str, *chosen: Letter):
    ids = [letter.pk for letter in chosen]
    return client.post(reverse(LIST), {"action": action, "_selected_action": ids}, follow=True)


def test_admin_shows_what_failed_and_why_and_nothing_of_what_it_tells(client, curator):
    letter = stuck_letter()

    page = client.get(reverse(LIST)).content.decode()
    about = client.get(reverse("admin:accounts_letter_change", args=[letter.pk])).content.decode()

    for html in (page, about):
        assert "550 Nobody here by that name" in html
        assert "192.0.2.7" not in html


@pytest.mark.parametrize("count", [1, 8])
def test_admin_list_costs_the_same_for_one_letter_and_for_eight(
    client, curator, count, django_assert_num_queries
):
    for _ in range(count):
        stuck_letter()
    client.get(reverse(LIST))

    with django_assert_num_queries(6):
        client.get(reverse(LIST))


@pytest.mark.parametrize("state", [State.FAILED, State.UNKNOWN])
def test_admin_sends_again(client, curator, state, django_capture_on_commit_callbacks):
    letter, other = stuck_letter(state), stuck_letter(State.SENT)

    with django_capture_on_commit_callbacks(execute=True):
        response = act(client, "send_again", letter, other)

    assert "1 mail is sent again." in response.content.decode()
    letter.refresh_from_db()
    other.refresh_from_db()
    assert (letter.state, letter.attempts, letter.error) == (State.DUE, 0, "")
    assert other.state == State.SENT


def test_admin_sets_aside(client, curator):
    letter = stuck_letter()

    act(client, "set_aside", letter)

    letter.refresh_from_db()
    assert letter.state == State.UNWANTED
    assert not [item for item in what_waits_for(curator) if "letter" in item.title]


def test_admin_lets_nobody_write_or_delete_letters(client):
    client.force_login(make_member(is_staff=True, is_superuser=True))
    letter = stuck_letter()

    add = client.get(reverse("admin:accounts_letter_add"))
    delete = client.post(reverse("admin:accounts_letter_delete", args=[letter.pk]), {"post": "yes"})

    assert (add.status_code, delete.status_code) == (403, 403)
    assert Letter.objects.count() == 1


def test_start_page_counts_what_did_not_arrive_for_sure(client, curator):
    for state in State:
        stuck_letter(state)

    (item,) = [item for item in what_waits_for(curator) if "letter" in item.title]

    assert (item.count, len(item.examples), item.tone) == (2, 2, "problem")
    listed = client.get(item.link).context["cl"].queryset
    assert {letter.state for letter in listed} == {State.FAILED, State.UNKNOWN}


def test_start_page_tells_only_who_may_act():
    stuck_letter()

    assert not [item for item in what_waits_for(make_member()) if "letter" in item.title]
