"""The history of a row, without lines that say nothing."""

from typing import Any

from django.db import models
from simple_history.models import HistoricalRecords


class HistoryOfChanges(HistoricalRecords):
    """Writes no line where only fields were saved that the history leaves out.

    Without this every sign-in would be a line in its member's history (`last_login`).
    """

    def post_save(
        self, instance: models.Model, created: bool, using: str | None = None, **kwargs: Any
    ) -> None:
        saved = kwargs.get("update_fields")
        if saved is not None and set(saved) <= set(self.excluded_fields):
            return
        super().post_save(instance, created, using=using, **kwargs)
