"""What a member may say about a comment that should not stand there."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from comments import text
from comments.models import Report


class ReportForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("What is wrong with it?"),
        choices=Report.Reason,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what fits best.")},
    )
    # Named as the words of a comment are: so they are kept for whoever has to sign in first.
    body = forms.CharField(
        label=_("Anything the studio should know (if you like)"),
        required=False,
        max_length=Report.MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )

    def clean_body(self) -> str:
        return text.normalised(self.cleaned_data["body"])

    def clean_reason(self) -> str:
        reason = self.cleaned_data["reason"]
        if reason == Report.Reason.OTHER and not self.data.get("body", "").strip():
            raise ValidationError(_("Say in a few words what it is."))
        return reason

    def said(self) -> tuple[str, str]:
        """The reason and the note of a valid form."""
        cleaned: dict[str, Any] = self.cleaned_data
        return cleaned["reason"], cleaned["body"]
