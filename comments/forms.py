"""What a member may submit."""

from typing import Any, cast
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy, ngettext

from classes.models import Variant, WorkoutClass
from classes.numbers import whole_number
from comments import text
from comments.models import Comment


class BodyField(forms.Field):
    """A comment's words: at least one that can be seen, at most as many as the browser lets by."""

    widget = forms.Textarea
    default_error_messages = {
        "required": gettext_lazy("Write something first."),
        "nul": gettext_lazy(
            "There is a character in this text that cannot be kept (NUL, mostly from a copied "
            "file). Copy the words alone."
        ),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=gettext_lazy("Your comment"), **kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"rows": 5, "cols": 60, "maxlength": Comment.MAX_LENGTH, "dir": "auto"}

    def to_python(self, value: Any) -> str:
        return text.normalised(value or "")

    def validate(self, value: str) -> None:
        if text.is_blank(value.replace("\0", "")):
            raise ValidationError(self.error_messages["required"], code="required")
        if "\0" in value:
            raise ValidationError(self.error_messages["nul"], code="nul")
        too_many = text.length(value) - Comment.MAX_LENGTH
        if too_many > 0:
            raise ValidationError(
                ngettext(
                    "A comment may have %(limit)s characters. This is %(number)d too long.",
                    "A comment may have %(limit)s characters. This is %(number)d too long.",
                    too_many,
                ),
                code="max_length",
                params={
                    "limit": number_format(Comment.MAX_LENGTH, force_grouping=True),
                    "number": too_many,
                },
            )


class CommentForm(forms.Form):
    """A new comment under a class, or an answer to one that stands there.

    Whoever `leads` the class may answer what is held, too.
    """

    body = BodyField(
        help_text=gettext_lazy(
            "Everybody can read this. Please share nothing about your health that you would not "
            "say in the studio."
        )
    )
    parent = forms.ModelChoiceField(
        Comment.objects.none(),
        required=False,
        widget=forms.HiddenInput,
        error_messages={
            "invalid_choice": gettext_lazy(
                "The comment that you answer was taken away meanwhile. Send this again, and it "
                "stands as a comment of its own."
            )
        },
    )
    # The edition of the comment that is answered, as it was read.
    parent_seen = forms.Field(required=False, widget=forms.HiddenInput)
    # Any text serves: it only tells one drawing of the form from another.
    submission = forms.Field(required=False, widget=forms.HiddenInput)
    # The film that is on the page, which times in the text speak of.
    variant = forms.ModelChoiceField(
        Variant.objects.none(), required=False, widget=forms.HiddenInput
    )

    def __init__(
        self, workout_class: WorkoutClass, *args: Any, leads: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["submission"].initial = uuid4
        answerable = workout_class.comments.open_to_replies()
        if leads:
            answerable = workout_class.comments.exclude(state=Comment.State.REMOVED)
        self.parent_field.queryset = answerable.select_related("author")
        variants = cast(forms.ModelChoiceField, self.fields["variant"])
        variants.queryset = workout_class.variants.all()

    @property
    def parent_field(self) -> forms.ModelChoiceField:
        return cast(forms.ModelChoiceField, self.fields["parent"])

    @property
    def answered(self) -> Comment | None:
        """What is answered, if it can be. Looked up each time."""
        field = self.parent_field
        try:
            return field.to_python(field.prepare_value(self["parent"].value()))
        except ValidationError:
            return None

    def clean_submission(self) -> str:
        return str(self.cleaned_data["submission"] or uuid4())

    def clean_parent_seen(self) -> int | None:
        return whole_number(str(self.cleaned_data["parent_seen"] or ""))

    def clean(self) -> dict[str, Any]:
        """A film that is gone keeps nobody from saying something."""
        if self.errors.pop("variant", None):
            self.cleaned_data["variant"] = None
        return self.cleaned_data


class EditForm(forms.Form):
    body = BodyField()
    # How often the words had been changed when the form was drawn. Nonsense is as none.
    edition = forms.Field(required=False, widget=forms.HiddenInput)

    def clean_edition(self) -> int | None:
        return whole_number(str(self.cleaned_data["edition"] or ""))
