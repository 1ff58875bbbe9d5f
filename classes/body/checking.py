"""A named person's word about what a class contains, and every way it is taken back."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from accounts.models import Member
from classes.models import Movement, Variant, WorkoutClass


class CannotCheck(Exception):
    """The class cannot be checked now; the text says why."""


def hold(pk: int) -> datetime | None:
    """Let nobody else check this class or take its check back in the meantime; when it was checked.

    Needs a transaction, and holds until its end. A film that becomes ready while somebody sends
    off their check would otherwise go unseen.
    """
    checked = WorkoutClass.objects.select_for_update().order_by().filter(pk=pk)
    return checked.values_list("checked_at", flat=True).get()


@transaction.atomic
def check(workout_class: WorkoutClass, by: Member, *, watched: Iterable[Variant]) -> None:
    """Record that `by` watched these variants whole and stands for what the class contains.

    Every ready variant must be among `watched`; CannotCheck names the first that is not.
    """
    hold(workout_class.pk)
    watched_ids = {variant.pk for variant in watched}
    ready = list(workout_class.variants.ready())
    if not ready:
        raise CannotCheck(_("This class has no film to check yet."))
    for variant in ready:
        if variant.pk not in watched_ids:
            raise CannotCheck(_("“%(variant)s” has not been watched whole.") % {"variant": variant})
    now = timezone.now()
    workout_class.variants.filter(pk__in=[variant.pk for variant in ready]).update(
        watched_whole_at=now
    )
    workout_class.checked_by = by
    workout_class.checked_at = now
    workout_class.check_withdrawn = ""
    _tell_history(workout_class, _("The class was checked"))
    workout_class.save(update_fields=["checked_by", "checked_at", "check_withdrawn", "updated_at"])


@transaction.atomic
def withdraw_check(workout_class: WorkoutClass, reason: str) -> bool:
    """Take the check back because something it stood for has changed; say why.

    True where there was a check. Call it for an edit of the ticked movements and for a new or
    replaced film or variant. `reason` is a sentence for curators.
    """
    if hold(workout_class.pk) is None:
        return False
    workout_class.checked_by = None
    workout_class.checked_at = None
    workout_class.check_withdrawn = Truncator(reason).chars(200)  # what the column holds
    _tell_history(workout_class, reason)
    workout_class.save(update_fields=["checked_by", "checked_at", "check_withdrawn", "updated_at"])
    return True


def _tell_history(workout_class: WorkoutClass, reason: str) -> None:
    # The history compares only what a form could edit, and a check is no such field.
    workout_class._change_reason = Truncator(reason).chars(100)  # type: ignore[attr-defined]


def withdraw_for_ticks(
    workout_class: WorkoutClass, before: Iterable[Movement], after: Iterable[Movement]
) -> bool:
    """Take the check back if what a curator ticked has changed, naming what came and went."""
    before, after = set(before), set(after)
    changes = [
        *(f"+ {movement}" for movement in sorted(after - before, key=str)),
        *(f"− {movement}" for movement in sorted(before - after, key=str)),
    ]
    if not changes:
        return False
    reason = _("What the class contains was changed: %(changes)s") % {"changes": ", ".join(changes)}
    return withdraw_check(workout_class, reason)
