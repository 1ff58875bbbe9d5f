"""Nothing of a person is left in any table or file, and nothing of anybody else is touched."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Departure, Letter, Member
from accounts.privacy import erasing, leaving, registry
from accounts.privacy.exports import as_json
from classes.models import WorkoutClass
from comments import former_members
from comments.models import (
    Comment,
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


def delete_in_administration(client, by: str, *members: Member):
    if by == "delete_view":
        [member] = members
        return client.post(
            reverse("admin:accounts_member_delete", args=[member.pk]), {"post": "yes"}, follow=True
        )
    chosen = [member.pk for member in members]
    return client.post(
        reverse("admin:accounts_member_changelist"),
        {"action": "delete_selected", "_selected_action": chosen, "post": "yes"},
        follow=True,
    )


@pytest.mark.parametrize("by", ["delete_view", "delete_selected"])
def test_who_wrote_very_much_is_deleted_by_the_worker(client, by, monkeypatch):
    """No request takes it all: it closes the account, and says how it goes on."""
    monkeypatch.setattr(former_members, "_MANY", 2)
    member = make_wilhelmina()
    chief = make_member(is_staff=True, is_superuser=True)
    theirs = Client()
    theirs.force_login(member)
    client.force_login(chief)

    answer = delete_in_administration(client, by, member)

    page = answer.content.decode()
    assert "wrote so much that it is removed step by step" in page
    assert ("was deleted successfully" in page) is False
    assert Comment.objects.filter(author=member).count() > 2
    assert theirs.get(reverse("accounts:profile")).status_code == 302
    assert not leaving.stay(member)
    monkeypatch.setattr(erasing, "_PAUSE", 0)
    assert leaving.carry_out_due() == 1
    assert leads_to(member.pk) == []
    assert places_with(NAME, ASKED, ALONE, UNSEEN) == set()
    assert places_with(EMAIL) == {"accounts.Letter"}  # the good-bye
    entry = LogEntry.objects.get(user=chief)
    assert (entry.object_repr, entry.object_id) == ("A member", None)


def test_only_who_is_gone_is_called_deleted(client, monkeypatch):
    monkeypatch.setattr(former_members, "_MANY", 2)
    chief = make_member(is_staff=True, is_superuser=True)
    client.force_login(chief)
    prolific = make_wilhelmina()

    told = [
        [str(message) for message in answer.context["messages"]]
        for answer in (
            delete_in_administration(client, "delete_selected", prolific, make_member()),
            delete_in_administration(client, "delete_selected", make_member(), make_member()),
            delete_in_administration(client, "delete_selected", prolific),
        )
    ]

    assert [len(each) for each in told] == [2, 1, 1]
    assert "removed step by step" in told[0][0]
    assert told[0][1] == "1 member was deleted."
    assert told[1] == ["2 members were deleted."]
    assert "removed step by step" in told[2][0]
    logged = LogEntry.objects.filter(user=chief).values_list("object_repr", flat=True)
    assert list(logged) == ["A member"] * 5


def test_a_deletion_in_bulk_asks_first(client):
    client.force_login(make_member(is_staff=True, is_superuser=True))
    member = make_member(display_name="Marta Duarte")
    page = reverse("admin:accounts_member_changelist")

    offered = client.get(page).text
    asked = client.post(page, {"action": "delete_selected", "_selected_action": [member.pk]})

    assert ">Delete selected members<" in offered
    assert "Marta Duarte" in asked.rendered_content
    assert Member.objects.filter(pk=member.pk).exists()


def test_nobody_is_deleted_in_bulk_by_who_may_not(client):
    other = make_member(is_superuser=True)
    curator = make_member(is_staff=True)
    rights = ["view_member", "delete_member"]
    curator.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(curator)

    answer = delete_in_administration(client, "delete_selected", make_member(), other)

    assert answer.status_code == 403
    assert Member.objects.count() == 3


def test_what_somebody_chose_for_their_words_counts_in_the_administration(client):
    member = make_wilhelmina()
    Departure.objects.filter(member=member).update(words=FORMER)
    client.force_login(make_member(is_staff=True, is_superuser=True))

    delete_in_administration(client, "delete_view", member)

    assert leads_to(member.pk) == []
    assert Comment.objects.filter(body=ASKED, author=None).exists()


def test_the_last_who_administers_everything_is_not_deleted(client):
    chief = make_member(is_staff=True, is_superuser=True)
    client.force_login(chief)

    assert delete_in_administration(client, "delete_view", chief).status_code == 403
    assert delete_in_administration(client, "delete_selected", chief).status_code == 403

    assert Member.objects.get() == chief


def test_who_has_become_the_last_meanwhile_stays_and_is_not_called_deleted(client, monkeypatch):
    chief, other = (make_member(is_staff=True, is_superuser=True) for _ in range(2))
    client.force_login(chief)
    answers = iter([False, True])  # when it is asked whether they may be deleted, and then
    monkeypatch.setattr(leaving, "is_last_superuser", lambda member: next(answers))

    page = delete_in_administration(client, "delete_selected", other)

    assert [str(message) for message in page.context["messages"]] == [
        f"“{other.display_name}” stays: nobody else could administer the studio."
    ]
    assert Member.objects.filter(is_superuser=True).count() == 2


@pytest.mark.parametrize("by", ["delete_view", "delete_selected"])
def test_nobody_deletes_themselves_in_the_administration(client, by):
    chief, _other = (make_member(is_staff=True, is_superuser=True) for _ in range(2))
    client.force_login(chief)

    assert delete_in_administration(client, by, chief).status_code == 403
    assert Member.objects.filter(pk=chief.pk).exists()


def test_only_the_good_bye_knows_the_address_of_who_left(settings):
    member = make_wilhelmina()
    Departure.objects.filter(member=member).update(due_at=timezone.now(), words=FORMER)
    make_member(is_superuser=True)

    assert leaving.carry_out_due() == 1

    assert places_with(NAME) == set()
    assert places_with(EMAIL) == {"accounts.Letter"}
    assert Letter.objects.get(kind=Letter.Kind.GONE).address == EMAIL
