"""Nothing of a person is left in any table or file, and nothing of anybody else is touched."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Departure, Letter, Member
from accounts.privacy import erasing, leaving, registry
from accounts.privacy.exports import as_json
from classes.models import WorkoutClass
from comments.models import (
    Conversation,
    Decision,
    Stop,
)
from tests.factories import make_class, make_comment, make_member

from .everywhere import (
    ALONE,
    ANSWERED,
    ASKED,
    EMAIL,
    NAME,
    UNSEEN,
    all_models,
    files,
    leads_to,
    make_wilhelmina,
    places_with,
    rows_of,
)
from .people import give_everything, sign_in

pytestmark = pytest.mark.django_db

PLACEHOLDER, FORMER = Departure.Words.PLACEHOLDER, Departure.Words.FORMER_MEMBER


def test_there_is_something_in_every_relation():
    member = make_wilhelmina()

    # What Django made for a many-to-many field is registered by its table, the field by its rows.
    listed = {
        relation
        for entry in (*registry.holdings(), *registry.traces())
        for relation in entry.relations
    }
    assert set(leads_to(member.pk)) == listed - {"comments.ClassRequest.voters"}


@pytest.mark.parametrize("words", Departure.Words)
def test_nothing_is_left_anywhere(words, django_capture_on_commit_callbacks):
    member = make_wilhelmina()
    kept_words = {ASKED, ANSWERED} if words == FORMER else set()
    gone_words = {ASKED, ANSWERED, ALONE, UNSEEN} - kept_words
    assert files()
    for word in (NAME, EMAIL, ASKED, ANSWERED, ALONE, UNSEEN):
        assert places_with(word), word  # or the test below could not fail

    with django_capture_on_commit_callbacks(execute=True):
        erasing.erase(member, words)

    assert leads_to(member.pk) == []
    assert places_with(NAME, EMAIL, *gone_words) == set()
    assert files() == set()
    assert not Member.history.filter(id=member.pk).exists()
    assert not LogEntry.objects.filter(user_id=member.pk).exists()
    if words == FORMER:  # where it was kept as a wish, and where others quote it, too
        theirs = {"comments.Comment", "comments.ClassRequest", "comments.Report"}
        assert places_with(ASKED) == theirs
        assert places_with(ANSWERED) == {"comments.Comment"}


@pytest.mark.parametrize("words", Departure.Words)
def test_what_is_taken_along_holds_all_that_is_erased(words):
    """Every row that goes, or loses its words, was in the file; by the registry and by the text."""
    member = make_wilhelmina()
    told = "\n".join(
        as_json(record) for holding in registry.holdings() for record in holding.read(member)
    )

    for holding in registry.holdings():
        assert list(holding.read(member)), holding.name
    for word in (NAME, EMAIL, ASKED, ALONE, UNSEEN, ANSWERED):
        assert word in told

    erasing.erase(member, words)

    member.set_unusable_password()  # this object knew it, not the database
    for holding in registry.holdings():
        assert list(holding.read(member)) == [], holding.name


@pytest.mark.parametrize("words", Departure.Words)
def test_nobody_else_loses_anything(words):
    member = make_wilhelmina()
    other = give_everything(make_member())
    own = make_comment(make_class(), author=other, body=f"I agree with {NAME}.")
    make_comment(own.workout_class, parent=own, author=member, body="With me?")
    others = [person for person in Member.objects.all() if person != member]

    def told(person: Member) -> dict[str, list[str]]:
        """But for what one cannot leave without taking: reports of them, and what names them."""
        return {
            holding.name: [
                as_json({key: value for key, value in record.items() if key != "reports"})
                for record in holding.read(person)
            ]
            for holding in registry.holdings()
            if holding.name not in ("reports", "log")
        }

    before = {person.pk: told(person) for person in others}

    erasing.erase(member, words)

    assert {person.pk: told(person) for person in others} == before
    own.refresh_from_db()
    assert own.body == f"I agree with {NAME}."


def test_what_they_did_for_the_studio_stays_without_their_name():
    member = make_wilhelmina()
    classes = WorkoutClass.objects.count()

    erasing.erase(member, PLACEHOLDER)

    assert WorkoutClass.objects.count() == classes
    assert Decision.objects.filter(act="kept", by=None).exists()
    assert Conversation.objects.filter(closed_at__isnull=False, closed_by=None).exists()
    assert Stop.objects.filter(by=None).exists()


def test_erasing_twice_is_erasing_once():
    member = make_wilhelmina()
    erasing.erase(member)
    before = {model: rows_of(model) for model in all_models()}

    erasing.erase(member)

    assert {model: rows_of(model) for model in all_models()} == before


def test_all_or_nothing(monkeypatch):
    """What fails last leaves everything as it was."""
    member = make_wilhelmina()
    before = {model: rows_of(model) for model in all_models()}

    def fail(member_ids: list[int]) -> None:
        raise IntegrityError("a mistake")

    monkeypatch.setattr(erasing, "forget_changes_of", fail)
    with pytest.raises(IntegrityError), transaction.atomic():
        erasing.erase(member)

    assert {model: rows_of(model) for model in all_models()} == before


def test_a_session_about_somebody_else_stays():
    member = make_member(email=EMAIL)
    other = make_member()
    stays = {sign_in(other), sign_in(other, is_listed=False)}
    visitor = SessionStore()
    visitor["account_email_verification_code"] = {"email": other.email, "user_id": str(other.pk)}
    visitor.save()
    sign_in(member)
    sign_in(member, is_listed=False)

    erasing.erase(member)

    keys = set(Session.objects.values_list("session_key", flat=True))
    assert keys == stays | {visitor.session_key}


@pytest.mark.parametrize("by", ["delete_view", "delete_selected"])
def test_deleting_a_member_in_the_administration_is_the_same(client, by):
    member = make_wilhelmina()
    chief = make_member(is_staff=True, is_superuser=True)
    client.force_login(chief)

    if by == "delete_view":
        answer = client.post(
            reverse("admin:accounts_member_delete", args=[member.pk]), {"post": "yes"}
        )
    else:
        answer = client.post(
            reverse("admin:accounts_member_changelist"),
            {"action": "delete_selected", "_selected_action": [member.pk], "post": "yes"},
        )

    assert answer.status_code == 302
    client.get(answer.url)  # which says who was deleted, and forgets it
    assert leads_to(member.pk) == []
    assert places_with(NAME, EMAIL, ASKED, ALONE, UNSEEN) == set()


def test_only_the_good_bye_knows_the_address_of_who_left(settings):
    member = make_wilhelmina()
    Departure.objects.filter(member=member).update(due_at=timezone.now(), words=FORMER)
    make_member(is_superuser=True)

    assert leaving.carry_out_due() == 1

    assert places_with(NAME) == set()
    assert places_with(EMAIL) == {"accounts.Letter"}
    assert Letter.objects.get(kind=Letter.Kind.GONE).address == EMAIL
