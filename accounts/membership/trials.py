"""The trial, once for each person."""

import unicodedata
from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.encoding import punycode

from accounts.models import Member, Membership, TrialTaken

# Where a dot in the name makes no other mailbox, and the domain's other spelling.
_DOTS_DO_NOT_COUNT = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}
_QUOTING = str.maketrans("", "", '"\\')


def normalise_address(address: str) -> str:
    """One spelling for the addresses that reach one mailbox, as far as can be known.

    NFKC and lower case; the domain in IDNA; the name without quotes and backslashes, which say
    nothing by themselves (RFC 5321, 4.1.2); what follows a plus sign dropped, which every large
    provider takes as a tag; for Google's domains, dots in the name dropped. For comparing only:
    mail goes to the address as it was typed.
    """
    local, _at, domain = unicodedata.normalize("NFKC", address).strip().casefold().rpartition("@")
    with suppress(UnicodeError):  # no domain that mail could reach; compare it as it is
        domain = punycode(domain)
    local = local.translate(_QUOTING)
    # A name that begins with a plus sign is all tag: keep it, or strangers would share a trial.
    local = local.partition("+")[0] or local
    if domain in _DOTS_DO_NOT_COUNT:
        local, domain = local.replace(".", ""), _DOTS_DO_NOT_COUNT[domain]
    return f"{local}@{domain}"


def address_hash(address: str, key: str | None = None) -> str:
    """An HMAC under SECRET_KEY, so that the table alone cannot be searched for an address.

    Under a new SECRET_KEY, who had a trial is known as long as the former one stands in
    SECRET_KEY_FALLBACKS, and forgotten then.
    """
    normal = normalise_address(address)
    return salted_hmac("accounts.trial", normal, secret=key, algorithm="sha256").hexdigest()


@transaction.atomic
def start_trial(member: Member) -> Membership | None:
    """Give the trial of TRIAL_DAYS, once for each member and each address.

    None where it was given before, or the studio gives none. Safe to call twice, and at once from
    two processes: the row of the address decides, the row of the member is locked meanwhile.
    """
    if settings.TRIAL_DAYS <= 0:
        return None
    # A member who moves to a new address has had a trial, though that address has not.
    Member.objects.select_for_update().get(pk=member.pk)
    former = [address_hash(member.email, key) for key in settings.SECRET_KEY_FALLBACKS]
    had_one = (
        member.memberships.filter(source=Membership.Source.TRIAL).exists()
        or TrialTaken.objects.filter(address_hash__in=former).exists()
    )
    _taken, is_first = TrialTaken.objects.get_or_create(address_hash=address_hash(member.email))
    if had_one or not is_first:
        return None
    now = timezone.now()
    return Membership.objects.create(
        member=member,
        starts_at=now,
        ends_at=now + timedelta(days=settings.TRIAL_DAYS),
        source=Membership.Source.TRIAL,
    )
