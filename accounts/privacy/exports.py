"""All that is kept of a member, put together into one file that only they may fetch.

The row says how far it is: waiting, being made, ready, failed. A worker holds a row by a lease and
under an id of its own, and writes beside the file's place; the file takes that place by a rename,
and only then the row says that it is ready. So a worker may be killed at any moment: nothing half
made is ever fetched, and the sweep (`take_up`) puts the row on the list again. What it left on the
disk, the rule of orphaned files removes (`rules`).
"""

import json
import logging
import os
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import TextIOWrapper
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django_tasks.base import Task
from django_tasks_db.models import DBTaskResult

from accounts.mailing import letters
from accounts.models import Export, Letter, Member
from accounts.privacy import archives
from accounts.privacy.registry import Holding, holdings

logger = logging.getLogger(__name__)

State = Export.State

KEPT = timedelta(hours=72)
MOST_A_DAY = 3
MOST_ATTEMPTS = 3
_LEASE = timedelta(minutes=30)  # a hundred thousand records take less than one
_PAUSE = timedelta(minutes=5)  # a full disk may have room again by then

_README = """\
What {studio} keeps of you
{line}

data.json   everything, by kind: what "profile", "memberships", "comments" and so on hold. It is
            plain text (UTF-8), for people and programs alike. Times are in UTC.
{files}
Passwords, passkeys and the keys of an authenticator app are only mentioned: whoever found this
file could sign in with them. What others wrote is theirs, and not in here.

Put together on {made_at}, from {site}
"""


class TooMany(Exception):
    """As many as one may ask for in a day were asked for."""


# --- Asking for it ------------------------------------------------------------------------------


@transaction.atomic
def ask(member: Member) -> tuple[Export, bool]:
    """The export that is under way, or a new one; and whether it is new. Raises `TooMany`.

    The member's row is locked, so that two presses in one moment ask for one. What failed does not
    count towards the day's.
    """
    from accounts.tasks import make_export  # which in turn makes what is asked for here

    Member.objects.select_for_update(of=("self",)).get(pk=member.pk)
    under_way = member.exports.filter(state__in=[State.WAITING, State.MAKING]).first()
    if under_way:
        return under_way, False
    lately = member.exports.filter(asked_at__gt=timezone.now() - timedelta(days=1))
    if lately.exclude(state=State.FAILED).count() >= MOST_A_DAY:
        raise TooMany
    export = Export.objects.create(member=member)
    make_export.enqueue(str(export.pk))
    return export, True


def ready_for(member: Member) -> QuerySet[Export]:
    """Those that this member may fetch now."""
    return member.exports.filter(state=State.READY, expires_at__gt=timezone.now())


# --- Making it ----------------------------------------------------------------------------------


def make(export_id: UUID) -> None:
    """Make this one, if it waits and nobody else is at it. How it went is on the row."""
    holder = uuid4()
    held = _take(export_id, holder)
    if held is None:
        return
    unfinished = archives.unfinished_path_of(export_id, holder)
    try:
        size = _write(held.get().member, unfinished)
        _hand_over(held, unfinished, size)
    except (OperationalError, InterfaceError):
        raise  # the database is away: the lease runs out, and then the sweep finds it
    except Export.DoesNotExist:
        return  # the account went meanwhile
    except Exception:
        logger.exception("The data of a member could not be put together (%s)", export_id)
        _put_off(held)
    except BaseException:  # the worker was told to stop
        held.update(state=State.WAITING, attempts=F("attempts") - 1, held_by=None, lease_until=None)
        raise
    finally:
        unfinished.unlink(missing_ok=True)


def take_up(task: Task[[str], None]) -> int:
    """Put on the list what lapsed, or is to be tried again; how many there were. The sweep."""
    now = timezone.now()
    lapsed = Export.objects.filter(state=State.MAKING, lease_until__lt=now)
    lapsed.filter(attempts__gte=MOST_ATTEMPTS).update(
        state=State.FAILED, held_by=None, lease_until=None
    )
    lapsed.update(state=State.WAITING, held_by=None, lease_until=None)
    waiting = Export.objects.filter(state=State.WAITING).exclude(lease_until__gt=now)
    pks = list(waiting.order_by("asked_at").values_list("pk", flat=True)[:100])
    if not pks:
        return 0
    listed = DBTaskResult.objects.ready().filter(task_path=task.module_path)
    on_the_list = {row["args"][0] for row in listed.values_list("args_kwargs", flat=True)}
    due = [str(pk) for pk in pks if str(pk) not in on_the_list]
    for pk in due:
        task.enqueue(pk)
    return len(due)


def _take(export_id: UUID, holder: UUID) -> QuerySet[Export] | None:
    now = timezone.now()
    free = Export.objects.filter(pk=export_id, state=State.WAITING).exclude(lease_until__gt=now)
    taken = free.update(
        state=State.MAKING, attempts=F("attempts") + 1, held_by=holder, lease_until=now + _LEASE
    )
    held = Export.objects.filter(pk=export_id, state=State.MAKING, held_by=holder)
    return held.select_related("member") if taken else None


def _hand_over(held: QuerySet[Export], unfinished: Path, size: int) -> None:
    """File, row and letter: all three, or the row waits on."""
    now = timezone.now()
    with transaction.atomic():
        export = held.select_for_update(of=("self",)).get()
        unfinished.replace(archives.path_of(export.pk))
        until = now + KEPT
        held.update(
            state=State.READY,
            made_at=now,
            expires_at=until,
            size=size,
            held_by=None,
            lease_until=None,
        )
        data = {"export": str(export.pk), "until": until.isoformat()}
        letters.send(export.member, Letter.Kind.EXPORT_READY, data=data)


def _put_off(held: QuerySet[Export]) -> None:
    if not held.filter(attempts__gte=MOST_ATTEMPTS).update(
        state=State.FAILED, held_by=None, lease_until=None
    ):
        held.update(state=State.WAITING, held_by=None, lease_until=timezone.now() + _PAUSE)


# --- The file -----------------------------------------------------------------------------------


def _write(member: Member, path: Path) -> int:
    """Write the archive and flush it to the disk; its size in bytes. One record in memory at a
    time, and what `read` itself holds."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    now = timezone.now()
    with path.open("xb") as file:
        os.fchmod(file.fileno(), 0o600)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            # Of unknown size beforehand: more than 2 GB has to be announced.
            with (
                archive.open("data.json", "w", force_zip64=True) as binary,
                TextIOWrapper(binary, encoding="utf-8", newline="\n") as text,
            ):
                text.writelines(_document(member, now))
            files = list(_add_files(archive, member))
            archive.writestr("README.txt", _readme(files, now))
        file.flush()
        os.fsync(file.fileno())
    return path.stat().st_size


def _document(member: Member, now: datetime) -> Iterator[str]:
    """A JSON document, piece by piece: an object with a list for each kind of thing."""
    about = {"site": settings.SITE_URL, "studio": settings.STUDIO_NAME, "made_at": now}
    yield '{\n "about": ' + _indented(about, 1)
    # In the opposite order of erasing: who somebody is comes first, what hangs on it later.
    for holding in reversed(holdings()):
        yield f",\n {json.dumps(holding.name)}: ["
        separator = "\n"
        for record in holding.read(member):
            yield separator + "  " + _indented(record, 2)
            separator = ",\n"
        yield "]" if separator == "\n" else "\n ]"
    yield "\n}\n"


def _indented(value: Any, depth: int) -> str:
    """JSON holds no line break but those of its indentation."""
    return as_json(value, indent=1).replace("\n", "\n" + " " * depth)


def as_json(value: Any, *, indent: int | None = None) -> str:
    """What a record holds, as JSON: moments in UTC (ISO 8601), words in the language of now."""
    return json.dumps(value, ensure_ascii=False, indent=indent, default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, UUID | Promise):
        return str(value)
    raise TypeError(f"A record may not hold {type(value).__name__}.")


def _add_files(archive: zipfile.ZipFile, member: Member) -> Iterator[str]:
    """Copy pictures and the like as they are; yields where each stands in the archive."""
    for holding in holdings():
        yield from _add_files_of(holding, archive, member)


def _add_files_of(holding: Holding, archive: zipfile.ZipFile, member: Member) -> Iterator[str]:
    for file in holding.files(member):
        inside = archives.path_inside(holding.name, file)
        try:
            source = file.storage.open(file.name or "", "rb")
        except FileNotFoundError:  # replaced while we were busy, or lost: the data are not
            logger.warning("A file of a member is not there: %s", file.name)
            continue
        with source, archive.open(inside, "w") as target:
            for chunk in source.chunks():
                target.write(chunk)
        yield inside


def _readme(files: list[str], now: datetime) -> str:
    title = f"What {settings.STUDIO_NAME} keeps of you"
    return _README.format(
        studio=settings.STUDIO_NAME,
        line="=" * len(title),
        files="".join(f"{name}\n            a file of yours\n" for name in files),
        made_at=_plain(now),
        site=settings.SITE_URL,
    )
