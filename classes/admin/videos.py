"""The films of all classes, to be looked through. They are edited on the page of their class."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from classes.durations import clock
from classes.models import Variant, Video

from .captions import CaptionPages
from .class_list import mark
from .film_pages import FilmPages
from .film_panel import film_panel, newest_film, with_films
from .history import HistoryAdmin
from .timelines import TimelinePages


class VariantChangeList(ChangeList):
    def get_queryset(self, request: HttpRequest, *args: Any, **kwargs: Any) -> QuerySet[Any]:
        return with_films(super().get_queryset(request, *args, **kwargs))


class NewestFilmFilter(admin.SimpleListFilter):
    title = _("film")
    parameter_name = "film"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("ready", _("Ready")), ("none", _("None ready"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in ("ready", "none"):
            return queryset.filter(video__isnull=self.value() == "none")
        return queryset


@admin.register(Variant)
class VariantAdmin(FilmPages, CaptionPages, TimelinePages, HistoryAdmin):
    """Nothing is changed here, because a check hangs on it that the class page takes care of."""

    list_display = ("title", "tempo", "language", "state_of_film", "length", "watched_whole_at")
    list_filter = (NewestFilmFilter, "tempo", "language")
    search_fields = ("workout_class__title", "videos__original_name")
    ordering = ("workout_class__title", "pk")
    fields = ("class_page", "tempo", "language", "panel")
    readonly_fields = fields
    actions = None

    class Media:
        css = {"all": ["css/admin_classes.css"]}
        js = ("js/admin_classes.js",)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return VariantChangeList

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["show_delete"] = False  # `delete_view` refuses it
        if variant := context.get("original"):
            context["films_address"] = reverse(
                "admin:classes_films", args=[variant.workout_class_id]
            )
        return super().render_change_form(request, context, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # The right itself stays: whoever deletes a class deletes its variants with it.
        raise PermissionDenied

    @admin.display(description=_("class"), ordering="workout_class__title")
    def title(self, variant: Variant) -> str:
        return variant.workout_class.title

    @admin.display(description=_("class"))
    def class_page(self, variant: Variant) -> SafeString:
        address = reverse("admin:classes_workoutclass_change", args=[variant.workout_class_id])
        return format_html('<a href="{}">{}</a>', address, variant.workout_class)

    @admin.display(description=_("film"))
    def state_of_film(self, variant: Variant) -> SafeString | str:
        newest = newest_film(variant)
        if newest is None:
            return "–"
        kinds = {
            Video.State.READY: "ready",
            Video.State.FAILED: "failed",
            Video.State.CANCELLED: "stopped",
        }
        return mark(kinds.get(Video.State(newest.state), "works"), newest.get_state_display())

    @admin.display(description=_("length"), ordering="video__duration")
    def length(self, variant: Variant) -> str:
        return clock(variant.duration) if variant.duration else "–"

    @admin.display(description=_("film"))
    def panel(self, variant: Variant) -> SafeString:
        return film_panel(variant)
