"""The other names of an exercise, one a line. A line of a timeline finds it by any of its names."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from classes.body.timeline_text import fold
from classes.models import Exercise

MAX_ALIASES = 20
MAX_LENGTH = 60


class AliasesField(forms.CharField):
    """A JSON list of names as lines of text; blanks and doubles are dropped."""

    widget = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault(
            "help_text",
            _("One a line, in any language: timelines and the search find it by each of them."),
        )
        super().__init__(**kwargs)
        self.widget.attrs.update(rows=4, cols=40)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        typed = super().to_python(value) or ""
        names = (" ".join(line.split()) for line in typed.splitlines())
        return list(dict.fromkeys(name for name in names if name))

    def validate(self, value: Any) -> None:
        super().validate(value)
        if len(value) > MAX_ALIASES:
            raise ValidationError(gettext("At most %d names.") % MAX_ALIASES)
        for name in value:
            if len(name) > MAX_LENGTH:
                raise ValidationError(
                    gettext("“%(name)s” is longer than %(limit)d characters.")
                    % {"name": name, "limit": MAX_LENGTH}
                )

    def run_validators(self, value: Any) -> None:
        """Those of a text; here each name was looked at by itself."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or []) != self.to_python(data)


def refuse_names_of_others(form: Any) -> None:
    """No two exercises answer to one name: a line of a timeline would not know which is meant."""
    cleaned = form.cleaned_data
    own = {
        "name": [cleaned.get("name") or ""],
        "names": list((cleaned.get("names") or {}).values()),
        "aliases": cleaned.get("aliases") or [],
    }
    holders = {
        fold(name): other
        for other in Exercise.objects.exclude(pk=form.instance.pk)
        for name in (other.name, *other.names.values(), *other.aliases, other.slug)
    }
    for field, names in own.items():
        for name in filter(fold, names):
            if holder := holders.get(fold(name)):
                form.add_error(
                    field,
                    gettext("“%(name)s” is what “%(exercise)s” is called already.")
                    % {"name": name, "exercise": holder},
                )
