"""Telling somebody something about their account, by mail."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts.mailing.tasks import enqueue_letters
from accounts.mailing.words import new_message_id
from accounts.models import Letter, Member

_NOTHING: Mapping[str, Any] = {}


def send(
    recipient: Member | None,
    kind: Letter.Kind,
    *,
    data: Mapping[str, Any] = _NOTHING,
    address: str = "",
) -> Letter:
    """Write a letter down, in the transaction that makes true what it says. One query.

    It is sent after the commit, even if the process dies right then; what is rolled back is never
    told. It goes to `address`, else to the one that the recipient has by the time of sending.
    Without a recipient there must be an address.

    `data` is what the words need, in what JSON can hold; moments as `isoformat()`:

    EXPORT_READY     {"export": its id, "until": moment}; unwanted once the export is gone
    LEAVING          {"due": moment}; unwanted once the member stays, or leaves on another day
    GONE             {}
    NEW_DEVICE       {"device": words, "ip": address on the internet, "at": moment}
    ADDRESS_CHANGED  {"new": the new address, masked}
    SIGN_IN_CHANGED  as NEW_DEVICE, and {"about": one of `changes.CHANGES`, what its words need}

    A letter without a recipient may say in `data` how its reader reads: {"language": tag,
    "time_zone": IANA name}; else it is written in the studio's language, by the studio's clock.
    """
    letter = Letter.objects.create(
        recipient=recipient,
        kind=kind,
        address=address,
        data=dict(data),
        message_id=new_message_id(),
    )
    # Robust: what is told stands, whatever becomes of the list; the sweep finds what is due.
    transaction.on_commit(lambda: enqueue_letters([letter.pk]), robust=True)
    return letter
