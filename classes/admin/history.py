"""Who changed what, to be read. Nothing is reverted from here: a check or a film cannot be."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from simple_history.admin import SimpleHistoryAdmin


class HistoryAdmin(SimpleHistoryAdmin):
    """Shows the history as a list of changes, newest first. One edit of a page is one line in it.

    Left to itself the package writes a line when the row is saved and one more for each relation.
    """

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            obj.skip_history_when_saving = True
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        form.instance.skip_history_when_saving = True
        super().save_related(request, form, formsets, change)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        _write_line(obj)
        return super().log_change(request, obj, message)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        _write_line(obj)
        return super().log_addition(request, obj, message)

    def revert_disabled(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        # The package takes any text for a number, and fails.
        if not object_id.isdecimal():
            raise Http404
        return super().history_view(request, object_id, extra_context)

    def history_form_view(
        self,
        request: HttpRequest,
        object_id: str,
        version_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """An old version cannot be shown in the form truly: its tags would be today's."""
        info = self.opts.app_label, self.opts.model_name
        return redirect(reverse("admin:{}_{}_history".format(*info), args=[object_id]))


def _write_line(obj: Any) -> None:
    """The page is saved with all that hangs on it: now its history may see it."""
    if hasattr(obj, "skip_history_when_saving"):
        del obj.skip_history_when_saving
        obj.save(update_fields=["slug"])  # of all fields the one that cannot have changed by now
