"""Which comments wait until somebody of the studio has read them, and why.

A rule is a function with a name and a reason. The names are stored on the comment and in the
decision that held it; whoever decides about it reads the reasons (`reason_of`).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from classes.models import Instructor
from comments.models import Comment, Decision
from comments.text import find_addresses

# So far back, and among so many, the same words are looked for.
REPEATED_WITHIN = timedelta(days=1)
_COMPARED = 50

# "www.example.org" is shown as text, and still is an invitation to go there.
_SPOKEN_ADDRESS = re.compile(r"(?<![\w/.@:-])www\.[^\s<>\"“”]+", re.IGNORECASE)


@dataclass(frozen=True)
class Sent:
    """What is judged: words that somebody wants to say, or (`replaces`) to put in their place."""

    member: Member
    body: str
    is_of_studio: bool  # see the function of this name
    is_over_rate: bool = False
    replaces: Comment | None = None


def is_first(sent: Sent) -> bool:
    """Nothing of theirs was ever approved, or stood there without having to be.

    Switched off by `HOLD_FIRST_COMMENTS`. What was held and taken back teaches nobody who writes.
    """
    if not settings.HOLD_FIRST_COMMENTS or sent.replaces:
        return False
    stood = Q(state=Comment.State.PUBLISHED) | Q(
        state=Comment.State.REMOVED, removed_by=sent.member, held_for=[]
    )
    approved = Decision.objects.filter(
        comment__author=sent.member, act__in=[Decision.Act.APPROVED, Decision.Act.RESTORED]
    )
    return not (sent.member.comments.filter(stood).exists() or approved.exists())


def links_elsewhere(sent: Sent) -> bool:
    """An edit is held for what it adds: what stood there already was judged then."""
    known = _addresses_elsewhere(sent.replaces.body) if sent.replaces else set()
    return bool(_addresses_elsewhere(sent.body) - known)


def is_repeated(sent: Sent) -> bool:
    """The same words, whatever their case and spaces, on any class, and taken away again or not."""
    others = sent.member.comments.filter(written_at__gt=timezone.now() - REPEATED_WITHIN)
    if sent.replaces:
        others = others.exclude(pk=sent.replaces.pk)
    bodies = others.order_by("-written_at").values_list("body", flat=True)[:_COMPARED]
    return _folded(sent.body) in map(_folded, bodies)


def is_over_rate(sent: Sent) -> bool:
    return sent.is_over_rate


@dataclass(frozen=True)
class Rule:
    name: str  # stored: never changed
    reason: str | Promise  # for the studio, after "Held because"
    holds: Callable[[Sent], bool]


RULES = (
    Rule("first", _("It is the first comment of a new member."), is_first),
    Rule("links", _("It links to another site."), links_elsewhere),
    Rule("repeats", _("The same words were written shortly before."), is_repeated),
    Rule("rate", _("Much was written in a short time."), is_over_rate),
)
# Named by other modules: what members reported (`moderation`), and what nobody gave a rule for.
_OTHER_REASONS = {"reports": _("Several members reported it.")}

_REASONS = {rule.name: rule.reason for rule in RULES} | _OTHER_REASONS


def judge(sent: Sent) -> list[str]:
    """The names of the rules that hold this, in their order; none for instructors and staff.

    At most three queries. A link to this site never holds.
    """
    if sent.is_of_studio:
        return []
    return [rule.name for rule in RULES if rule.holds(sent)]


def is_of_studio(member: Member) -> bool:
    """Whether somebody is staff, or teaches, whichever classes those are. At most one query."""
    return member.is_staff or Instructor.objects.filter(member=member).exists()


def reason_of(name: str) -> str:
    """Why a rule holds, in words. One that there is no more gives its name."""
    return str(_REASONS.get(name, name))


def _addresses_elsewhere(body: str) -> set[str]:
    found = {address for _start, address in find_addresses(body)}
    found |= {f"http://{match[0]}" for match in _SPOKEN_ADDRESS.finditer(body)}
    return {address for address in found if not _is_ours(address)}


def _is_ours(address: str) -> bool:
    """Fails closed: an address that cannot be taken apart leads elsewhere."""
    if address.startswith("/"):  # a path; `find_addresses` finds none that begins with two
        return True
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.netloc.lower() == urlsplit(settings.SITE_URL).netloc.lower()


def _folded(body: str) -> str:
    return " ".join(body.casefold().split())
