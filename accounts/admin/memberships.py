"""Memberships, one by one and several at once."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.admin.as_seen import AsSeenForm, AsSeenPages
from accounts.admin.choices import END_ROWS, ask_or_do
from accounts.admin.filters import PeriodFilter
from accounts.models import Membership


class MembershipForm(AsSeenForm):
    class Meta:
        model = Membership
        fields = ("member", "starts_at", "ends_at", "note")

    def clean_ends_at(self) -> Any:
        ends_at = self.cleaned_data["ends_at"]
        # Keeps what may be added to it within what a date can hold.
        if ends_at and ends_at.year > timezone.localdate().year + 100:
            raise forms.ValidationError(_("Leave it empty for a membership without an end."))
        return ends_at


class MembershipInline(admin.TabularInline):
    """The source is what happened, and nobody's to choose: what is added here is the studio's."""

    model = Membership
    form = MembershipForm
    extra = 0
    fields = ("starts_at", "ends_at", "source", "note")
    readonly_fields = ("source",)


@admin.register(Membership)
class MembershipAdmin(AsSeenPages):
    form = MembershipForm
    list_display = ("member", "source", "starts_at", "ends_at", "note")
    list_filter = (PeriodFilter, "source")
    list_select_related = ("member",)
    search_fields = ("member__display_name", "member__email", "note", "reference")
    autocomplete_fields = ("member",)
    date_hierarchy = "starts_at"
    fields = ("member", "starts_at", "ends_at", "source", "note", "reference")
    actions = ("end_membership",)

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> Any:
        # What one member was given does not become another's.
        return ("source", "reference", *(("member",) if obj else ()))

    @admin.action(description=END_ROWS.label, permissions=["change"])
    def end_membership(
        self, request: HttpRequest, queryset: QuerySet[Membership]
    ) -> HttpResponse | None:
        return ask_or_do(END_ROWS, self, request, queryset)
