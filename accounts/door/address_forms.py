"""The new address that somebody wants, and the codes that prove both mailboxes theirs."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from accounts.door.address_changes import Box, confirmed_at
from accounts.models import AddressChange, Member


class NewAddressForm(forms.Form):
    email = forms.EmailField(
        label=_("New e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._member = member

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].lower()
        if email == self._member.email.lower():
            raise forms.ValidationError(_("That is your address already."))
        return email


class _CodeField(forms.CharField):
    """Six digits; what is typed between them (a space, a dash) is nobody's mistake."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            max_length=20,
            validators=[RegexValidator(r"^[0-9]{6}\Z", _("A code has six digits."))],
            widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
            **kwargs,
        )

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace(" ", "").replace("-", "")


class CodesForm(forms.Form):
    """Asks for the codes that are still wanted; one alone will do for now."""

    def __init__(self, *args: Any, change: AddressChange, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        addresses = {Box.OLD: change.member.email, Box.NEW: change.new_address}
        for box, address in addresses.items():
            if confirmed_at(change, box) is None:
                label = _("Code from %(address)s") % {"address": address}
                self.fields[box.value] = _CodeField(label=label)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not any(cleaned.values()):
            raise forms.ValidationError(_("Enter the code from one of the two mails, or both."))
        return cleaned

    def codes(self) -> dict[Box, str]:
        return {Box(name): code for name, code in self.cleaned_data.items() if code}
