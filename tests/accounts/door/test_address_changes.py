"""An address changes once both mailboxes said yes, and tells nobody who has an account."""

import re
from datetime import timedelta
from smtplib import SMTPServerDisconnected
from threading import Thread

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.door import address_changes
from accounts.door.address_changes import Box, Outcome
from accounts.membership.trials import address_hash, start_trial
from accounts.models import AddressChange, Letter, Member, TrialTaken
from tests.accounts.test_pages import assert_ours
from tests.factories import make_member

pytestmark = pytest.mark.django_db

PASSWORD = "a quiet morning"
PAGE = "/accounts/email/"
CODES = "/accounts/email/codes/"
NEW = "new@example.com"


def make_verified(**attrs) -> Member:
    member = make_member(**attrs)
    EmailAddress.objects.create(user=member, email=member.email, primary=True, verified=True)
    return member


@pytest.fixture
def member(client) -> Member:
    """Signed in, and confirmed a moment ago."""
    member = make_verified(email="old@example.com")
    client.post(reverse("account_login"), {"login": member.email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    mail.outbox.clear()
    return member


def ask(client, address: str = NEW):
    return client.post(PAGE, {"email": address}, follow=True)


def code_to(address: str) -> str:
    """That of the latest mail."""
    latest = [message for message in mail.outbox if message.to == [address]][-1]
    return re.search(r"^\d{6}$", latest.body, re.MULTILINE)[0]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def enter(client, **codes: str):
    return client.post(CODES, codes, follow=True)


def said(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


# --- Both sides


@pytest.mark.parametrize("order", [("old", "new"), ("new", "old")])
def test_the_address_changes_once_both_codes_were_entered_in_either_order(client, member, order):
    ask(client)
    codes = {"old": code_to("old@example.com"), "new": code_to(NEW)}

    first = enter(client, **{order[0]: codes[order[0]]})
    member.refresh_from_db()
    assert member.email == "old@example.com"
    assert "was right" in first.content.decode()
    assert f'name="{order[0]}"' not in first.content.decode()
    last = enter(client, **{order[1]: codes[order[1]]})

    member.refresh_from_db()
    assert member.email == NEW
    assert last.redirect_chain == [(reverse("accounts:profile"), 302)]
    address = EmailAddress.objects.get(user=member)
    assert (address.email, address.verified, address.primary) == (NEW, True, True)
    assert not AddressChange.objects.exists()
    assert member.history.latest().email == NEW


def test_both_codes_can_be_entered_at_once_as_people_type_them(client, member):
    ask(client)
    old, new = code_to("old@example.com"), code_to(NEW)

    enter(client, old=f" {old[:3]} {old[3:]}", new=f"{new[:3]}-{new[3:]}")

    member.refresh_from_db()
    assert member.email == NEW


def test_the_former_mailbox_is_told_and_the_new_address_is_masked(client, member):
    ask(client)
    enter(client, old=code_to("old@example.com"), new=code_to(NEW))

    letter = Letter.objects.get(kind=Letter.Kind.ADDRESS_CHANGED)
    assert (letter.recipient, letter.address) == (member, "old@example.com")
    assert letter.data == {"new": "n…@example.com"}


def test_other_sessions_end_and_this_one_goes_on(client, member):
    elsewhere = Client()
    elsewhere.post(reverse("account_login"), {"login": member.email, "password": PASSWORD})
    ask(client)

    enter(client, old=code_to("old@example.com"), new=code_to(NEW))

    assert client.get(reverse("accounts:profile")).status_code == 200
    assert elsewhere.get(reverse("accounts:profile")).status_code == 302


def test_one_signs_in_with_the_new_address_alone(client, member):
    ask(client)
    enter(client, old=code_to("old@example.com"), new=code_to(NEW))

    for address, status in (("old@example.com", 200), (NEW, 302)):
        words = {"login": address, "password": PASSWORD}
        assert Client().post(reverse("account_login"), words).status_code == status


@pytest.mark.parametrize(("box", "other"), [("old", "new"), ("new", "old")])
def test_a_right_code_is_kept_though_the_other_is_wrong(client, member, box, other):
    ask(client)
    codes = {"old": code_to("old@example.com"), "new": code_to(NEW)}

    page = enter(client, **{box: codes[box], other: wrong(codes[other])}).content.decode()

    assert "That code is not right." in page
    assert f'name="{box}"' not in page
    change = AddressChange.objects.get()
    assert address_changes.confirmed_at(change, Box(box)) is not None
    assert change.attempts == 1
    enter(client, **{other: codes[other]})
    member.refresh_from_db()
    assert member.email == NEW


def test_a_code_fits_its_own_mailbox_alone(client, member):
    ask(client)

    enter(client, old=code_to(NEW), new=code_to("old@example.com"))

    change = AddressChange.objects.get()
    assert (change.old_confirmed_at, change.new_confirmed_at, change.attempts) == (None, None, 2)


def test_the_codes_are_not_kept(client, member):
    ask(client)

    change = AddressChange.objects.get()
    for kept in (change.old_code_hash, change.new_code_hash):
        assert code_to("old@example.com") not in kept
        assert code_to(NEW) not in kept
        assert len(kept) == 64


def test_the_page_of_codes_is_ours(client, member):
    ask(client)
    enter(client, old=code_to("old@example.com"))

    assert_ours(client.get(CODES))


# --- Limits


def test_the_fifth_wrong_code_ends_it(client, member):
    ask(client)
    right = code_to("old@example.com"), code_to(NEW)
    for _ in range(4):
        assert "That code is not right." in enter(client, old=wrong(right[0])).content.decode()

    over = enter(client, old=wrong(right[0]))

    assert said(over) == ["Too many wrong codes. Begin again."]
    assert over.redirect_chain == [(PAGE, 302)]
    enter(client, old=right[0], new=right[1])
    member.refresh_from_db()
    assert member.email == "old@example.com"


def test_new_codes_leave_the_wrong_ones_counted_and_what_was_right(client, member):
    ask(client)
    former = code_to(NEW)
    enter(client, old=code_to("old@example.com"), new=wrong(former))
    mail.outbox.clear()

    client.post("/accounts/email/codes/again/")

    assert [message.to for message in mail.outbox] == [[NEW]]
    change = AddressChange.objects.get()
    assert change.attempts == 1
    assert change.old_confirmed_at is not None
    if code_to(NEW) != former:
        assert "That code is not right." in enter(client, new=former).content.decode()
    enter(client, new=code_to(NEW))
    member.refresh_from_db()
    assert member.email == NEW


def test_the_codes_hold_for_a_quarter_of_an_hour(client, member):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        ask(client)
        codes = {"old": code_to("old@example.com"), "new": code_to(NEW)}
        clock.shift(timedelta(minutes=15))

        late = enter(client, **codes)

    assert said(late) == ["The codes hold no longer. Begin again."]
    member.refresh_from_db()
    assert member.email == "old@example.com"


def test_codes_are_sent_five_times_an_hour_and_what_was_typed_stays(client, member):
    for number in range(5):
        ask(client, f"new{number}@example.com")
        client.post("/accounts/email/stop/")
    mail.outbox.clear()

    page = ask(client, "sixth@example.com").content.decode()

    assert "That was too often." in page
    assert 'value="sixth@example.com"' in page
    assert mail.outbox == []


def test_one_mailbox_is_written_to_five_times_an_hour_by_all_accounts_together(client, member):
    for _ in range(5):
        ask(client)
        client.post("/accounts/email/stop/")
    other, browser = make_verified(), Client()
    browser.post(reverse("account_login"), {"login": other.email, "password": PASSWORD})
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    mail.outbox.clear()

    assert "That was too often." in ask(browser).content.decode()
    assert mail.outbox == []


def test_a_change_that_is_begun_anew_has_all_its_attempts(client, member):
    ask(client)
    for _time in range(4):
        enter(client, old=wrong(code_to(member.email)))
    ask(client, "another@example.com")

    enter(client, old=wrong(code_to(member.email)))

    assert address_changes.under_way(member).attempts == 1


def test_asking_again_ends_what_was_under_way(client, member):
    ask(client, "first@example.com")
    former = code_to("old@example.com")

    ask(client, NEW)

    assert AddressChange.objects.get().new_address == NEW
    if code_to("old@example.com") != former:
        enter(client, old=former)
        assert AddressChange.objects.get().old_confirmed_at is None


def test_one_may_keep_the_old_address(client, member):
    ask(client)

    client.post("/accounts/email/stop/")

    assert not AddressChange.objects.exists()


# --- Who may


def test_a_visitor_signs_in_first(client):
    for address in (PAGE, CODES):
        assert client.get(address)["Location"] == f"{reverse('account_login')}?next={address}"


def test_what_was_typed_waits_until_one_has_proven_to_be_oneself(client):
    member = make_verified(email="old@example.com")
    client.post(reverse("account_login"), {"login": member.email, "password": PASSWORD})

    asked = client.post(PAGE, {"email": NEW})
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    assert mail.outbox == []
    client.post(asked["Location"], {"password": PASSWORD, "next": PAGE})

    assert AddressChange.objects.get().new_address == NEW
    assert sorted(message.to[0] for message in mail.outbox) == [NEW, "old@example.com"]


def test_an_address_given_by_a_curator_ends_what_was_under_way(client, member):
    ask(client)
    enter(client, old=code_to("old@example.com"))
    Member.objects.update(email="given@example.com")

    enter(client, new=code_to(NEW))

    member.refresh_from_db()
    assert member.email == "given@example.com"


@pytest.mark.parametrize(
    "typed", ["", "old@example.com", "OLD@example.com", "nonsense", "a@b\x00c.de", "x" * 300]
)
def test_what_is_no_new_address_is_said_and_sends_nothing(client, member, typed):
    answer = client.post(PAGE, {"email": typed, "sent": "1"})

    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert mail.outbox == []


@pytest.mark.parametrize("typed", ["12345", "1234567", "abcdef", "١٢٣٤٥٦", "12345\x00"])
def test_what_is_no_code_is_said_and_not_counted(client, member, typed):
    ask(client)

    page = enter(client, old=typed)

    assert page.context["form"].errors
    assert AddressChange.objects.get().attempts == 0


def test_an_empty_form_is_said_and_not_counted(client, member):
    ask(client)

    assert "Enter the code from one" in enter(client, sent="1").content.decode()
    assert AddressChange.objects.get().attempts == 0


def test_a_mail_server_that_is_away_is_said_and_nothing_is_begun(client, member, monkeypatch):
    def away(*args, **kwargs):
        raise SMTPServerDisconnected("Nobody there")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", away)

    page = ask(client).content.decode()

    assert "The mail could not be sent." in page
    assert f'value="{NEW}"' in page
    assert not AddressChange.objects.exists()


# --- Somebody else's address


def test_somebody_elses_address_can_never_be_taken(client, member):
    other = make_verified(email="other@example.com")
    ask(client, "OTHER@example.com")

    told = [message for message in mail.outbox if message.to == [other.email]]
    assert [message.subject for message in told] == ["This address has an account at Matwork"]
    assert not re.search(r"\d{6}", told[0].body)
    enter(client, old=code_to("old@example.com"))
    for box in (Box.OLD, Box.NEW):
        # Not even with the code that it would have been sent.
        assert len(getattr(AddressChange.objects.get(), f"{box}_code_hash")) == 64
    for guess in ("000000", "123456"):
        assert "That code is not right." in enter(client, new=guess).content.decode()
    member.refresh_from_db()
    assert member.email == "old@example.com"


def test_somebody_elses_address_reads_and_costs_the_same(client, member):
    make_verified(email="other@example.com")
    ask(client, "warm@example.com")  # what is kept after a first time
    seen = []
    for address in ("other@example.com", "newer@example.com"):
        client.post("/accounts/email/stop/")
        mail.outbox.clear()
        with CaptureQueriesContext(connection) as queries:
            answer = client.post(PAGE, {"email": address})
        pages = [client.get(answer["Location"]), enter(client, new="123456")]
        text = "".join(page.content.decode() for page in pages)
        text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)
        seen.append(
            (answer.status_code, len(queries), len(mail.outbox), text.replace(address, "NEW"))
        )

    assert seen[0] == seen[1]


def test_a_domain_that_only_looks_alike_tells_nothing_of_the_other(client, member):
    """Its owner would read from the mail whether the other address has an account."""
    make_verified(email="anna@distant.example")

    ask(client, "anna@dıstant.example")

    assert code_to("anna@dıstant.example")


def test_an_address_that_was_taken_meanwhile_is_not_given(client, member):
    ask(client)
    codes = {"old": code_to("old@example.com"), "new": code_to(NEW)}
    make_verified(email=NEW)

    answer = enter(client, **codes)

    assert said(answer) == ["That address has an account of its own by now."]
    member.refresh_from_db()
    assert member.email == "old@example.com"
    assert EmailAddress.objects.get(user=member).email == "old@example.com"


# --- The trial


def test_the_trial_moves_along_and_is_not_given_anew(client, member):
    start_trial(member)
    ask(client)

    enter(client, old=code_to("old@example.com"), new=code_to(NEW))

    assert member.memberships.count() == 1
    remembered = set(TrialTaken.objects.values_list("address_hash", flat=True))
    assert remembered == {address_hash("old@example.com"), address_hash(NEW)}


def test_who_came_back_without_a_trial_gets_none_by_moving_on(client, member):
    TrialTaken.objects.create(address_hash=address_hash("old@example.com"))  # before they left
    ask(client)

    enter(client, old=code_to("old@example.com"), new=code_to(NEW))

    assert not member.memberships.exists()
    assert TrialTaken.objects.filter(address_hash=address_hash(NEW)).exists()


# --- At once


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_two_who_want_one_address_at_once_one_gets_it():
    members = [make_verified(), make_verified()]
    outcomes = []
    codes = {Box.OLD: "111111", Box.NEW: "222222"}
    for member in members:
        change = AddressChange(
            member=member, new_address=NEW, expires_at=timezone.now() + timedelta(minutes=1)
        )
        change.old_code_hash = address_changes._hash_of(change, member, Box.OLD, "111111")
        change.new_code_hash = address_changes._hash_of(change, member, Box.NEW, "222222")
        change.save()

    def work(member):
        try:
            outcomes.append(address_changes.enter(member, codes).outcome)
        finally:
            connection.close()

    at_once = [Thread(target=work, args=[member]) for member in members]
    for thread in at_once:
        thread.start()
    for thread in at_once:
        thread.join()

    assert sorted(outcome.value for outcome in outcomes) == [
        Outcome.DONE.value,
        Outcome.TAKEN.value,
    ]
    assert Member.objects.filter(email=NEW).count() == 1


def test_entering_a_code_costs_three_queries(django_assert_num_queries):
    member = make_verified()
    AddressChange.objects.create(
        member=member, new_address=NEW, expires_at=timezone.now() + timedelta(minutes=1)
    )

    with django_assert_num_queries(3 + 2):  # and the savepoint
        address_changes.enter(member, {Box.OLD: "123456"})


def test_masked_shows_no_more_than_its_owner_needs():
    assert address_changes.masked("marta.duarte@example.com") == "m…@example.com"
