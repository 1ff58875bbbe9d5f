"""The administration's log, without the words of those who took them back for good."""

from collections.abc import Collection

from django.contrib.admin.models import LogEntry
from django.db.models import Model, Value
from django.db.models.functions import Concat

_AT_ONCE = 5_000  # ids in one statement: a database takes no endless list of numbers


def forget_words(model: type[Model], ids: Collection[int]) -> None:
    """Keep who did what to which of these rows, and when; no longer what stood there.

    The log copies the first words of a row into each of its lines, and nothing leads from there to
    whose they are once the row is gone.
    """
    # By its names, not its row: that is asked for anew where nothing has been cached yet.
    entries = LogEntry.objects.filter(
        content_type__app_label=model._meta.app_label,
        content_type__model=model._meta.model_name,
    )
    names = [str(pk) for pk in sorted(ids)]
    for start in range(0, len(names), _AT_ONCE):
        about = entries.filter(object_id__in=names[start : start + _AT_ONCE])
        about.update(object_repr=Concat(Value("#"), "object_id"), change_message="")
