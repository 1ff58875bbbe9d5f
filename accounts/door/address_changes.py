"""Another e-mail address, which counts once both mailboxes, the old and the new, said yes.

Whoever holds a session that is not theirs cannot move the account to a mailbox of their own: it
takes a code from the old one. Whoever mistypes the new address cannot lock themselves out: it takes
a code from there. The codes go out at once, not by the list of tasks, where they would be kept.

An address that belongs to somebody else looks the same and takes as long: that mailbox is told, and
gets no code, and what is kept in place of one fits none. So nobody learns who has an account.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from typing import Any, cast

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.adapter import NOT_SENT, AccountAdapter
from accounts.door.sessions import end_sessions
from accounts.mailing import letters
from accounts.membership.trials import address_hash
from accounts.models import AddressChange, Letter, Member, Membership, TrialTaken

LIFETIME = timedelta(minutes=15)
# So many wrong codes end a change. With as many changes as the page lets begin in an hour, a guess
# among a million stays a guess.
MOST_WRONG = 5

_SALT = "accounts.address_changes"
_DIGITS = 6


class Box(StrEnum):
    """The mailbox that a code was sent to."""

    OLD = "old"
    NEW = "new"


class Outcome(Enum):
    WAITING = "waiting"  # for a code, or for a right one
    DONE = "done"
    NONE_UNDER_WAY = "none under way"  # or its time ran out
    TOO_MANY_WRONG = "too many wrong"
    TAKEN = "taken"  # by somebody, since the codes went out


@dataclass(frozen=True)
class Answer:
    outcome: Outcome
    wrong: frozenset[Box] = field(default_factory=frozenset)


class NotSent(Exception):
    """The mail server did not take the codes. Nothing is under way now."""


def under_way(member: Member) -> AddressChange | None:
    """The change that waits for its codes, with its member. One query."""
    waiting = AddressChange.objects.select_related("member")
    return waiting.filter(member=member, expires_at__gt=timezone.now()).first()


def begin(member: Member, new_address: str) -> None:
    """Send a code to both mailboxes. A change that was under way ends.

    Four queries, and two mails before it returns; call it outside a transaction, and within a
    request, in whose language the mails are. Raises `NotSent`.
    """
    _send_codes(member, new_address, {Box.OLD: _new_code(), Box.NEW: _new_code()}, is_new=True)


def send_again(change: AddressChange) -> None:
    """New codes for the mailboxes whose code is still wanted; the time begins anew.

    Wrong codes stay counted. Costs as `begin`, and raises `NotSent`.
    """
    wanted = {box: _new_code() for box in Box if confirmed_at(change, box) is None}
    _send_codes(change.member, change.new_address, wanted, is_new=False)


def stop(member: Member) -> None:
    AddressChange.objects.filter(member=member).delete()


@transaction.atomic
def enter(member: Member, codes: Mapping[Box, str], *, session_key: str | None = None) -> Answer:
    """Take the codes that were typed; once both were right the address changes, in this moment.

    A right one counts though the other is wrong or missing. What is already confirmed is not looked
    at. With the change all sessions of the member end but the one with this key: whoever moves away
    from a mailbox that others read should be alone in the account. Three queries while it waits.
    """
    # Who is deleted, or given another address by a curator, in this moment goes first or last.
    member = Member.objects.select_for_update().get(pk=member.pk)
    change = under_way(member)
    if change is None:
        return Answer(Outcome.NONE_UNDER_WAY)
    wrong = set()
    for box, code in codes.items():
        if not code or confirmed_at(change, box):
            continue
        if constant_time_compare(_hash_of(change, member, box, code), _hash_kept(change, box)):
            setattr(change, f"{box}_confirmed_at", timezone.now())
        else:
            wrong.add(box)
    change.attempts += len(wrong)
    if change.attempts >= MOST_WRONG:
        change.delete()
        return Answer(Outcome.TOO_MANY_WRONG, frozenset(wrong))
    if any(confirmed_at(change, box) is None for box in Box):
        change.save(update_fields=["attempts", "old_confirmed_at", "new_confirmed_at"])
        return Answer(Outcome.WAITING, frozenset(wrong))
    return Answer(_carry_out(member, change.new_address, session_key))


def confirmed_at(change: AddressChange, box: Box) -> datetime | None:
    return change.old_confirmed_at if box == Box.OLD else change.new_confirmed_at


def masked(address: str) -> str:
    """`m…@example.com`: its owner knows it again, and nobody else could write to it."""
    local, _at, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


def _carry_out(member: Member, new_address: str, session_key: str | None) -> Outcome:
    former = member.email
    AddressChange.objects.filter(member=member).delete()
    if _belongs_to_another(member, new_address):
        return Outcome.TAKEN
    try:
        with transaction.atomic():
            member.email = new_address
            member.save(update_fields=["email"])
            EmailAddress.objects.filter(user=member).delete()
            EmailAddress.objects.create(user=member, email=new_address, verified=True, primary=True)
    except IntegrityError:  # somebody else was given it in the same moment
        return Outcome.TAKEN
    _remember_trial(member, former)
    end_sessions(member, but=session_key)
    letters.send(
        member, Letter.Kind.ADDRESS_CHANGED, data={"new": masked(new_address)}, address=former
    )
    return Outcome.DONE


def _remember_trial(member: Member, former: str) -> None:
    """The trial moves along, so that none is had by moving on and signing up again."""
    had_one = member.memberships.filter(source=Membership.Source.TRIAL).exists()
    if had_one or TrialTaken.objects.filter(address_hash=address_hash(former)).exists():
        TrialTaken.objects.get_or_create(address_hash=address_hash(member.email))


def _belongs_to_another(member: Member, address: str) -> bool:
    """Compared in lower case, as the members' constraint does. Not by `iexact`: PostgreSQL compares
    in upper case, in which "ı" and "ſ" are "I" and "S", and another domain would be somebody's."""
    address, lower = address.lower(), Lower("email")
    others = Member.objects.alias(lower=lower).filter(lower=address).exclude(pk=member.pk)
    verified = EmailAddress.objects.alias(lower=lower).filter(lower=address, verified=True)
    verified = verified.exclude(user=member)
    # Both are asked, whatever the first says: the time of the answer tells nothing.
    return others.exists() | verified.exists()


def _send_codes(
    member: Member, new_address: str, codes: Mapping[Box, str], *, is_new: bool
) -> None:
    now = timezone.now()
    is_taken = _belongs_to_another(member, new_address)
    change = AddressChange(member=member, new_address=new_address)
    kept: dict[str, Any] = {
        f"{box}_code_hash": (
            secrets.token_hex(32)
            if is_taken and box == Box.NEW
            else _hash_of(change, member, box, code)
        )
        for box, code in codes.items()
    }
    kept |= {"expires_at": now + LIFETIME}
    if is_new:
        kept |= {
            "new_address": new_address,
            "old_confirmed_at": None,
            "new_confirmed_at": None,
            "attempts": 0,
            "asked_at": now,
        }
        AddressChange.objects.update_or_create(member=member, defaults=kept)
    else:
        AddressChange.objects.filter(member=member).update(**kept)
    try:
        for box, code in codes.items():
            _send_code(member, new_address, box, code, is_taken=is_taken)
    except NOT_SENT as trouble:
        stop(member)
        raise NotSent from trouble


def _send_code(member: Member, new_address: str, box: Box, code: str, *, is_taken: bool) -> None:
    if box == Box.OLD:
        template, address = "address_change_old", member.email
    else:
        template = "address_change_taken" if is_taken else "address_change_new"
        address = new_address
    context = {"code": code, "new_address": masked(new_address)}
    cast(AccountAdapter, get_adapter()).hand_over(f"account/email/{template}", address, context)


def _new_code() -> str:
    return f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"


def _hash_of(change: AddressChange, member: Member, box: Box, code: str) -> str:
    """Of everything that the code was sent about: no other change is confirmed by it.

    The old address is part of it, so that a change ends when a curator gives the member another.
    """
    words = f"{member.pk}:{member.email}:{change.new_address}:{box}:{code}"
    return salted_hmac(_SALT, words, algorithm="sha256").hexdigest()


def _hash_kept(change: AddressChange, box: Box) -> str:
    return change.old_code_hash if box == Box.OLD else change.new_code_hash
