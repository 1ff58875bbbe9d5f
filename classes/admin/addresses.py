"""Pages whose address may change, and terms whose address may not."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class MovesWithItsAddress(admin.ModelAdmin):
    """For models that are `Addressed`: a changed slug leaves a redirect behind."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change and "slug" in form.changed_data:
            # One edit is one line in the history, written by the save that follows.
            obj.skip_history_when_saving = True
            obj.move_to(obj.slug)
            del obj.skip_history_when_saving
        super().save_model(request, obj, form, change)

    def view_on_site(self, obj: Any) -> str:
        return obj.get_absolute_url()


class KeepsItsAddress(admin.ModelAdmin):
    """For terms without a page: their slug stands in links that members saved and pasted."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        fields = super().get_readonly_fields(request, obj)
        return (*fields, "slug") if obj else tuple(fields)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        return {} if obj else {"slug": ("name",)}
