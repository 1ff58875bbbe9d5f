"""Forms that change what was changed in them, and nothing that others changed meanwhile.

Django's own write every field as the page showed it. A curator who corrects a name would give back
an account that another has stopped since, or take away again a month that was added.
"""

from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.history_pages import HistoryPages
from accounts.models import Member, Membership


class AsSeenPages(HistoryPages):
    """Pages of such forms about a member: what they compare with is not changed until they wrote.

    Whoever grants, extends or ends holds the member, too (`granting`). Two queries more for each
    form that is sent. SQLite has no such lock and needs none: there a transaction that may write
    begins once no other does.
    """

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Member | Membership | None:
        found = super().get_object(request, object_id, from_field)
        # Also who posts to the page of the history, which writes nothing, and begins none.
        is_written = request.method == "POST" and transaction.get_connection().in_atomic_block
        if found is None or not is_written:
            return found
        pk = found.member_id if isinstance(found, Membership) else found.pk
        # Not less than FOR UPDATE: an address may change, which others' rows lean on as on the id.
        list(Member.objects.filter(pk=pk).select_for_update().values_list("pk"))
        return super().get_object(request, object_id, from_field)


class AsSeenForm(forms.ModelForm):
    """Carries along what it showed; what stands otherwise by now is not changed, and says so.

    What was left as it was shown stays as it stands: to the microsecond, which no field shows, and
    at the hour that comes twice when clocks change, which no field takes. For fields that hold no
    single other row. What is sent without what was shown, as no page does, is taken as it is.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown = self.add_initial_prefix("")
        self._seen = self.instance.pk is not None and (
            not self.is_bound or any(name.startswith(shown) for name in self.data)
        )
        for field in self.fields.values():
            field.show_hidden_initial = self._seen

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name, field in self.fields.items() if self._seen else ():
            if not field.show_hidden_initial:  # one of the list that this form stands in
                continue
            if name not in self.changed_data:
                self.errors.pop(name, None)
                cleaned[name] = self.initial[name]
            elif self._stands_otherwise(name, field):
                words = _("Somebody else has changed this meanwhile. Open the page once more.")
                self.add_error(name, words)
        return cleaned

    def _stands_otherwise(self, name: str, field: forms.Field) -> bool:
        widget = field.hidden_widget()
        shown = widget.value_from_datadict(self.data, self.files, self.add_initial_prefix(name))
        return field.has_changed(self.get_initial_for_field(field, name), shown)
