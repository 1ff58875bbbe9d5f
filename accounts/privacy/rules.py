"""How long `accounts` keeps what is a person's, and the files that nobody's row names any more."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.holdings import GroupsThen, forget_changes_of, log_about
from accounts.models import (
    AddressChange,
    Export,
    KnownDevice,
    Letter,
    Member,
    Membership,
    TrialTaken,
)
from accounts.privacy import archives, exports
from accounts.privacy.retention import Rule, in_bites, months, remove, rule_for_rows

# Longer than any upload or archive is under way: younger files may get their row in a moment.
_ORPHANED_AFTER = timedelta(days=1)

LONG = months(24)
SENT_KEPT = timedelta(days=30)
_FAILED_KEPT = timedelta(days=90)
_CHANGE_KEPT = timedelta(days=1)
_UNVERIFIED_KEPT = timedelta(days=30)


def _ago(kept: timedelta) -> datetime:
    return timezone.now() - kept


# --- Rows ---------------------------------------------------------------------------------------


def past_exports() -> QuerySet[Export]:
    """Those whose file is past its time, and those of which none came to be."""
    never_made = Q(expires_at=None, asked_at__lt=_ago(exports.KEPT))
    return Export.objects.filter(Q(expires_at__lte=timezone.now()) | never_made)


def purge_exports() -> int:
    """The file goes first: a row without one is found again, a file without a row leaks."""

    def remove_these(pks: list[UUID]) -> None:
        archives.remove(pks)
        Export.objects.filter(pk__in=pks).delete()

    return in_bites(past_exports(), remove_these)


def past_letters() -> QuerySet[Letter]:
    state = Letter.State
    over = Q(state__in=[state.SENT, state.UNWANTED])
    given_up = Q(state__in=[state.FAILED, state.UNKNOWN])
    return Letter.objects.filter(
        over & Q(made_at__lt=_ago(SENT_KEPT)) | given_up & Q(made_at__lt=_ago(_FAILED_KEPT))
    )


def past_sessions() -> QuerySet[Session]:
    return Session.objects.filter(expire_date__lt=timezone.now())


def dead_on_the_list() -> QuerySet[UserSession]:
    alive = Session.objects.filter(session_key=OuterRef("session_key"))
    return UserSession.objects.filter(~Exists(alive))


def purge_sessions() -> int:
    number = remove(past_sessions())
    remove(dead_on_the_list())
    return number


def purge_profile_changes() -> int:
    def remove_these(pks: list[int]) -> None:
        with transaction.atomic():
            GroupsThen._default_manager.filter(history_id__in=pks).delete()
            Member.history.filter(pk__in=pks).delete()

    return in_bites(past_profile_changes(), remove_these)


def past_profile_changes() -> QuerySet:
    return Member.history.filter(history_date__lt=_ago(LONG))


# --- Sign-ups that were never verified ----------------------------------------------------------

# What a sign-up itself makes, and what says nothing about whether somebody is there.
_OF_A_SIGN_UP = {"account.EmailAddress", "usersessions.UserSession", "accounts.KnownDevice"}


def never_verified() -> QuerySet[Member]:
    """Who signed up, never proved the address, and left nothing anywhere.

    Whatever leads to a member keeps them: a comment, a membership, a page as a teacher, a group.
    So does every table that is added one day, without being named here.
    """
    addresses = EmailAddress.objects.filter(user=OuterRef("pk"))
    found = Member.objects.filter(
        Exists(addresses),
        ~Exists(addresses.filter(verified=True)),
        date_joined__lt=_ago(_UNVERIFIED_KEPT),
        last_login=None,
        is_staff=False,
        is_superuser=False,
    )
    for model, field in _leading_to_members():
        found = found.filter(~Exists(model._default_manager.filter(**{field: OuterRef("pk")})))
    return found


def _leading_to_members() -> Iterator[tuple[type[models.Model], str]]:
    """A column in a table is enough: many-to-many relations have one of their own."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.label in _OF_A_SIGN_UP:
            continue
        for field in model._meta.local_fields:
            if field.is_relation and field.related_model is Member:
                yield model, field.name


def purge_never_verified() -> int:
    return in_bites(never_verified(), _remove_sign_ups)


def _remove_sign_ups(pks: list[int]) -> None:
    with transaction.atomic():
        # Who proves the address in this moment waits for these locks, or is seen by the filter.
        list(EmailAddress.objects.select_for_update().filter(user__in=pks).values_list("pk"))
        list(Member.objects.select_for_update().filter(pk__in=pks).values_list("pk"))
        pks = list(never_verified().filter(pk__in=pks).values_list("pk", flat=True))
        LogEntry.objects.filter(log_about(Member, pks)).delete()
        Member.objects.filter(pk__in=pks).delete()
        forget_changes_of(pks)  # last, for the history hears of rows that go


# --- Files --------------------------------------------------------------------------------------


def orphaned_files() -> Iterator[Path]:
    """Pictures that no member has, and archives that no row names, a day old or more.

    One query for each file that is.
    """
    before = _ago(_ORPHANED_AFTER)
    pictures = Path(settings.MEDIA_ROOT) / "avatars"
    for path in _older_files(pictures, before):
        if not Member.objects.filter(avatar=f"avatars/{path.name}").exists():
            yield path
    for path in _older_files(archives.folder(), before):
        if path.name.startswith(".") or not _is_of_an_export(path):
            yield path


def _older_files(folder: Path, before: datetime) -> Iterator[Path]:
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_file() and datetime.fromtimestamp(path.stat().st_mtime, UTC) < before:
            yield path


def _is_of_an_export(path: Path) -> bool:
    try:
        return Export.objects.filter(pk=UUID(path.stem)).exists()
    except ValueError:
        return False


def purge_files() -> int:
    number = 0
    for path in orphaned_files():
        path.unlink(missing_ok=True)
        number += 1
    return number


# --- The rules ----------------------------------------------------------------------------------

RULES = (
    rule_for_rows(
        "trials",
        _("That an address had its trial: a fingerprint of it, not the address"),
        LONG,
        lambda: TrialTaken.objects.filter(taken_at__lt=_ago(LONG)),
    ),
    Rule(
        "sign-ups",
        _("Accounts whose address was never confirmed, if nothing was done with them"),
        _UNVERIFIED_KEPT,
        purge_never_verified,
        past=lambda: never_verified().count(),
    ),
    Rule(
        "sessions",
        _("Where you are signed in, from the last time you were signed in anew"),
        timedelta(seconds=settings.SESSION_COOKIE_AGE),
        purge_sessions,
        past=lambda: past_sessions().count(),
    ),
    rule_for_rows(
        "devices",
        _("A browser that you signed in with, from the last time"),
        LONG,
        lambda: KnownDevice.objects.filter(last_seen_at__lt=_ago(LONG)),
    ),
    rule_for_rows(
        "address-changes",
        _("A new address that was not confirmed in time"),
        _CHANGE_KEPT,
        lambda: AddressChange.objects.filter(expires_at__lt=_ago(_CHANGE_KEPT)),
    ),
    Rule(
        "exports",
        _("The file with your data"),
        exports.KEPT,
        purge_exports,
        past=lambda: past_exports().count(),
    ),
    rule_for_rows(
        "letters",
        _("Mail about your account, once it was sent; if that failed, three times as long"),
        SENT_KEPT,
        past_letters,
    ),
    Rule(
        "profile-changes",
        _("What your profile was before you changed it"),
        LONG,
        purge_profile_changes,
        past=lambda: past_profile_changes().count(),
    ),
    rule_for_rows(
        "membership-changes",
        _("Changes of your memberships"),
        LONG,
        lambda: Membership.history.filter(history_date__lt=_ago(LONG)),
    ),
    rule_for_rows(
        "log",
        _("The administration’s log"),
        LONG,
        lambda: LogEntry.objects.filter(action_time__lt=_ago(LONG)),
    ),
    Rule(
        "files",
        _("Pictures and files that belong to nobody any more"),
        _ORPHANED_AFTER,
        purge_files,
        past=lambda: sum(1 for _path in orphaned_files()),
    ),
)
