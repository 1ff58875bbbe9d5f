"""What may be decided about the memberships of several at once, and the page that asks first."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core import signing
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.rights import curator_of
from accounts.membership.granting import Longer, end, extend, give
from accounts.membership.standing import in_short, standing, stretches_of
from accounts.models import Member, Membership
from accounts.privacy.retention import in_words

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

_NAMED = 50  # of those who are chosen, on the page that asks


class _NoteForm(forms.Form):
    note = forms.CharField(
        label=_("Note"), max_length=200, required=False, help_text=_("Only the studio reads this.")
    )


class _LastDayForm(_NoteForm):
    """With the last day on which the films are open, by the clock of whoever decides."""

    last_day = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def clean_last_day(self) -> date | None:
        last_day = self.cleaned_data["last_day"]
        today = timezone.localdate()
        if last_day and last_day < today:
            raise forms.ValidationError(_("That day has passed."))
        # Also keeps the day after it within what a date can hold.
        if last_day and last_day.year > today.year + 100:
            raise forms.ValidationError(_("Leave it empty for a membership without an end."))
        return last_day

    def midnight_after(self) -> datetime | None:
        last_day = self.cleaned_data["last_day"]
        if not last_day:
            return None
        return timezone.make_aware(datetime.combine(last_day + timedelta(days=1), time()))


class GrantForm(_LastDayForm):
    field_order = ["last_day", "note"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["last_day"].help_text = _(
            "The films stay open through this day. Empty: until somebody ends it."
        )


class ExtendForm(_LastDayForm):
    days = forms.IntegerField(label=_("Days more"), required=False, min_value=1, max_value=3660)
    # Days are added to what was seen: sent twice, the form finds what it changed itself.
    asked_at = forms.CharField(widget=forms.HiddenInput)
    field_order = ["days", "last_day", "note", "asked_at"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["last_day"].label = _("Or through this day")
        self.fields["asked_at"].initial = signing.dumps(timezone.now().isoformat())

    def clean_last_day(self) -> date | None:
        last_day = self.cleaned_data["last_day"]
        if last_day and last_day.year > timezone.localdate().year + 100:
            raise forms.ValidationError(_("That is too far away."))
        return super().clean_last_day()

    def clean_asked_at(self) -> datetime:
        try:
            return datetime.fromisoformat(signing.loads(self.cleaned_data["asked_at"]))
        except (signing.BadSignature, TypeError, ValueError):
            raise forms.ValidationError(_("Open this page once more.")) from None

    def clean(self) -> None:
        super().clean()
        if self.errors:
            return
        if bool(self.cleaned_data["days"]) == bool(self.cleaned_data["last_day"]):
            raise forms.ValidationError(_("Say how many days more, or through which day."))


class EndForm(_LastDayForm):
    at_once = forms.BooleanField(label=_("Close the films now"), required=False)
    field_order = ["last_day", "at_once", "note"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["last_day"].help_text = _(
            "The films stay open through this day. Whatever ends earlier stays as it is."
        )
        plays_on = in_words(timedelta(seconds=settings.FILM_COOKIE_AGE))
        self.fields["at_once"].help_text = _(
            "A film that is open already may go on for up to %(hours)s."
        ) % {"hours": plays_on}

    def clean(self) -> None:
        super().clean()
        if self.errors:
            return
        if bool(self.cleaned_data["last_day"]) == self.cleaned_data["at_once"]:
            raise forms.ValidationError(_("Say through which day, or that the films close now."))


def _give(members: QuerySet[Member], form: GrantForm, by: Member) -> str:
    given = give(members, form.midnight_after(), note=form.cleaned_data["note"], by=by)
    return ngettext(
        "%(count)d membership was given. Whoever had one as long kept it.",
        "%(count)d memberships were given. Whoever had one as long kept it.",
        given,
    ) % {"count": given}


def _extend(members: QuerySet[Member], form: ExtendForm, by: Member) -> str:
    said = form.cleaned_data
    extended = extend(
        members,
        Longer(said["days"], form.midnight_after()),
        note=said["note"],
        by=by,
        asked_at=said["asked_at"],
    )
    told = [
        ngettext(
            "%(count)d membership ends later now.",
            "%(count)d memberships end later now.",
            extended.longer,
        )
        % {"count": extended.longer}
    ]
    if extended.not_running:
        told.append(
            ngettext(
                "Of %(count)d member none runs: give one instead.",
                "Of %(count)d members none runs: give them one instead.",
                extended.not_running,
            )
            % {"count": extended.not_running}
        )
    if extended.changed_meanwhile:
        told.append(
            ngettext(
                "That of %(count)d member was changed since you were asked, and is left as it is.",
                "Those of %(count)d members were changed since you were asked, and are left as "
                "they are.",
                extended.changed_meanwhile,
            )
            % {"count": extended.changed_meanwhile}
        )
    return " ".join(told)


def _end(memberships: QuerySet[Membership], form: EndForm, by: Member) -> str:
    ended = end(memberships, form.midnight_after(), note=form.cleaned_data["note"], by=by)
    if not ended:
        return gettext("Nothing was left to end: all of them end as early.")
    return ngettext(
        "%(count)d membership got its end.", "%(count)d memberships got their end.", ended
    ) % {"count": ended}


def _end_of_members(members: QuerySet[Member], form: EndForm, by: Member) -> str:
    return _end(Membership.objects.filter(member__in=members.order_by().values("pk")), form, by)


@dataclass(frozen=True)
class Choice:
    """`label` is in the list of actions, on the page that asks, and on its button."""

    name: str
    label: "str | _StrPromise"
    form: type[_NoteForm]
    do: Callable[[Any, Any, Member], str]


GRANT = Choice("grant_membership", _("Give a membership"), GrantForm, _give)
EXTEND = Choice("extend_membership", _("Let memberships end later"), ExtendForm, _extend)
END = Choice("end_membership", _("End memberships"), EndForm, _end_of_members)
END_ROWS = Choice("end_membership", _("End memberships"), EndForm, _end)


def ask_or_do(
    choice: Choice, model_admin: ModelAdmin, request: HttpRequest, chosen: QuerySet
) -> HttpResponse | None:
    """An action of the list: the page that asks, and once that was sent, a message of what came.

    `chosen` are members, or memberships.
    """
    form = choice.form(request.POST if "sure" in request.POST else None)
    if form.is_valid():
        told = choice.do(chosen, form, curator_of(request))
        model_admin.message_user(request, told, messages.SUCCESS)
        return None
    members = Member.objects.all()
    if chosen.model is Membership:
        members = members.filter(pk__in=chosen.order_by().values("member"))
    else:
        members = members.filter(pk__in=chosen.order_by().values("pk"))
    members = members.order_by("display_name", "pk")
    return TemplateResponse(
        request,
        "accounts/admin_membership_choice.html",
        {
            **model_admin.admin_site.each_context(request),
            "title": choice.label,
            "opts": model_admin.opts,
            "choice": choice,
            "form": form,
            "count": members.count(),
            "named": [
                (member, in_short(standing(stretches_of(member.memberships.all()), timezone.now())))
                for member in members.prefetch_related("memberships")[:_NAMED]
            ],
            "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
            "select_across": request.POST.get("select_across", "0"),
        },
    )
