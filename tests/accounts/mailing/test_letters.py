"""Letters about an account: written down with what they tell, sent once, and what they say."""

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import allauth
import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.mailing import letters, sending, tasks, writing
from accounts.mailing.changes import CHANGES
from accounts.mailing.writing import outbox
from accounts.models import Departure, Export, Letter, Member
from tests.factories import make_member

from .servers import DROP

Kind, State = Letter.Kind, Letter.State

pytestmark = pytest.mark.django_db

NOON = "2026-05-03T12:30:00+00:00"
DEVICE = {"device": "Firefox, Linux", "ip": "192.0.2.7", "at": NOON}
PASSKEY = {"about": "webauthn_added", **DEVICE}


def make_export(member: Member, **attrs) -> Export:
    attrs.setdefault("expires_at", timezone.now() + timedelta(hours=72))
    attrs.setdefault("state", Export.State.READY)
    return Export.objects.create(member=member, **attrs)


def make_letter(kind: Kind, **attrs) -> Letter:
    """A letter that is still wanted."""
    member = make_member(display_name="Marta", **attrs)
    if kind == Kind.EXPORT_READY:
        data = {"export": str(make_export(member).pk), "until": NOON}
    elif kind == Kind.LEAVING:
        Departure.objects.create(member=member, due_at=NOON)
        data = {"due": NOON}
    else:
        data = {
            Kind.NEW_DEVICE: DEVICE,
            Kind.ADDRESS_CHANGED: {"new": "m…@example.com"},
            Kind.SIGN_IN_CHANGED: PASSKEY,
        }.get(kind, {})
    if kind == Kind.GONE:
        address, reader = member.email, {"language": attrs.get("language", "")}
        member.delete()
        return letters.send(None, kind, address=address, data=reader)
    return letters.send(member, kind, data=data)


def arrived(letter: Letter) -> EmailMessage:
    """As it goes over the line, and comes in at the other end."""
    return message_from_bytes(writing.write(letter).message().as_bytes(), policy=policy.default)


def halves(message: EmailMessage) -> tuple[str, str]:
    return tuple(message.get_body((half,)).get_content() for half in ("plain", "html"))


@pytest.mark.parametrize("kind", Kind)
def test_send_sends_one_mail_of_each_kind(post_office, kind):
    letter = make_letter(kind)

    outbox.send(letter.pk)
    outbox.send(letter.pk)

    letter.refresh_from_db()
    assert (letter.state, letter.error) == (State.SENT, "")
    (message,) = post_office.messages
    assert message["To"] == (letter.address or letter.recipient.email)
    assert message["Message-ID"] == letter.message_id
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] is None


@pytest.mark.parametrize("kind", Kind)
def test_write_is_in_the_language_of_the_reader(kind):
    assert 'lang="es"' in halves(arrived(make_letter(kind, language="es")))[1]


@pytest.mark.parametrize("kind", Kind)
def test_write_says_the_same_in_both_halves(kind):
    text, html = halves(arrived(make_letter(kind)))

    for line in filter(None, map(str.strip, text.splitlines())):
        if line not in ("—", "Hello Marta,"):
            assert line in html
    assert "{{" not in text + html


@pytest.mark.parametrize("kind", Kind)
def test_write_costs_no_query(kind, django_assert_num_queries):
    letter = make_letter(kind)

    with django_assert_num_queries(0):
        writing.write(letter)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Kind.EXPORT_READY, "May 3, 2026, 9:30 p.m."),
        (Kind.LEAVING, "May 3, 2026, 9:30 p.m."),
        (Kind.NEW_DEVICE, "May 3, 2026, 9:30 p.m. (JST)"),
        (Kind.SIGN_IN_CHANGED, "May 3, 2026, 9:30 p.m."),
    ],
)
def test_write_tells_moments_by_the_clock_of_the_reader(kind, expected):
    for half in halves(arrived(make_letter(kind, time_zone="Asia/Tokyo"))):
        assert expected in half.replace("\u202f", " ").replace("\xa0", " ")


def test_write_says_where_the_data_are():
    letter = make_letter(Kind.EXPORT_READY)

    for half in halves(arrived(letter)):
        assert f"http://127.0.0.1:8000/accounts/privacy/exports/{letter.data['export']}/" in half


def test_write_says_from_where_somebody_signed_in_and_what_to_do():
    for half in halves(arrived(make_letter(Kind.NEW_DEVICE))):
        assert "Firefox, Linux" in half
        assert "192.0.2.7" in half
        assert "http://127.0.0.1:8000/accounts/sessions/" in half
        assert "http://127.0.0.1:8000/accounts/password/reset/" in half


@pytest.mark.parametrize(
    ("about", "subject", "sentence"),
    [
        (
            "email_changed",
            "Your address at Matwork was changed",
            "Your account at Matwork moved from old@example.com to new@example.com.",
        ),
        (
            "password_changed",
            "Your password at Matwork was changed",
            "The password of your account at Matwork was changed.",
        ),
        (
            "password_reset",
            "You have a new password at Matwork",
            "Your account at Matwork has a new password.",
        ),
        (
            "password_set",
            "Your account at Matwork has a password",
            "Your account at Matwork has a password now.",
        ),
        (
            "recovery_codes_generated",
            "New recovery codes at Matwork",
            "New recovery codes were made for your account at Matwork; the old ones no longer "
            "work.",
        ),
        (
            "totp_activated",
            "A second step at Matwork",
            "From now on your account at Matwork asks for a code from an authenticator app.",
        ),
        (
            "totp_deactivated",
            "No second step any more at Matwork",
            "Your account at Matwork no longer asks for a code from an authenticator app.",
        ),
        (
            "webauthn_added",
            "A passkey was added at Matwork",
            "A passkey was added to your account at Matwork.",
        ),
        (
            "webauthn_removed",
            "A passkey was removed at Matwork",
            "A passkey was removed from your account at Matwork.",
        ),
    ],
)
def test_write_says_what_was_changed_from_where_and_what_to_do(settings, about, subject, sentence):
    settings.STUDIO_NAME = "Matwork"
    letter = make_letter(Kind.SIGN_IN_CHANGED)
    letter.data |= {"from_email": "old@example.com", "to_email": "new@example.com", "about": about}

    message = arrived(letter)

    assert message["Subject"] == subject
    for half in halves(message):
        assert sentence in half
        assert "May 3, 2026" in half
        assert "from 192.0.2.7 with this browser:" in half
        assert "Firefox, Linux" in half
        assert "If that was you, all is well. If it was not, choose a new password at once:" in half
        assert "http://127.0.0.1:8000/accounts/password/reset/" in half


def test_write_has_words_for_whatever_allauth_tells_of():
    """But for what no page of ours does: an address beside others goes."""
    package = Path(allauth.__file__).parent
    sources = [*package.glob("account/**/*.py"), *package.glob("mfa/**/*.py")]
    code = "\n".join(source.read_text() for source in sources if "tests" not in source.parts)

    told = set(re.findall(r'send_notification_mail\(\s*"\w+/email/(\w+)"', code))

    assert told - {"email_deleted"} == set(CHANGES)


@pytest.mark.parametrize("words", ["Ana\r\nBcc: all@example.com", "<script>x</script>", "{{ a }}"])
def test_write_lets_nobody_write_headers_or_elements(words):
    letter = make_letter(Kind.NEW_DEVICE)
    before = arrived(letter)
    letter.recipient.display_name = letter.data["device"] = words

    message = arrived(letter)

    assert message.keys() == before.keys()
    assert "<script>" not in halves(message)[1]


def test_send_goes_to_the_address_that_the_reader_has_by_then(post_office):
    letter = make_letter(Kind.NEW_DEVICE)
    Member.objects.update(email="new@example.com")

    outbox.send(letter.pk)

    assert [message["To"] for message in post_office.messages] == ["new@example.com"]


def test_send_goes_to_a_former_address_if_it_is_told_there(post_office):
    letter = letters.send(
        make_member(), Kind.ADDRESS_CHANGED, data={"new": "x"}, address="old@example.com"
    )

    outbox.send(letter.pk)

    assert [message["To"] for message in post_office.messages] == ["old@example.com"]


def let_export_go(letter):
    Export.objects.all().delete()


def let_export_expire(letter):
    Export.objects.update(expires_at=timezone.now())


def give_export_to_another(letter):
    Export.objects.update(member=make_member())


def stay(letter):
    Departure.objects.all().delete()


def stay_and_leave_anew(letter):
    Departure.objects.update(due_at=timezone.now() + timedelta(days=7))


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (Kind.EXPORT_READY, let_export_go),
        (Kind.EXPORT_READY, let_export_expire),
        (Kind.EXPORT_READY, give_export_to_another),
        (Kind.LEAVING, stay),
        (Kind.LEAVING, stay_and_leave_anew),
    ],
)
def test_send_tells_nothing_that_is_no_longer_so(post_office, kind, change):
    letter = make_letter(kind)
    change(letter)

    outbox.send(letter.pk)

    letter.refresh_from_db()
    assert letter.state == State.UNWANTED
    assert post_office.messages == []


def test_send_puts_a_letter_on_the_list_after_the_commit(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        letter = make_letter(Kind.NEW_DEVICE)
        assert not DBTaskResult.objects.exists()

    assert DBTaskResult.objects.get().args_kwargs["args"] == [letter.pk]
    assert tasks.enqueue_due_letters() == 0


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_send_tells_nothing_that_was_rolled_back():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        make_letter(Kind.NEW_DEVICE)
        raise ZeroDivisionError

    assert not Letter.objects.exists()
    assert not DBTaskResult.objects.exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_send_lets_what_is_told_stand_when_the_list_is_out_of_order(monkeypatch):
    def out_of_order(ids):
        raise OSError("The list cannot be written")

    monkeypatch.setattr(letters, "enqueue_letters", out_of_order)

    with transaction.atomic():
        make_letter(Kind.NEW_DEVICE)

    assert Letter.objects.get().state == State.DUE


def test_send_costs_one_query(django_assert_num_queries):
    member = make_member()

    with django_assert_num_queries(1):
        letters.send(member, Kind.NEW_DEVICE, data=DEVICE)


def test_outbox_does_not_send_again_what_may_have_arrived(post_office):
    letter = make_letter(Kind.NEW_DEVICE)
    post_office.at["end"] = DROP

    outbox.send(letter.pk)

    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert tasks.enqueue_due_letters() == 0
    letter.refresh_from_db()
    assert letter.state == State.UNKNOWN
    assert len(post_office.messages) == 1


def test_sweep_takes_up_what_a_killed_process_left_behind(post_office):
    letter = make_letter(Kind.NEW_DEVICE)
    outbox._take(letter.pk, "00000000-0000-0000-0000-000000000001")  # and the process dies

    assert tasks.enqueue_due_letters() == 0
    with time_machine.travel(timezone.now() + sending.LEASE + timedelta(seconds=1)):
        assert tasks.enqueue_due_letters() == 1
        outbox.send(letter.pk)
    assert len(post_office.messages) == 1


def test_outbox_says_what_a_letter_lacks(post_office):
    letter = letters.send(make_member(), Kind.ADDRESS_CHANGED)

    outbox.send(letter.pk)

    letter.refresh_from_db()
    assert (letter.state, letter.error) == (State.DUE, "KeyError: 'new'")


def test_moments_of_a_letter_are_what_isoformat_writes():
    moment = datetime(2026, 5, 3, 12, tzinfo=UTC)

    assert writing._moment(moment.isoformat()) == moment
