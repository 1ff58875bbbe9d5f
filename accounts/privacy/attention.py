"""What was promised about people's data and not done: the studio has to look why."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.attention import Item
from accounts.models import Export, Member
from accounts.privacy import retention

_AT_ONCE = 100  # named by their ids in an address
_EXAMPLES = 5
# The worker tries twice a minute. What it did not do in a day, it will not do by itself.
_LATE = timedelta(days=1)


def failed_requests(member: Member) -> Iterator[Item]:
    """Files that could not be put together, and accounts that could not be deleted. Two queries."""
    if not member.has_perm("accounts.change_member"):
        return
    failed = list(_without_their_data()[:_AT_ONCE])
    title = ngettext(
        "member’s data could not be put together: is there room on the disk? Ask them to try again",
        "members’ data could not be put together: is there room on the disk? Ask them to try again",
        len(failed),
    )
    yield _item(title, failed)
    late = list(_still_there()[:_AT_ONCE])
    title = ngettext(
        "account should be deleted by now, and could not be: the worker’s log says why",
        "accounts should be deleted by now, and could not be: the worker’s log says why",
        len(late),
    )
    yield _item(title, late)


def failed_rules(member: Member) -> Iterator[Item]:
    """What is kept for longer than the privacy page says: it could not be removed. One query."""
    if not member.has_perm("accounts.change_member"):
        return
    failed = retention.failed()
    title = ngettext(
        "kind of thing is kept for longer than your privacy page says, for it could not be "
        "removed: the worker’s log says why",
        "kinds of things are kept for longer than your privacy page says, for they could not be "
        "removed: the worker’s log says why",
        len(failed),
    )
    limits = f"{reverse('accounts:privacy')}#limits"
    yield Item(
        title=title,
        count=len(failed),
        link=limits,
        examples=[
            (
                _("%(what)s (since %(day)s)")
                % {"what": rule.title, "day": date_format(localtime(since), "DATE_FORMAT")},
                limits,
            )
            for rule, since in failed[:_EXAMPLES]
        ],
        tone="problem",
    )


def _without_their_data() -> QuerySet[Member]:
    """Those whose latest export failed."""
    own = Export.objects.filter(member=OuterRef("pk"))
    failed = own.filter(state=Export.State.FAILED)
    later = Export.objects.filter(member=OuterRef("member"), asked_at__gt=OuterRef("asked_at"))
    return Member.objects.filter(Exists(failed.exclude(Exists(later)))).order_by("pk")


def _still_there() -> QuerySet[Member]:
    return Member.objects.filter(departure__due_at__lt=timezone.now() - _LATE).order_by("pk")


def _item(title: str, members: list[Member]) -> Item:
    ids = ",".join(str(member.pk) for member in members)
    return Item(
        title=title,
        count=len(members),
        link=f"{reverse('admin:accounts_member_changelist')}?id__in={ids}",
        examples=[
            (member.display_name, reverse("admin:accounts_member_change", args=[member.pk]))
            for member in members[:_EXAMPLES]
        ],
        tone="problem",
    )
