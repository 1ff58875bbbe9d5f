"""What members ask for, as curators see it; the page of requests is where they mostly decide."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin import curator_of
from comments import requests
from comments.models import ClassRequest


class IsTold(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "is"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        return [
            ("open", _("No class is tied")),
            ("tied", _("Tied, not public yet")),
            ("told", _("Members were told")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ClassRequest]) -> QuerySet | None:
        chosen = {
            "open": queryset.filter(told_at__isnull=True, fulfilled_by__isnull=True),
            "tied": queryset.filter(told_at__isnull=True, fulfilled_by__isnull=False),
            "told": queryset.filter(told_at__isnull=False),
        }
        return chosen.get(self.value() or "")


@admin.register(ClassRequest)
class ClassRequestAdmin(admin.ModelAdmin):
    """A request is kept from a comment, at the desk; here it is named and tied to a class."""

    list_display = ("title", "wanted", "asked", "fulfilled_by", "kept_at", "told_at")
    list_select_related = ("fulfilled_by", "comment__author", "comment__workout_class")
    list_filter = (IsTold,)
    search_fields = ("title", "comment__body", "comment__author__display_name")
    search_help_text = _("Words of the request or the comment, or a name")
    ordering = ("-kept_at", "-pk")
    list_per_page = 50
    show_full_result_count = False
    autocomplete_fields = ("fulfilled_by",)
    readonly_fields = (
        *("asked", "words", "wanted", "kept_by", "kept_at"),
        *("tied_by", "tied_at", "told_at"),
    )
    fields = ("title", "fulfilled_by", *readonly_fields)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ClassRequest]:
        return super().get_queryset(request).annotate(votes_cast=Count("votes"))

    def get_readonly_fields(
        self, request: HttpRequest, obj: ClassRequest | None = None
    ) -> tuple[str, ...]:
        is_told = obj is not None and obj.told_at is not None
        return (*self.readonly_fields, "fulfilled_by") if is_told else self.readonly_fields

    def save_model(
        self, request: HttpRequest, obj: ClassRequest, form: forms.ModelForm, change: bool
    ) -> None:
        if "title" in form.changed_data:
            obj.save(update_fields=["title"])
        if "fulfilled_by" not in form.changed_data:
            return
        try:
            if obj.fulfilled_by is None:
                requests.untie(obj)
            else:
                requests.tie(obj, obj.fulfilled_by, by=curator_of(request))
        except requests.AlreadyTold as refusal:  # between drawing the form and sending it
            self.message_user(request, str(refusal), messages.ERROR)

    @admin.display(description=_("members who want it"), ordering="votes_cast")
    def wanted(self, request: ClassRequest) -> int:
        return request.votes_cast + 1  # type: ignore[attr-defined]

    @admin.display(description=_("asked by"))
    def asked(self, request: ClassRequest) -> SafeString:
        comment = request.comment
        page = reverse("admin:comments_comment_change", args=[comment.pk])
        return format_html(
            '<a href="{}">{}</a> · {}', page, comment.writer_name, comment.workout_class
        )

    @admin.display(description=_("what was asked"))
    def words(self, request: ClassRequest) -> str:
        return request.comment.body
