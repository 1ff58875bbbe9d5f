"""Who changed what, as pages of the administration that are read and never played back."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from django.db.models import ManyToManyField, Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from simple_history.admin import SimpleHistoryAdmin
from simple_history.models import DeletedObject, ModelChange, ModelDelta


class HistoryPages(SimpleHistoryAdmin):
    """Shows the history as a list of changes, newest first.

    The package's page of a single version takes a POST from whoever may see the row, and saves
    the old version with it: a curator could bring back a right that was taken away, and what the
    history leaves out (relations, files, a check) would not come along. Nobody gets that page.
    """

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
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_history"
        return redirect(name, object_id)

    def set_history_delta_changes(
        self,
        request: HttpRequest,
        historical_records: Iterable[Any],
        foreign_keys_are_objs: bool = True,
    ) -> None:
        """Put on each line what it changed; one query for each relation, whatever the lines.

        Left to itself the package asks for every line anew, a class's thirty times.
        """
        lines = list(historical_records)
        fields = list(lines[0]._history_m2m_fields) if lines else []
        related = {field: _related_by_line(field, lines) for field in fields}
        for after, before in pairwise(lines):
            delta = after.diff_against(
                before,
                excluded_fields=[field.name for field in fields],
                foreign_keys_are_objs=foreign_keys_are_objs,
            )
            changes = [
                *delta.changes,
                *(
                    _change(field, by_line[before.pk], by_line[after.pk])
                    for field, by_line in related.items()
                    if by_line[before.pk].keys() != by_line[after.pk].keys()
                ),
            ]
            changes.sort(key=lambda change: change.field)
            whole = ModelDelta(changes, [change.field for change in changes], before, after)
            helper = self.get_historical_record_context_helper(request, after)
            after.history_delta_changes = helper.context_for_delta_changes(whole)


def _related_by_line(
    field: ManyToManyField, lines: list[Any]
) -> dict[Any, dict[Any, Model | DeletedObject]]:
    """What a relation held at each line of the history, by the primary keys of what it held."""
    rows = getattr(type(lines[0]), field.name).model._default_manager
    name = field.m2m_reverse_field_name()
    held: dict[Any, dict[Any, Model | DeletedObject]] = defaultdict(dict)
    for row in rows.filter(history__in=lines).select_related(name).order_by(name):
        pk = getattr(row, f"{name}_id")
        held[row.history_id][pk] = getattr(row, name) or DeletedObject(field.related_model, pk)
    return held


def _change(field: ManyToManyField, before: dict[Any, Any], after: dict[Any, Any]) -> ModelChange:
    """In the shape that the package writes out: a list of rows of the table between."""
    name = field.m2m_reverse_field_name()
    return ModelChange(
        field.name,
        [{name: row} for row in before.values()],
        [{name: row} for row in after.values()],
    )
