"""Somebody who is everywhere on this site, and a search of all tables and files for them."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings as site
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import models
from django.utils import timezone

from accounts.models import Member, Membership
from classes.models import Video
from comments import moderation
from comments.models import (
    ClassRequest,
    Comment,
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

NAME, EMAIL = "Wilhelmina Quartz", "wilhelmina@quartz.example"
ASKED = "My left hip clicks when I roll."
ALONE = "Nobody ever answered this one."
UNSEEN = "Held, and never to be read."
ANSWERED = "As a teacher I would say: slowly."


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
    log(
        other,
        Notice.objects.create(
            recipient=member, comment=theirs, kind=Notice.Kind.ANSWER, error=EMAIL
        ),
        "",
    )
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
