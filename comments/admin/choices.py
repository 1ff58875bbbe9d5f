"""What a curator may decide about comments, one or many: its name, its question, its doing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django import forms
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from comments import moderation
from comments.models import Comment, Decision, Stop


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Why?"),
        max_length=Decision._meta.get_field("reason").max_length,
        widget=forms.TextInput(attrs={"size": 60, "list": "reasons"}),
        help_text=_("Only the studio reads this."),
    )


class StopForm(forms.Form):
    reason = forms.CharField(
        label=_("Why?"),
        max_length=Stop._meta.get_field("reason").max_length,
        widget=forms.TextInput(attrs={"size": 60, "list": "reasons"}),
        help_text=_("The member reads this when they try to write."),
    )
    until = forms.DateField(
        label=_("Until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("That day included. Empty: until somebody ends it."),
    )
    also_remove = forms.BooleanField(label=_("Remove these comments, too"), required=False)

    def clean_until(self) -> datetime | None:
        day = self.cleaned_data["until"]
        if day is None:
            return None
        if day < timezone.localdate():
            raise forms.ValidationError(_("This day is over."))
        return timezone.make_aware(datetime.combine(day, time.max))


@dataclass(frozen=True)
class Told:
    """What came of it: how many it was news for, and a sentence that says so."""

    number: int
    sentence: str


Doing = Callable[[QuerySet[Comment], Member, dict[str, Any], Mapping[int, int]], Told]


@dataclass(frozen=True)
class Choice:
    """`label` is on the button of one comment, `for_many` in the list of what is done to many.

    With a `form` it asks first.
    """

    name: str
    label: str | Promise
    for_many: str | Promise
    do: Doing
    form: type[forms.Form] | None = None
    permission: str = "change"


def _logged(changed: list[Comment], by: Member, act: Decision.Act, reason: str = "") -> int:
    """How many there are, once the administration's own log has them."""
    if changed:
        said = f"{act.label}: {reason}" if reason else str(act.label)
        LogEntry.objects.log_actions(by.pk, changed, CHANGE, said)
    return len(changed)


def _approve(
    comments: QuerySet[Comment], by: Member, said: dict[str, Any], seen: Mapping[int, int]
) -> Told:
    number = _logged(moderation.approve(comments, by, seen=seen), by, Decision.Act.APPROVED)
    told = ngettext("%d comment is published.", "%d comments are published.", number) % number
    if changed := comments.filter(state=Comment.State.HELD).count():
        told += " " + ngettext(
            "%d comment was changed by its writer meanwhile and still waits: look at it again.",
            "%d comments were changed by their writers meanwhile and still wait: look again.",
            changed,
        ) % (changed)
    return Told(number, told)


def _remove(
    comments: QuerySet[Comment], by: Member, said: dict[str, Any], seen: Mapping[int, int]
) -> Told:
    changed = moderation.remove(comments, by, said["reason"])
    number = _logged(changed, by, Decision.Act.REMOVED, said["reason"])
    told = ngettext("%d comment is removed.", "%d comments are removed.", number)
    return Told(number, told % number)


def _restore(
    comments: QuerySet[Comment], by: Member, said: dict[str, Any], seen: Mapping[int, int]
) -> Told:
    number = _logged(moderation.restore(comments, by), by, Decision.Act.RESTORED)
    told = ngettext("%d comment is published again.", "%d comments are published again.", number)
    return Told(number, told % number)


def _hold(
    comments: QuerySet[Comment], by: Member, said: dict[str, Any], seen: Mapping[int, int]
) -> Told:
    changed = moderation.hold(comments, by, said["reason"])
    number = _logged(changed, by, Decision.Act.HELD, said["reason"])
    return Told(number, ngettext("%d comment is held.", "%d comments are held.", number) % number)


def _keep(
    comments: QuerySet[Comment], by: Member, said: dict[str, Any], seen: Mapping[int, int]
) -> Told:
    number = _logged(moderation.keep(comments, by), by, Decision.Act.KEPT)
    told = ngettext(
        "%d comment stays as it is. What was reported is settled.",
        "%d comments stay as they are. What was reported is settled.",
        number,
    )
    return Told(number, told % number)


def _stop(
    comments: QuerySet[Comment], by: Member, said: dict[str, Any], seen: Mapping[int, int]
) -> Told:
    writers = Member.objects.filter(
        pk__in=list(comments.order_by().values_list("author", flat=True))
    )
    stopped: list[Stop] = moderation.stop(writers, by, said["until"], said["reason"])
    if stopped:
        LogEntry.objects.log_actions(by.pk, stopped, ADDITION, said["reason"])
    number = len(stopped)
    told = ngettext("%d member is stopped.", "%d members are stopped.", number) % number
    if said["also_remove"]:
        removed = _remove(comments, by, said, seen)
        return Told(number + removed.number, f"{told} {removed.sentence}")
    return Told(number, told)


CHOICES = {
    choice.name: choice
    for choice in (
        Choice("approve", _("Approve"), _("Approve: everybody sees them"), _approve),
        Choice(
            "remove",
            pgettext_lazy("comment", "Remove…"),
            _("Remove: nobody sees them"),
            _remove,
            ReasonForm,
        ),
        Choice("restore", _("Restore"), _("Restore what was removed"), _restore),
        Choice("hold", _("Hold…"), _("Hold: out of sight for now"), _hold, ReasonForm),
        Choice("keep", _("Leave as it is"), _("Leave what was reported as it is"), _keep),
        Choice("stop", _("Stop the writer…"), _("Stop who wrote them"), _stop, StopForm, "stop"),
    )
}


@transaction.atomic
def carry_out(
    choice: Choice,
    comments: QuerySet[Comment],
    by: Member,
    said: dict[str, Any],
    seen: Mapping[int, int],
) -> Told:
    """Do it and write it down, both or neither. `seen`: the editions that were looked at, by id."""
    told = choice.do(comments, by, said, seen)
    if told.number or choice.name == "approve":
        return told
    return Told(0, gettext("Nothing was left to decide: it is so already, or does not apply."))


def fitting(comment: Comment, *, is_reported: bool) -> list[Choice]:
    """What there is to decide about a comment as it stands, the likeliest first."""
    match comment.state:
        case Comment.State.HELD:
            names = ["approve", "remove"]
        case Comment.State.PUBLISHED:
            names = ["keep"] if is_reported else []
            names += ["remove", "hold"]
        case _:
            names = [] if comment.was_taken_back else ["restore"]
    if comment.author and not comment.author.is_staff:
        names.append("stop")
    return [CHOICES[name] for name in names]
