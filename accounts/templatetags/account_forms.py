"""How the forms of sign-in, sign-up and profile are drawn."""

from typing import Any

from django import forms, template
from django.conf import settings

register = template.Library()


@register.inclusion_tag("accounts/_fields.html")
def form_fields(form: forms.BaseForm, digits: bool = False) -> dict[str, Any]:
    """All fields of a form, ours or allauth's, in our markup.

    The first field with an error takes the focus; a placeholder that repeats the label goes;
    `digits` asks a telephone for its number keys where a code is wanted.
    """
    for field in form.fields.values():
        attrs = field.widget.attrs
        attrs.pop("placeholder", None)
        if attrs.get("autocomplete") == "one-time-code":
            attrs.update({"class": "code", "spellcheck": "false", "autocapitalize": "characters"})
            attrs["inputmode"] = "numeric" if digits else "text"
    first_wrong = next((name for name in form.errors if name in form.fields), None)
    if first_wrong and not form.non_field_errors():
        form.fields[first_wrong].widget.attrs["autofocus"] = True
    has_password = any(
        isinstance(field.widget, forms.PasswordInput) for field in form.fields.values()
    )
    return {"form": form, "has_password": has_password}


@register.simple_tag
def trial_days() -> int:
    """How long a new member may watch everything; 0 where the studio gives no trial."""
    return settings.TRIAL_DAYS
