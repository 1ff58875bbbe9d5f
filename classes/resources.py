"""The catalogue as CSV: one class a row, vocabulary by slug, found again by its address.

A row is judged by the same form rules as the admin's page (`classes.forms.ClassRules`). A column
that a file lacks leaves what is stored; an empty cell empties it. Films, posters and checks are
not in the file: they cannot be stated, only made.
"""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet, TextChoices
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export import fields, resources, widgets
from tablib import Dataset

from classes.body import checking
from classes.forms import CLASS_FIELDS, ClassRules
from classes.models import (
    Apparatus,
    FocusTag,
    Instructor,
    Level,
    Movement,
    Prop,
    State,
    WorkoutClass,
)

VOCABULARY = {
    "instructors": Instructor,
    "focus_tags": FocusTag,
    "apparatus": Apparatus,
    "props": Prop,
    "ticked_movements": Movement,
}
# Where the file's word for a field is not the form's. What chapters add is in no file.
_COLUMNS = {"ticked_movements": "movements"}
_FIELDS = {column: name for name, column in _COLUMNS.items()}
# A spreadsheet runs a cell that begins with one of these; an apostrophe makes it text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_YES, _NO = ("yes", "true", "1"), ("no", "false", "0", "")


class SlugsField(forms.ModelMultipleChoiceField):
    default_error_messages = {
        "invalid_choice": gettext_lazy("“%(value)s” is in no list of the studio."),
    }

    def __init__(self, model: type[Model], **kwargs: Any) -> None:
        super().__init__(
            model._default_manager.all(), to_field_name="slug", required=False, **kwargs
        )

    def prepare_value(self, value: Any) -> Any:
        return value

    def clean(self, value: Any) -> QuerySet[Any]:
        slugs = value if isinstance(value, list) else str(value or "").split(",")
        return super().clean([slug.strip() for slug in slugs if slug.strip()])


class YesNoField(forms.Field):
    def to_python(self, value: Any) -> bool:
        text = str(value).strip().lower()
        if text not in (*_YES, *_NO):
            raise ValidationError(_("“%(value)s” is neither yes nor no."), params={"value": value})
        return text in _YES


class MomentField(forms.DateTimeField):
    def to_python(self, value: Any) -> Any:
        if not value or not isinstance(value, str):
            return value or None
        try:
            moment = parse_datetime(value.strip())
        except ValueError:
            moment = None
        if moment is None:
            raise ValidationError(
                _("“%(value)s” is no date and time such as 2026-03-01T18:00+01:00."),
                params={"value": value},
            )
        return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


def choice_field(choices: type[TextChoices]) -> forms.TypedChoiceField:
    """A cell with one of a few codes; what is none of them is told which there are."""
    sentence = gettext_lazy("“%(value)s” is not one of:")
    refusal = format_lazy("{} {}.", sentence, ", ".join(choices.values))
    return forms.TypedChoiceField(choices=choices, error_messages={"invalid_choice": refusal})


class RowForm(ClassRules):
    """A row of the file; `data` has every column, those that the file lacks as they are stored."""

    level = choice_field(Level)
    state = choice_field(State)
    is_free = YesNoField(required=False)
    published_at = MomentField(required=False)
    retires_at = MomentField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, model in VOCABULARY.items():
            self.fields[name] = SlugsField(model)


class SlugsWidget(widgets.Widget):
    """The slugs of a relation, in the studio's order."""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return ", ".join(term.slug for term in value.all()) if value is not None else ""


class PlainDiff(resources.Diff):
    """What a row would change, as (before, after) of each column: its template draws them.

    The package's own shows it by inline styles, which our policy for scripts and styles forbids.
    """

    @classmethod
    def _read_field_values(cls, resource: Any, instance: Any) -> list[str]:
        """In the words of the file, as `export_field` writes them."""
        if instance.pk is None:
            return [""] * len(resource.get_import_fields())
        return [resource.export_field(field, instance) for field in resource.get_import_fields()]

    def as_html(self) -> list[tuple[str, str]]:
        return [
            ("" if self.new else before, after)
            for before, after in zip(self.left, self.right, strict=True)
        ]


class CatalogueResource(resources.ModelResource):
    """Exports the catalogue, and takes it back row by row."""

    class Meta:
        model = WorkoutClass
        import_id_fields = ("slug",)
        fields = (
            "slug",
            "title",
            "level",
            "instructors",
            "focus_tags",
            "apparatus",
            "props",
            "ticked_movements",
            "is_free",
            "state",
            "published_at",
            "retires_at",
            "description",
        )
        export_order = import_order = fields
        use_transactions = True

    instructors = fields.Field("instructors", "instructors", SlugsWidget())
    focus_tags = fields.Field("focus_tags", "focus_tags", SlugsWidget())
    apparatus = fields.Field("apparatus", "apparatus", SlugsWidget())
    props = fields.Field("props", "props", SlugsWidget())
    ticked_movements = fields.Field("ticked_movements", "movements", SlugsWidget())

    @classmethod
    def get_diff_class(cls) -> type[resources.Diff]:
        return PlainDiff

    # --- Out --------------------------------------------------------------------------------------

    def filter_export(self, queryset: QuerySet[Any], **kwargs: Any) -> QuerySet[Any]:
        return queryset.prefetch_related(None).prefetch_related(*VOCABULARY)

    def dehydrate_is_free(self, workout_class: WorkoutClass) -> str:
        return "yes" if workout_class.is_free else "no"

    def dehydrate_published_at(self, workout_class: WorkoutClass) -> str:
        return moment_in_words(workout_class.published_at)

    def dehydrate_retires_at(self, workout_class: WorkoutClass) -> str:
        return moment_in_words(workout_class.retires_at)

    def export_field(self, field: Any, instance: WorkoutClass, **kwargs: Any) -> str:
        return as_text(super().export_field(field, instance, **kwargs))

    # --- In ---------------------------------------------------------------------------------------

    def before_import(self, dataset: Dataset, **kwargs: Any) -> None:
        known = [field.column_name for field in self.get_import_fields()]
        unknown = [header for header in dataset.headers or [] if header not in known]
        if unknown:
            raise ValidationError(
                _("Unknown column: %(names)s. A file may have: %(known)s.")
                % {"names": ", ".join(map(str, unknown)), "known": ", ".join(known)}
            )

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        for column, value in row.items():
            row[column] = from_text(value)
        if not str(row.get("slug") or "").strip():
            raise ValidationError({"slug": _("A row needs an address: that is how it is found.")})

    def get_instance(self, instance_loader: Any, row: dict[str, Any]) -> WorkoutClass | None:
        """The class of this address, held: saving writes every column, the check's too."""
        found = super().get_instance(instance_loader, row)
        if found is None:
            return None
        checking.hold(found.pk)
        found.refresh_from_db()
        return found

    def import_instance(self, instance: WorkoutClass, row: dict[str, Any], **kwargs: Any) -> None:
        plain = [name for name in CLASS_FIELDS if name not in VOCABULARY]
        self.stored = forms.model_to_dict(instance, plain)
        for name in VOCABULARY:
            terms = getattr(instance, name).all() if instance.pk else []
            self.stored[name] = [term.slug for term in terms]
        submitted = {_FIELDS.get(column, column): value for column, value in row.items()}
        self.form = RowForm({**self.stored, **submitted}, instance=instance)
        if not self.form.is_valid():
            refusals = self.form.errors.as_data()
            raise ValidationError(
                {_COLUMNS.get(name, name): errors for name, errors in refusals.items()}
            )

    def skip_row(
        self,
        instance: WorkoutClass,
        original: WorkoutClass,
        row: dict[str, Any],
        import_validation_errors: Any = None,
    ) -> bool:
        """A row that says what is stored leaves no trace in the history."""
        if import_validation_errors or original.pk is None:
            return False
        submitted = self.form.cleaned_data
        return all(
            {term.slug for term in submitted[name]} == set(self.stored[name])
            if name in VOCABULARY
            else submitted[name] == self.stored[name]
            for name in CLASS_FIELDS
        )

    def validate_instance(
        self,
        instance: WorkoutClass,
        import_validation_errors: Any = None,
        validate_unique: bool = True,
    ) -> None:
        """The form has judged the row already; only its refusals are passed on."""
        if import_validation_errors:
            raise ValidationError(import_validation_errors)

    def do_instance_save(self, instance: WorkoutClass, is_create: bool) -> None:
        if not is_create:
            checking.withdraw_for_ticks(
                instance,
                instance.ticked_movements.all(),
                self.form.cleaned_data["ticked_movements"],
            )
        self.form.save()

    def save_m2m(self, instance: WorkoutClass, row: dict[str, Any], **kwargs: Any) -> None:
        """Saved with the form."""


def moment_in_words(moment: datetime | None) -> str:
    """In the studio's time, to the second and beyond: it comes in again as it was."""
    return timezone.localtime(moment).isoformat() if moment else ""


def as_text(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def from_text(value: Any) -> Any:
    """What `as_text` was given."""
    if isinstance(value, str) and value.startswith("'") and value[1:].startswith(_FORMULA):
        return value[1:]
    return value
