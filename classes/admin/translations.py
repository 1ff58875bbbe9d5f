"""One box per language for what a term is called in other languages."""

from typing import Any

from django import forms
from django.conf import settings
from django.forms.renderers import TemplatesSetting
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info


def other_languages() -> list[str]:
    """The codes of the site's languages without the studio's own."""
    return [code for code, _name in settings.LANGUAGES if code != settings.STUDIO_LANGUAGE]


class TranslationsWidget(forms.MultiWidget):
    """Renders and reads a dictionary language → text as labelled boxes."""

    template_name = "admin/widgets/translations.html"
    use_fieldset = True

    def __init__(self, max_length: int, attrs: dict[str, Any] | None = None) -> None:
        self.languages = other_languages()
        css = "vTextField" if max_length <= 100 else "vTextField vLongTextField"
        boxes: dict[str, forms.Widget | type[forms.Widget]] = {
            code: forms.TextInput({"class": css, "maxlength": max_length, "lang": code})
            for code in self.languages
        }
        super().__init__(boxes, attrs)

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        # Django's form renderer looks for templates in its own folder only.
        return super().render(name, value, attrs, TemplatesSetting())

    def decompress(self, value: dict[str, str] | None) -> list[str]:
        return [(value or {}).get(code, "") for code in self.languages]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        for box, code in zip(context["widget"]["subwidgets"], self.languages, strict=True):
            box["label"] = get_language_info(code)["name_translated"]
        return context


class TranslationsField(forms.MultiValueField):
    """A JSON field of translations. Texts in languages that the site does not speak are kept."""

    # What the row has; the form says so, for a field knows only its own default.
    stored: dict[str, str] | None = None

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        self.languages = other_languages()
        kwargs.setdefault("required", False)
        super().__init__(
            fields=[forms.CharField(max_length=max_length, required=False)] * len(self.languages),
            widget=TranslationsWidget(max_length),
            require_all_fields=False,
            **kwargs,
        )

    def compress(self, texts: list[str]) -> dict[str, str]:
        shown = dict(zip(self.languages, texts, strict=False))
        kept = {
            code: text for code, text in (self.stored or {}).items() if code not in self.languages
        }
        return {**kept, **{code: text for code, text in shown.items() if text}}
