"""How the catalogue's pages write their history; how it is read, `accounts.history_pages`."""

from typing import Any

from django.http import HttpRequest

from accounts.history_pages import HistoryPages


class HistoryAdmin(HistoryPages):
    """One edit of a page is one line in its history.

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


def _write_line(obj: Any) -> None:
    """The page is saved with all that hangs on it: now its history may see it."""
    if hasattr(obj, "skip_history_when_saving"):
        del obj.skip_history_when_saving
        obj.save(update_fields=["slug"])  # of all fields the one that cannot have changed by now
