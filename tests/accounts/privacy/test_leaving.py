"""Asking to go, changing one's mind, and being gone."""

import re
import time
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from accounts import sweeps
from accounts.models import Departure, Letter, Member
from accounts.privacy import erasing, leaving, retention
from accounts.privacy.sessions import sessions_of, words_in
from comments import former_members
from comments.models import Comment
from tests.factories import make_class, make_comment, make_instructor, make_member

pytestmark = pytest.mark.django_db

PLACEHOLDER, FORMER = Departure.Words.PLACEHOLDER, Departure.Words.FORMER_MEMBER
PASSWORD = "a quiet morning"


@pytest.fixture
def member(client) -> Member:
    """Signed in, with the password given long ago."""
    member = make_member(password=PASSWORD)
    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    client.force_login(member)
    return member


def said(answer) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def press(client, words: str = PLACEHOLDER):
    return client.post(reverse("accounts:leave"), {"words": words})


def confirm(client, asked, password: str = PASSWORD):
    """Give the password on the page to which the button led."""
    return client.post(asked.url, {"password": password})


# --- Asking -------------------------------------------------------------------------------------


def test_leave_says_what_goes_and_what_stays(client, member):
    page = client.get(reverse("accounts:leave")).content.decode()

    assert "Comments" in page
    assert "Your memberships" in page
    assert "24 months" in page
    [chosen] = re.findall(r"<input[^>]*checked[^>]*>", page)
    assert 'value="placeholder"' in chosen


def test_leave_is_for_who_is_signed_in(client):
    for name in ("accounts:leave", "accounts:stay"):
        answer = client.post(reverse(name))
        assert answer.status_code == 302
        assert answer.url.startswith(reverse("account_login"))


def test_going_asks_for_the_password_and_then_begins(client, member, mailoutbox):
    asked = press(client, FORMER)
    assert asked.status_code == 302
    assert asked.url.startswith(reverse("account_reauthenticate"))
    assert not Departure.objects.exists()

    begun = confirm(client, asked)

    assert begun.status_code == 302
    assert begun.url == reverse("accounts:leave")
    departure = Departure.objects.get(member=member)
    assert departure.words == FORMER
    assert departure.due_at - departure.asked_at == pytest.approx(
        timedelta(days=7), abs=timedelta(seconds=5)
    )
    [letter] = Letter.objects.all()
    assert (letter.recipient, letter.kind) == (member, Letter.Kind.LEAVING)
    assert letter.data == {"due": departure.due_at.isoformat()}
    page = client.get(begun.url).content.decode()
    assert "Your account will be deleted on" in page
    assert "Stay" in page


def test_what_waits_for_the_password_is_none_of_their_words(client, member):
    press(client)

    [session] = sessions_of(member)
    assert words_in(session) == {}


def test_a_wrong_password_begins_nothing(client, member):
    confirm(client, press(client), "something else")

    assert not Departure.objects.exists()


def test_a_password_that_was_given_before_does_not_count(client, member):
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    asked = press(client)

    assert asked.url.startswith(reverse("account_reauthenticate"))
    assert not Departure.objects.exists()


def test_a_password_counts_for_one_wish(client, member):
    confirm(client, press(client))
    client.post(reverse("accounts:stay"))

    press(client)

    assert not Departure.objects.exists()


def test_a_password_given_long_after_the_button_does_not_count(client, member):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        press(client)
        clock.shift(timedelta(minutes=6))
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        press(client)

    assert not Departure.objects.exists()


def test_a_password_given_for_something_else_begins_nothing(client, member):
    press(client)

    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    assert not Departure.objects.exists()


def test_who_has_no_password_confirms_by_what_they_have(client, member):
    member.set_unusable_password()
    member.save(update_fields=["password"])
    secret = generate_totp_secret()
    TOTP.activate(member, secret)
    client.force_login(member)

    asked = press(client)
    assert asked.url.startswith(reverse("mfa_reauthenticate"))
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    client.post(asked.url, {"code": code})

    assert Departure.objects.filter(member=member).exists()


def test_who_has_neither_is_told_to_set_a_password(client, member):
    member.set_unusable_password()
    member.save(update_fields=["password"])
    client.force_login(member)
    assert not Authenticator.objects.exists()

    answer = press(client)

    assert answer.status_code == 200
    assert reverse("account_set_password") in answer.content.decode()
    assert not Departure.objects.exists()


@pytest.mark.parametrize("words", ["", "everything", "placeholder\0"])
def test_a_choice_that_is_none_is_refused_before_anything_is_asked(client, member, words):
    answer = press(client, words)

    assert answer.status_code == 200
    assert not Departure.objects.exists()


def test_choosing_anew_keeps_the_day_and_sends_nothing(client, member):
    leaving.ask(member, PLACEHOLDER)
    due_at = Departure.objects.get().due_at

    confirm(client, press(client, FORMER))

    departure = Departure.objects.get()
    assert (departure.words, departure.due_at) == (FORMER, due_at)
    assert Letter.objects.count() == 1


def test_the_last_who_administers_everything_cannot_go(client):
    chief = make_member(is_staff=True, is_superuser=True)
    client.force_login(chief)

    answer = press(client)

    assert answer.status_code == 200
    assert "Give somebody else that right first" in answer.content.decode()
    with pytest.raises(leaving.LastSuperuser, match="somebody else"):
        leaving.ask(chief, PLACEHOLDER)

    make_member(is_staff=True, is_superuser=True)
    assert leaving.ask(chief, PLACEHOLDER)


def test_who_teaches_is_told_what_becomes_of_their_page(client, member):
    make_instructor(name="Ana Ruiz", member=member)

    page = client.get(reverse("accounts:leave")).content.decode()

    assert "Ana Ruiz" in page
    assert "without your account" in page


# --- Changing one's mind ------------------------------------------------------------------------


def test_one_press_takes_it_back(client, member):
    leaving.ask(member, PLACEHOLDER)

    answer = client.post(reverse("accounts:stay"))

    assert said(answer) == ["You stay. Everything is as it was."]
    assert not Departure.objects.exists()
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert leaving.carry_out_due() == 0
    assert Member.objects.get() == member


def test_taking_back_is_no_link(client, member):
    leaving.ask(member, PLACEHOLDER)

    assert client.get(reverse("accounts:stay")).status_code == 405
    assert Departure.objects.exists()


def test_another_members_wish_is_not_taken_back(client, member):
    other = make_member()
    leaving.ask(other, PLACEHOLDER)

    client.post(reverse("accounts:stay"))

    assert Departure.objects.get().member == other


def test_signing_in_says_that_the_account_goes(client, member):
    leaving.ask(member, PLACEHOLDER)
    client.logout()

    answer = client.post(reverse("account_login"), {"login": member.email, "password": PASSWORD})

    assert any("will be deleted on" in message for message in said(answer))


def test_the_profile_has_the_button(client, member):
    assert "data-leaving" not in client.get(reverse("accounts:profile")).content.decode()

    leaving.ask(member, PLACEHOLDER)

    page = client.get(reverse("accounts:profile")).content.decode()
    assert "data-leaving" in page
    assert reverse("accounts:stay") in page


# --- Being gone ---------------------------------------------------------------------------------


def test_it_is_carried_out_on_the_day_and_not_before(member):
    leaving.ask(member, PLACEHOLDER)
    other = make_member()
    now = timezone.now()

    with time_machine.travel(now + timedelta(days=7, seconds=-5)):
        assert leaving.carry_out_due() == 0
    with time_machine.travel(now + timedelta(days=7, seconds=5)):
        assert leaving.carry_out_due() == 1
        assert leaving.carry_out_due() == 0

    assert Member.objects.get() == other


def test_a_good_bye_is_written_to_an_address_without_an_account(member):
    member.language, member.time_zone = "es", "Europe/Madrid"
    member.save()
    leaving.ask(member, PLACEHOLDER)

    with time_machine.travel(timezone.now() + timedelta(days=8)):
        leaving.carry_out_due()

    [letter] = Letter.objects.all()
    assert (letter.kind, letter.address) == (Letter.Kind.GONE, member.email)
    assert letter.recipient is None
    assert letter.data == {"language": "es", "time_zone": "Europe/Madrid"}


def test_what_was_said_and_chosen_is_kept_to(member):
    comment = make_comment(make_class(), author=member, body="Try it with a cushion.")
    make_comment(comment.workout_class, parent=comment)
    leaving.ask(member, FORMER)

    with time_machine.travel(timezone.now() + timedelta(days=8)):
        leaving.carry_out_due()

    comment.refresh_from_db()
    assert comment.body == "Try it with a cushion."
    assert comment.author is None


def test_sessions_end_with_the_account(client, member):
    leaving.ask(member, PLACEHOLDER)

    with time_machine.travel(timezone.now() + timedelta(days=8)):
        leaving.carry_out_due()
        answer = client.get(reverse("accounts:profile"))

    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_login"))


def test_one_that_fails_keeps_no_other_from_going(member, monkeypatch, caplog):
    other = make_member()
    for somebody in (member, other):
        leaving.ask(somebody, PLACEHOLDER)
    take_away = erasing.take_away

    def fails_once(person, words, sessions):
        if person == member:
            raise RuntimeError("a mistake")
        take_away(person, words, sessions)

    monkeypatch.setattr(erasing, "take_away", fails_once)
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert leaving.carry_out_due() == 1

    assert Member.objects.get() == member
    assert member.email not in caplog.text
    assert not Letter.objects.filter(kind=Letter.Kind.GONE, address=member.email).exists()


def test_the_last_who_administers_everything_waits_for_another():
    chief, other = (make_member(is_superuser=True) for _ in range(2))
    leaving.ask(chief, PLACEHOLDER)
    other.is_superuser = False
    other.save()

    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert leaving.carry_out_due() == 0
        other.is_superuser = True
        other.save()
        assert leaving.carry_out_due() == 1

    assert Member.objects.get() == other


def test_who_wrote_very_much_goes_in_steps_that_are_gone_on_with(client, member, monkeypatch):
    """Killed between two of them: the way back is closed, and the next sweep does the rest."""
    monkeypatch.setattr(former_members, "_MANY", 3)
    monkeypatch.setattr(former_members, "_STEP", 1)
    workout_class = make_class()
    for number in range(4):
        make_comment(workout_class, author=member, body=f"My words {number}")
    leaving.ask(member, PLACEHOLDER)
    first, *_others = erasing.steps_ahead(member)

    def killed(words):
        raise KeyboardInterrupt

    with time_machine.travel(timezone.now() + timedelta(days=8)):
        monkeypatch.setattr(erasing, "steps_ahead", lambda member: [first, killed])
        with pytest.raises(KeyboardInterrupt):
            leaving.carry_out_due()

        assert Comment.objects.count() == 3
        assert client.get(reverse("accounts:profile")).url.startswith(reverse("account_login"))
        assert not leaving.stay(member)
        monkeypatch.undo()
        assert leaving.carry_out_due() == 1

    assert not Comment.objects.exists()
    assert not Member.objects.exists()


def test_who_stays_loses_nothing_ahead(member, monkeypatch):
    monkeypatch.setattr(former_members, "_MANY", 0)
    comment = make_comment(make_class(), author=member)
    leaving.ask(member, PLACEHOLDER)

    def changes_their_mind(person):
        steps = former_members.steps_ahead(person)
        assert leaving.stay(person)
        return steps

    monkeypatch.setattr(erasing, "steps_ahead", changes_their_mind)
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert leaving.carry_out_due() == 0

    assert type(comment).objects.get() == comment
    assert Member.objects.get(pk=member.pk).is_active


def test_the_worker_sweeps():
    assert leaving.carry_out_due in sweeps.sweeps()


def test_a_good_bye_that_was_sent_is_forgotten_after_a_day():
    sent = Letter.objects.create(
        kind=Letter.Kind.GONE, address="ana@example.com", state=Letter.State.SENT
    )
    due = Letter.objects.create(kind=Letter.Kind.GONE, address="eva@example.com")
    [rule] = leaving.RULES
    assert rule in retention.rules()

    assert rule.purge() == 0
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        assert rule.purge() == 1

    assert not Letter.objects.filter(pk=sent.pk).exists()
    assert Letter.objects.filter(pk=due.pk).exists()
