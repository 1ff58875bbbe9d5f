"""A member of whom everything is kept that this site can keep."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.db import SessionStore
from django.core.files.base import ContentFile
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max

from accounts.membership.trials import start_trial
from accounts.models import (
    AddressChange,
    Departure,
    Export,
    KnownDevice,
    Letter,
    Member,
)
from classes.models import Avoidance, Forgetting, HistoryPause, SavedClass, Viewing
from tests.factories import make_class, make_member, make_movement


def give_everything(member: Member, *, times: int = 1) -> Member:
    """One of what there can be one of, and `times` of all else, of `accounts` and `classes`."""
    now = timezone.now()
    member.avatar.save(f"{uuid4().hex}.webp", ContentFile(b"a picture"), save=True)
    member.display_name = f"{member.display_name} the second"
    member.save()
    member.groups.add(Group.objects.get_or_create(name="Friends")[0])
    member.user_permissions.add(Permission.objects.order_by("pk")[0])
    member.set_password("a quiet morning")
    member.save(update_fields=["password"])
    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    start_trial(member)
    AddressChange.objects.create(
        member=member, new_address=f"new.{member.email}", expires_at=now + timedelta(minutes=15)
    )
    Departure.objects.create(member=member, due_at=now + timedelta(days=7))
    HistoryPause.objects.create(member=member)
    Forgetting.objects.create(member=member, at=now)
    avoidance = Avoidance.objects.create(member=member)
    for _time in range(times):
        member.memberships.create(note="a gift")
        Authenticator.objects.create(
            user=member, type=Authenticator.Type.RECOVERY_CODES, data={"seed": uuid4().hex}
        ) if not Authenticator.objects.filter(user=member).exists() else None
        sign_in(member, {"comments.unsent": {"/classes/": {"body": "words that wait"}}})
        KnownDevice.objects.create(member=member, key_hash=uuid4().hex)
        letter = Letter.objects.create(
            recipient=member, kind=Letter.Kind.NEW_DEVICE, data={"ip": "192.0.2.1"}
        )
        export = Export.objects.create(member=member, state=Export.State.READY)
        make_task("accounts.tasks.make_export", [str(export.pk)])
        make_task("accounts.tasks.send_letter", [letter.pk])
        make_task("elsewhere.tasks.fail", [], traceback=f"refused: {member.email}")
        log(member, member, f"changed {member.display_name}")
        avoidance.movements.add(make_movement())
        workout_class = make_class()
        SavedClass.objects.create(member=member, workout_class=workout_class)
        variant = workout_class.variants.get()
        Viewing.objects.create(
            member=member,
            variant=variant,
            workout_class=workout_class,
            film=variant.video_id,
            second=30,
            measured_at=now,
            covered=b"\x0f",
            credited_at=now,
        )
    return member


def make_somebody(**attrs: Any) -> Member:
    return give_everything(make_member(**attrs))


def sign_in(member: Member, words: dict | None = None, *, is_listed: bool = True) -> str:
    """A session of theirs; the key of it."""
    session = SessionStore()
    session["_auth_user_id"] = str(member.pk)
    session["_auth_user_hash"] = member.get_session_auth_hash()
    session.update(words or {})
    session.save()
    if is_listed:
        UserSession.objects.create(
            user=member, session_key=session.session_key, ip="192.0.2.1", user_agent="Firefox"
        )
    return session.session_key


def log(by: Member, about: Any, message: str) -> LogEntry:
    return LogEntry.objects.create(
        user=by,
        content_type=ContentType.objects.get_for_model(about),
        object_id=str(about.pk),
        object_repr=str(about),
        action_flag=CHANGE,
        change_message=json.dumps([{"changed": {"fields": [message]}}]),
    )


def make_task(path: str, args: list, *, traceback: str = "") -> DBTaskResult:
    return DBTaskResult.objects.create(
        task_path=path,
        args_kwargs={"args": args, "kwargs": {}},
        status="FAILED" if traceback else "SUCCESSFUL",
        finished_at=timezone.now(),
        backend_name="default",
        run_after=get_date_max(),
        exception_class_path="",
        traceback=traceback,
    )
