"""What `accounts` keeps of a person, for the lists of `accounts.privacy.registry`.

`HOLDINGS` stands in the order of erasing: what is found by way of other rows goes before these.
The member's row itself goes last, by whoever erases the account.
"""

import re
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext_lazy as _
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from accounts.membership.trials import address_hash
from accounts.models import (
    AddressChange,
    Departure,
    KnownDevice,
    Letter,
    Member,
    Membership,
    TrialTaken,
)
from accounts.privacy import archives
from accounts.privacy.registry import Holding, Record, Trace
from accounts.privacy.sessions import end_sessions, sessions_of, words_in

Words = Departure.Words

_CHUNK = 1000  # rows in memory at a time
_HAPPENED = {"+": "made", "~": "changed", "-": "removed"}
_ESCAPED = re.compile(r"\\u[0-9a-f]{4}")
_LOGGED = {1: "added", 2: "changed", 3: "deleted"}


def rows(found: QuerySet[Any]) -> Iterator[Any]:
    """One after the other, however many there are. One query, and one for each thousand of what
    is prefetched."""
    return found.order_by("pk").iterator(chunk_size=_CHUNK)


# --- The log of the administration --------------------------------------------------------------


def log_about(model: type[models.Model], pks: Iterable[Any]) -> Q:
    """What tells the log's entries about these rows from all others. One query, or none."""
    content_type = ContentType.objects.get_for_model(model)
    return Q(content_type=content_type, object_id__in=[str(pk) for pk in pks])


def _log_about(member: Member) -> QuerySet[LogEntry]:
    """About them and what is theirs: rows are named in it, addresses among them."""
    # One query for all of them, where the process has not met them yet.
    ContentType.objects.get_for_models(
        Member, Membership, EmailAddress, Authenticator, UserSession, Letter
    )
    found = log_about(Member, [member.pk])
    memberships = Membership.history.filter(member_id=member.pk).values_list("id", flat=True)
    found |= log_about(Membership, set(memberships))
    for model in (EmailAddress, Authenticator, UserSession):
        own = model._default_manager.filter(user=member)
        found |= log_about(model, own.values_list("pk", flat=True))
    letters = Letter.objects.filter(recipient=member).values_list("pk", flat=True)
    found |= log_about(Letter, letters)
    return LogEntry.objects.filter(found)


def _log_naming(member: Member) -> QuerySet[LogEntry]:
    """About others, with their address in its words: an import, say, or a row of a former time."""
    named = Q(object_repr__icontains=member.email) | Q(change_message__icontains=member.email)
    # Not dan@example.com for an@example.com. The log writes “ as \u201c, which is no part of it.
    whole = re.compile(rf"(?<![\w.+-]){re.escape(member.email)}(?![\w-]|\.\w)", re.IGNORECASE)
    candidates = LogEntry.objects.filter(named).values_list("pk", "object_repr", "change_message")
    pks = [
        pk
        for pk, name, message in candidates
        if whole.search(name) or whole.search(_ESCAPED.sub(" ", message))
    ]
    return LogEntry.objects.filter(pk__in=pks)


def read_log(member: Member) -> Iterator[Record]:
    about = _log_about(member)
    for entry in rows(about.select_related("content_type")):
        yield {
            **_logged(entry, member),
            "name": entry.object_repr,
            "details": entry.get_change_message(),
        }
    # What they did to others, and where others are named beside them, is told without the names.
    naming = _log_naming(member) | LogEntry.objects.filter(user=member)
    for entry in rows(naming.exclude(pk__in=about.values("pk")).select_related("content_type")):
        yield _logged(entry, member)


def _logged(entry: LogEntry, member: Member) -> Record:
    return {
        "at": entry.action_time,
        "by_you": entry.user_id == member.pk,
        "what": _LOGGED.get(entry.action_flag, ""),
        "kind": entry.content_type.model if entry.content_type else "",
    }


def erase_log(member: Member, words: Words) -> None:
    for found in (_log_about(member), _log_naming(member), LogEntry.objects.filter(user=member)):
        found.delete()


# --- Work in the background ---------------------------------------------------------------------


def _tasks(member: Member) -> QuerySet[DBTaskResult]:
    """Those whose arguments name something of theirs, or whose report has their address."""
    exports = [str(pk) for pk in member.exports.values_list("pk", flat=True)]
    letters = list(member.letters.values_list("pk", flat=True))
    named = Q(args_kwargs__args__0__in=[*exports, *letters])
    theirs = Q(named, task_path__startswith="accounts.")
    return DBTaskResult.objects.filter(theirs | Q(traceback__icontains=member.email))


def read_tasks(member: Member) -> Iterator[Record]:
    for task in rows(_tasks(member)):
        yield {
            "what": task.task_path,
            "asked_at": task.enqueued_at,
            "finished_at": task.finished_at,
            "state": task.status.lower(),
            "went_wrong": task.exception_class_path,
        }


def erase_tasks(member: Member, words: Words) -> None:
    # One under way finds nothing to do; its row is the worker's until it has ended.
    _tasks(member).exclude(status=TaskResultStatus.RUNNING).delete()


# --- What was asked for, and what was sent ------------------------------------------------------


def read_exports(member: Member) -> Iterator[Record]:
    for export in rows(member.exports.all()):
        yield {
            "asked_at": export.asked_at,
            "state": export.state,
            "made_at": export.made_at,
            "until": export.expires_at,
            "bytes": export.size,
        }


def erase_exports(member: Member, words: Words) -> None:
    pks = list(member.exports.values_list("pk", flat=True))
    member.exports.all().delete()
    transaction.on_commit(partial(archives.remove, pks))


def read_letters(member: Member) -> Iterator[Record]:
    for letter in rows(member.letters.all()):
        yield {
            "about": letter.kind,
            "to": letter.address,
            "with": letter.data,
            "state": letter.state,
            "made_at": letter.made_at,
            "sent_at": letter.sent_at,
            "went_wrong": letter.error,
        }


def erase_letters(member: Member, words: Words) -> None:
    member.letters.all().delete()


def read_departure(member: Member) -> Iterator[Record]:
    for departure in Departure.objects.filter(member=member):
        yield {
            "asked_at": departure.asked_at,
            "due_at": departure.due_at,
            "answered_comments": departure.words,
        }


def erase_departure(member: Member, words: Words) -> None:
    Departure.objects.filter(member=member).delete()


# --- The door -----------------------------------------------------------------------------------


def read_address_change(member: Member) -> Iterator[Record]:
    for change in AddressChange.objects.filter(member=member):
        yield {
            "new_address": change.new_address,
            "asked_at": change.asked_at,
            "until": change.expires_at,
            "old_confirmed_at": change.old_confirmed_at,
            "new_confirmed_at": change.new_confirmed_at,
        }


def erase_address_change(member: Member, words: Words) -> None:
    AddressChange.objects.filter(member=member).delete()


def read_devices(member: Member) -> Iterator[Record]:
    for device in rows(member.known_devices.all()):
        yield {"first_seen_at": device.first_seen_at, "last_seen_at": device.last_seen_at}


def erase_devices(member: Member, words: Words) -> None:
    KnownDevice.objects.filter(member=member).delete()


def read_sessions(member: Member) -> Iterator[Record]:
    for listed in rows(UserSession.objects.filter(user=member)):
        yield {
            "signed_in_at": listed.created_at,
            "last_seen_at": listed.last_seen_at,
            "internet_address": listed.ip,
            "browser": listed.user_agent,
        }
    for session in sessions_of(member):
        yield {"until": session.expire_date, "words_that_wait": words_in(session)}


def erase_sessions(member: Member, words: Words) -> None:
    end_sessions(member)


def read_ways_in(member: Member) -> Iterator[Record]:
    """That they are there. What they consist of would open the door to whoever finds the file."""
    if member.has_usable_password():
        yield {"kind": "password"}
    for way in rows(Authenticator.objects.filter(user=member)):
        yield {
            "kind": way.type,
            "name": way.wrap().name if way.type == Authenticator.Type.WEBAUTHN else "",
            "made_at": way.created_at,
            "last_used_at": way.last_used_at,
        }


def erase_ways_in(member: Member, words: Words) -> None:
    Authenticator.objects.filter(user=member).delete()
    member.set_unusable_password()
    Member.objects.filter(pk=member.pk).update(password=member.password)


def read_addresses(member: Member) -> Iterator[Record]:
    for address in rows(EmailAddress.objects.filter(user=member)):
        yield {
            "address": address.email,
            "is_verified": address.verified,
            "is_primary": address.primary,
        }


def erase_addresses(member: Member, words: Words) -> None:
    EmailAddress.objects.filter(user=member).delete()


# --- Memberships --------------------------------------------------------------------------------


def read_memberships(member: Member) -> Iterator[Record]:
    for membership in rows(member.memberships.all()):
        yield _membership(membership)


def erase_memberships(member: Member, words: Words) -> None:
    # The history hears of rows that go and writes them down once more, so it goes second.
    member.memberships.all().delete()
    Membership.history.filter(member_id=member.pk).delete()


def read_membership_changes(member: Member) -> Iterator[Record]:
    for change in rows(Membership.history.filter(member_id=member.pk)):
        yield {**_change(change, member), **_membership(change)}


def _membership(row: Any) -> Record:
    return {
        "source": row.source,
        "from": row.starts_at,
        "until": row.ends_at,
        "note": row.note,
        "reference": row.reference,
        "told_at": row.told_at,
    }


def _change(row: Any, member: Member) -> Record:
    """When it happened. Who of the studio did it is that person's own."""
    return {
        "at": row.history_date,
        "what": _HAPPENED[row.history_type],
        "why": row.history_change_reason or "",
        "by_you": row.history_user_id == member.pk,
    }


# --- The member ---------------------------------------------------------------------------------

_MemberHistory = Member.history.model
GroupsThen = _MemberHistory._meta.get_field("historicalmember_groups").related_model


def read_profile_changes(member: Member) -> Iterator[Record]:
    groups: dict[int, list[str]] = {}
    then = GroupsThen._default_manager.filter(member_id=member.pk)
    for history_id, name in then.values_list("history_id", "group__name").order_by("pk"):
        groups.setdefault(history_id, []).append(name or "")
    for change in rows(Member.history.filter(id=member.pk)):
        yield {
            **_change(change, member),
            "email": change.email,
            "display_name": change.display_name,
            "language": change.language,
            "time_zone": change.time_zone,
            "is_active": change.is_active,
            "is_staff": change.is_staff,
            "is_superuser": change.is_superuser,
            "groups": groups.get(change.history_id, []),
        }


def erase_profile_changes(member: Member, words: Words) -> None:
    forget_changes_of([member.pk])


def forget_changes_of(pks: list[int]) -> None:
    """Remove the history of members, with the groups they were in then."""
    GroupsThen._default_manager.filter(member_id__in=pks).delete()
    Member.history.filter(id__in=pks).delete()


def read_profile(member: Member) -> Iterator[Record]:
    row = Member.objects.filter(pk=member.pk).first()
    if row is None:
        return
    trial = TrialTaken.objects.filter(address_hash=address_hash(row.email)).first()
    yield {
        "email": row.email,
        "display_name": row.display_name,
        "picture": archives.path_inside(PROFILE, row.avatar) if row.avatar else None,
        "language": row.language,
        "time_zone": row.time_zone,
        "joined_at": row.date_joined,
        "last_signed_in_at": row.last_login,
        "is_active": row.is_active,
        "is_staff": row.is_staff,
        "is_superuser": row.is_superuser,
        "groups": list(row.groups.order_by("name").values_list("name", flat=True)),
        "rights": list(row.user_permissions.order_by("pk").values_list("codename", flat=True)),
        "trial_remembered_since": trial.taken_at if trial else None,
    }


def files_of_profile(member: Member) -> Iterator[FieldFile]:
    if member.avatar:
        yield member.avatar


def erase_profile(member: Member, words: Words) -> None:
    """All that hangs on the row, and its picture. The row itself goes with the account."""
    Member.groups.through.objects.filter(member_id=member.pk).delete()
    Member.user_permissions.through.objects.filter(member_id=member.pk).delete()
    # Asked anew: the picture may have been changed since the member was read.
    picture = Member.objects.filter(pk=member.pk).values_list("avatar", flat=True).first()
    if picture:
        Member.objects.filter(pk=member.pk).update(avatar="")
        storage = Member._meta.get_field("avatar").storage
        transaction.on_commit(partial(storage.delete, picture))


PROFILE = "profile"

HOLDINGS = (
    Holding(
        "log",
        _("The administration’s log"),
        _(
            "What was changed in the administration about you, and by you if you work there, so "
            "that mistakes can be found."
        ),
        read_log,
        erase_log,
        relations=("admin.LogEntry.user",),
    ),
    Holding(
        "tasks",
        _("Work done for you in the background"),
        _("That your data was put together and mail was written, until it is known to be well."),
        read_tasks,
        erase_tasks,
    ),
    Holding(
        "exports",
        _("Your data as a file"),
        _("When you asked for it. The file itself is kept for three days, so that you can get it."),
        read_exports,
        erase_exports,
        relations=("accounts.Export.member",),
    ),
    Holding(
        "letters",
        _("Mail about your account"),
        _("What was sent to you and whether it went out, so that none is lost or sent twice."),
        read_letters,
        erase_letters,
        relations=("accounts.Letter.recipient",),
    ),
    Holding(
        "departure",
        _("That you asked for your account to be deleted"),
        _("Until it is deleted, or you change your mind."),
        read_departure,
        erase_departure,
        relations=("accounts.Departure.member",),
    ),
    Holding(
        "address_change",
        _("A new e-mail address"),
        _("While it is being confirmed."),
        read_address_change,
        erase_address_change,
        relations=("accounts.AddressChange.member",),
    ),
    Holding(
        "devices",
        _("Browsers that you signed in with"),
        _("When each was seen first and last, so that a new one can be reported to you."),
        read_devices,
        erase_devices,
        relations=("accounts.KnownDevice.member",),
    ),
    Holding(
        "sessions",
        _("Where you are signed in"),
        _(
            "Browser, internet address and time of each sign-in, so that you can see and end them; "
            "and words you had typed that could not be sent yet. Until you sign out, or it runs "
            "out."
        ),
        read_sessions,
        erase_sessions,
        relations=("usersessions.UserSession.user",),
    ),
    Holding(
        "ways_in",
        _("Password, passkeys and second step"),
        _(
            "To know that it is you: a fingerprint of the password, never the password; the public "
            "half of each passkey. Until you remove them. Your file says only that they are there."
        ),
        read_ways_in,
        erase_ways_in,
        relations=("mfa.Authenticator.user",),
    ),
    Holding(
        "addresses",
        _("Your e-mail address"),
        _("To sign in and to write to you. Nobody but the studio sees it."),
        read_addresses,
        erase_addresses,
        relations=("account.EmailAddress.user",),
    ),
    Holding(
        "memberships",
        _("Your memberships"),
        _("From when until when the films are open to you, and why."),
        read_memberships,
        erase_memberships,
        relations=("accounts.Membership.member",),
    ),
    Holding(
        "membership_changes",
        _("Changes of your memberships"),
        _("When a membership was given, extended or ended, so that both sides can prove it."),
        read_membership_changes,
        erase_memberships,
        relations=("accounts.HistoricalMembership.member",),
    ),
    Holding(
        "profile_changes",
        _("Changes of your profile"),
        _("What your name, address and rights were before, so that mistakes can be undone."),
        read_profile_changes,
        erase_profile_changes,
        relations=("accounts.HistoricalMember_groups.member",),
    ),
    Holding(
        PROFILE,
        _("Your profile"),
        _(
            "Name and picture, which others see beside your comments; language and clock, for how "
            "pages look to you; when you joined. As long as you have an account."
        ),
        read_profile,
        erase_profile,
        relations=("accounts.Member_groups.member", "accounts.Member_user_permissions.member"),
        files=files_of_profile,
    ),
)

TRACES = (
    Trace(
        _("Who changed a membership or a member’s rights"),
        ("accounts.HistoricalMembership.history_user", "accounts.HistoricalMember.history_user"),
    ),
)
