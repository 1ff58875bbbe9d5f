"""Who changed what, to be read. Nothing is reverted from here: a check or a film cannot be."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from simple_history.admin import SimpleHistoryAdmin


class HistoryAdmin(SimpleHistoryAdmin):
    """Shows the history as a list of changes, newest first."""

    def revert_disabled(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

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
