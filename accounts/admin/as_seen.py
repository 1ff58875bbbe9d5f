"""Forms that change what was changed in them, and nothing that others changed meanwhile.

Django's own write every field as the page showed it. A curator who corrects a name would give back
an account that another has stopped since, or take away again a month that was added.
"""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


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
