"""Lists whose rows are put into an order by numbers typed beside them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest


class PositionForm(forms.ModelForm):
    """A row of the list. Its field has no label beside it, so it says itself whose it is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        position = self.fields["position"]
        label = str(position.label or "")
        position.widget.attrs["aria-label"] = f"{self.instance}: {label}"


class OrderedByHand(admin.ModelAdmin):
    list_editable = ("position",)

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        return super().get_changelist_form(request, **{"form": PositionForm, **kwargs})
