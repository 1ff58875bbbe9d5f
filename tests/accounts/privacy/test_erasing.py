"""Nothing of a person is left in any table or file, and nothing of anybody else is touched."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as site
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import IntegrityError, models, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Departure, Letter, Member, Membership
from accounts.privacy import erasing, leaving, registry
from accounts.privacy.exports import as_json
from classes.models import Video, WorkoutClass
from comments import moderation
from comments.models import (
    ClassRequest,
    Comment,
    Conversation,
    Decision,
    Mute,
    Notice,
    Report,
    SavedFilter,
    Stop,
    Unsubscription,
    Vote,
)
from tests.factories import make_class, make_comment, make_instructor, make_member

from .people import give_everything, log, sign_in

pytestmark = pytest.mark.django_db

NAME, EMAIL = "Wilhelmina Quartz", "wilhelmina@quartz.example"
ASKED = "My left hip clicks when I roll."
ALONE = "Nobody ever answered this one."
UNSEEN = "Held, and never to be read."
ANSWERED = "As a teacher I would say: slowly."

PLACEHOLDER, FORMER = Departure.Words.PLACEHOLDER, Departure.Words.FORMER_MEMBER


def make_wilhelmina() -> Member:
    """Somebody of whom there is something in every relation that this site has to a member."""
    member = make_member(email=EMAIL, display_name=NAME, is_staff=True)
    other = make_member()
    make_instructor(name="The house", member=member)
    give_everything(member)
    # As a curator: what they did for the studio.
    checked = make_class(checked_by=member)
    checked.title = "Checked and renamed"
    checked._history_user = member
    checked.save()
    for model in (apps.get_model("classes", name) for name in ("Exercise", "FocusTag")):
        row = model(name=f"A {model.__name__}", slug=model.__name__.lower())
        row._history_user = member
        row.save()
    variant = checked.variants.get()
    variant._history_user = member
    variant.save()
    Video.objects.filter(pk=variant.video_id).update(uploaded_by=member)
    gift = Membership(member=other)
    gift._history_user = member
    gift.save()
    other._history_user = member
    other.save()
    log(member, other, "helped somebody")
    # What they said, and what was said to it.
    asked = make_comment(checked, author=member, body=ASKED)
    answer = make_comment(checked, author=other, parent=asked, body="Keep it small, dear.")
    taught = make_comment(checked, author=member, parent=answer, body=ANSWERED)
    make_comment(checked, author=other, parent=taught, body="Thank you.")
    alone = make_comment(checked, author=member, body=ALONE)
    unseen = make_comment(checked, author=member, body=UNSEEN, state=Comment.State.HELD)
    make_comment(checked, author=other, parent=unseen)
    for comment in (asked, alone, unseen):
        request = ClassRequest.objects.create(comment=comment, title=comment.body[:60])
        log(other, comment, comment.body)
        log(other, request, comment.body)
    Report.objects.create(comment=asked, member=other, reason="other", note=f"See: {ASKED}")
    Decision.objects.create(comment=unseen, act="held", by=other, reason=UNSEEN)
    theirs = make_comment(make_class(), author=other)
    wanted = ClassRequest.objects.create(comment=theirs, title="Standing", kept_by=member)
    ClassRequest.objects.update(kept_by=member, tied_by=member)
    Vote.objects.create(request=wanted, member=member)
    Report.objects.create(comment=theirs, member=member, reason="spam", note="Twice.")
    Notice.objects.create(recipient=member, comment=theirs, kind=Notice.Kind.ANSWER, error=EMAIL)
    Mute.objects.create(member=member, thread=theirs)
    Unsubscription.objects.create(member=member, kind=Notice.Kind.ANSWER)
    SavedFilter.objects.create(member=member, name="Backs", address="/classes/?focus=back")
    log(other, Stop.objects.create(member=member, by=other, reason="A pause."), NAME)
    Stop.objects.create(member=other, by=member, reason="A pause.")
    Decision.objects.create(comment=theirs, act="kept", by=member)
    moderation.close(checked, member)
    Comment.objects.filter(pk=theirs.pk).update(
        removed_by=member, no_answer_needed_by=member, no_answer_needed_at=timezone.now()
    )
    # A code that was asked for in a browser where they never came in.
    asking = SessionStore()
    asking["account_email_verification_code"] = {"email": EMAIL.upper(), "user_id": str(member.pk)}
    asking.save()
    sign_in(member, is_listed=False)
    return Member.objects.get(pk=member.pk)


def rows_of(model: type[models.Model]) -> list[dict[str, Any]]:
    return list(model._base_manager.values())


def all_models() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    ]


def leads_to(member_id: int) -> list[str]:
    """Every relation by which some row leads to a member."""
    return [
        f"{model._meta.label}.{field.name}"
        for model in all_models()
        for field in model._meta.local_fields
        if field.is_relation and field.related_model is Member
        if model._base_manager.filter(**{field.attname: member_id}).exists()
    ]


def everything_written() -> Iterator[tuple[str, str]]:
    """Each row of each table as text, sessions opened; and each file."""
    for model in all_models():
        for row in rows_of(model):
            yield model._meta.label, json.dumps(row, default=str, ensure_ascii=False)
    for session in Session.objects.all():
        yield "sessions.Session", json.dumps(session.get_decoded(), ensure_ascii=False)
    for path in Path(site.VAR_DIR).rglob("*"):
        if path.is_file():
            yield str(path), str(path)
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as archive:
                    for name in archive.namelist():
                        yield f"{path}/{name}", archive.read(name).decode(errors="replace")
            else:
                yield str(path), path.read_bytes().decode(errors="replace")


def places_with(*words: str) -> set[str]:
    return {
        place
        for place, text in everything_written()
        if any(word.casefold() in text.casefold() for word in words)
    }


def files() -> set[Path]:
    return {path for path in Path(site.VAR_DIR).rglob("*") if path.is_file()}


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
