"""Who may not write, until when and why."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext

from accounts.admin import curator_of
from accounts.models import Member
from comments import moderation
from comments.log import forget_words
from comments.models import Stop


class RunningFilter(admin.SimpleListFilter):
    title = _("now")
    parameter_name = "now"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("running", pgettext("member", "Stopped")), ("over", _("Over"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        match self.value():
            case "running":
                return queryset.running()
            case "over":
                return queryset.filter(ends_at__lte=timezone.now())
        return queryset


class StopForm(forms.ModelForm):
    class Meta:
        model = Stop
        fields = ("member", "ends_at", "reason")
        help_texts = {"reason": _("The member reads this when they try to write.")}

    def clean_member(self) -> Member:
        member = self.cleaned_data["member"]
        if member.is_staff:
            raise forms.ValidationError(
                _("This account is staff. Take its rights away instead, under Members.")
            )
        return member

    def clean_ends_at(self) -> datetime | None:
        """The database's rule in words: it names a column that is not in the form."""
        ends_at = self.cleaned_data["ends_at"]
        if ends_at and ends_at < self.instance.starts_at:
            raise forms.ValidationError(_("It ends before it starts."))
        return ends_at


@admin.register(Stop)
class StopAdmin(admin.ModelAdmin):
    form = StopForm
    list_display = ("member", "starts_at", "ends_at", "reason", "by")
    list_filter = (RunningFilter, "starts_at")
    list_select_related = ("member", "by")
    search_fields = ("member__display_name", "member__email", "reason")
    search_help_text = _("A name, an e-mail address, or words of the reason")
    autocomplete_fields = ("member",)
    fields = ("member", "starts_at", "ends_at", "reason", "by")
    actions = ("end_selected",)
    show_full_result_count = False

    def get_readonly_fields(self, request: HttpRequest, obj: Stop | None = None) -> Any:
        """Who was stopped, since when and by whom is not written over."""
        return ("member", "starts_at", "by") if obj else ("starts_at", "by")

    def save_model(self, request: HttpRequest, obj: Stop, form: StopForm, change: bool) -> None:
        if not change:
            obj.by = curator_of(request)
        super().save_model(request, obj, form, change)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Without whom it stopped: once the row is gone, nothing leads from that name to them."""
        lines = super().log_deletions(request, queryset)
        forget_words(Stop, [stop.pk for stop in queryset])
        return lines

    @admin.action(description=_("Let them write again"), permissions=["change"])
    def end_selected(self, request: HttpRequest, queryset: QuerySet[Stop]) -> None:
        stopped = Member.objects.filter(pk__in=list(queryset.values_list("member", flat=True)))
        number = len(moderation.end_stops(stopped, curator_of(request)))
        told = ngettext("%d stop is over.", "%d stops are over.", number)
        self.message_user(request, told % number, messages.SUCCESS)
