"""The form of the class page."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from classes.body.occurrences import Occurrence, places_in_words
from classes.forms import ClassRules
from classes.models import FocusTag, Movement, WorkoutClass
from classes.publishing import Facts

from .pictures import PictureField, WithPicture


class FocusChoiceField(forms.ModelMultipleChoiceField):
    """Says beside each tag what it forbids: ticking it makes a promise."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, tag: FocusTag) -> str:
        forbidden = ", ".join(str(movement) for movement in tag.forbids.all())
        if not forbidden:
            return str(tag)
        return gettext("%(tag)s (forbids %(movements)s)") % {"tag": tag, "movements": forbidden}


class TicksField(forms.ModelMultipleChoiceField):
    """Says beside each movement where a chapter has it: that counts, ticked or not."""

    widget = forms.CheckboxSelectMultiple
    in_chapters: Sequence[Occurrence] = ()

    def label_from_instance(self, movement: Movement) -> str:
        return places_in_words(movement, self.in_chapters)


class ClassForm(ClassRules, WithPicture):
    picture_field = "poster"

    upload = PictureField(label=_("Own poster"))
    remove_picture = forms.BooleanField(
        label=_("Take this poster away and show a frame of the film"), required=False
    )

    class Meta(ClassRules.Meta):
        widgets = dict.fromkeys(("instructors", "apparatus", "props"), forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, refused: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refused = refused or {}
        ticks = self.fields.get("ticked_movements")
        if isinstance(ticks, TicksField):
            ticks.in_chapters = self.stored_facts.in_chapters
        for name in ("published_at", "retires_at"):
            if name in self.fields:
                _name_both_boxes(self.fields[name])

    def clean_upload(self) -> UploadedFile | None:
        if reason := self.refused.get(self.add_prefix("upload")):
            raise ValidationError(reason)
        return self.cleaned_data["upload"]

    def submitted_facts(self) -> Facts:
        facts = super().submitted_facts()
        if self.cleaned_data.get("upload"):
            return replace(facts, has_poster=True)
        if self.cleaned_data.get("remove_picture"):
            return replace(facts, has_poster=self._film_has_poster())
        return facts

    def _film_has_poster(self) -> bool:
        stored = WorkoutClass.objects.for_cards().get(pk=self.instance.pk)
        first = stored.first_variant
        return first is not None and first.video is not None and first.video.poster is not None


def _name_both_boxes(moment: forms.Field) -> None:
    """Django's label stands for the two together, and is no label to a screen reader."""
    if isinstance(moment.widget, forms.MultiWidget):
        for box, what in zip(
            moment.widget.widgets, (gettext("Date"), gettext("Time")), strict=True
        ):
            box.attrs["aria-label"] = f"{moment.label}: {what}"
