"""The history of a row, without lines that say nothing."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_noop
from simple_history.models import HistoricalRecords

# Words of the package, which it does not have in Spanish. Marked here, they are gathered with ours.
_WORDS_OF_THE_PACKAGE = (
    gettext_noop("Created"),
    gettext_noop("Changed"),
    gettext_noop("Deleted"),
    gettext_noop("View history: %s"),
)


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
