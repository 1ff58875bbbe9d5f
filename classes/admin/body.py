"""What a body does, as the studio keeps it: movements, exercises, and sets of them to avoid."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from classes.body.avoiding import NOTHING
from classes.body.vouching import vouched_taggings
from classes.conditions import contradicted
from classes.models import AvoidSet, Chapter, Exercise, Movement, WorkoutClass

from .addresses import KeepsItsAddress, MovesWithItsAddress
from .aliases import AliasesField, refuse_names_of_others
from .history import HistoryAdmin
from .rows import OrderedByHand
from .terms import DescribedForm, TermAdmin, TermForm
from .translations import TranslationsField

CHECKED = Q(checked_at__isnull=False, checked_by__isnull=False)


# --- Movements ----------------------------------------------------------------------------------


class MovementForm(DescribedForm):
    descriptions = TranslationsField(label=_("Description in other languages"), max_length=200)
    redefined = forms.BooleanField(label=_("It means something else now"), required=False)

    class Meta:
        model = Movement
        fields = ("name", "slug", "names", "description", "descriptions", "position")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            del self.fields["redefined"]
            return
        checked = classes_checked_for(self.instance).count()
        vouched = classes_vouched_against(self.instance)
        self.fields["redefined"].help_text = " ".join(
            (
                gettext(
                    "Tick this when classes checked so far were not checked for what you "
                    "describe now."
                ),
                ngettext(
                    "%(count)d class is checked for it today, and until it is checked again it "
                    "would be left out for whoever avoids this.",
                    "%(count)d classes are checked for it today, and until they are checked again "
                    "they would be left out for whoever avoids this.",
                    checked,
                )
                % {"count": checked},
                ngettext(
                    "%(count)d class is vouched for by a tag that forbids it, and would lose that.",
                    "%(count)d classes are vouched for by a tag that forbids it, and would lose "
                    "that.",
                    vouched,
                )
                % {"count": vouched},
            )
        )

    def clean_slug(self) -> str:
        slug = super().clean_slug()
        if slug == NOTHING:
            raise ValidationError(_("“none” stands for no movement at all; choose another."))
        return slug


def classes_checked_for(movement: Movement) -> QuerySet[WorkoutClass]:
    """Classes at which a person looked since the movement was defined."""
    return WorkoutClass.objects.filter(CHECKED, checked_at__gte=movement.defined_at)


def classes_vouched_against(movement: Movement) -> int:
    """How many classes carry, vouched for, a tag that forbids the movement."""
    taggings = vouched_taggings().filter(focustag__forbids=movement)
    return taggings.values("workoutclass").distinct().count()


@admin.register(Movement)
class MovementAdmin(KeepsItsAddress, TermAdmin):
    form = MovementForm
    classes_lookup = "movements"
    list_display = ("name", "description", "forbidding", "used_by", "defined_at", "position")
    readonly_fields = ("defined_at",)

    def get_fields(self, request: HttpRequest, obj: Movement | None = None) -> tuple[str, ...]:
        fields = ("name", "slug", "names", "description", "descriptions", "position")
        return (*fields, "defined_at", "redefined") if obj else fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Movement]:
        return super().get_queryset(request).prefetch_related("forbidden_by")

    def has_delete_permission(self, request: HttpRequest, obj: Movement | None = None) -> bool:
        """Not while anything hangs on it.

        A tag's promise would become a smaller one unsaid, and a class, an exercise or a chapter
        would seem to ask less of a body than it does.
        """
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or not _is_in_use(obj))

    @admin.display(description=_("forbidden by"))
    def forbidding(self, movement: Movement) -> str:
        return ", ".join(str(tag) for tag in movement.forbidden_by.all()) or "–"

    def save_model(self, request: HttpRequest, obj: Movement, form: Any, change: bool) -> None:
        if form.cleaned_data.get("redefined"):
            affected = classes_checked_for(obj).count()
            obj.defined_at = timezone.now()
            text = ngettext(
                "“%(movement)s” is defined anew. %(count)d class waits to be checked again.",
                "“%(movement)s” is defined anew. %(count)d classes wait to be checked again.",
                affected,
            )
            messages.warning(request, text % {"movement": obj, "count": affected})
        elif change:
            # Saving writes every column, and it may be defined anew since this one was read: checks
            # made before that must not count again.
            stored = Movement.objects.select_for_update().filter(pk=obj.pk)
            obj.defined_at = stored.values_list("defined_at", flat=True).get()
        super().save_model(request, obj, form, change)


def _is_in_use(movement: Movement) -> bool:
    users: tuple[QuerySet[Any], ...] = (
        movement.forbidden_by.all(),
        WorkoutClass.objects.filter(Q(movements=movement) | Q(ticked_movements=movement)),
        movement.exercises.all(),
        Chapter.objects.filter(Q(adds=movement) | Q(removes=movement)),
    )
    return any(rows.exists() for rows in users)


# --- Exercises ----------------------------------------------------------------------------------


class ExerciseForm(DescribedForm):
    aliases = AliasesField(label=_("Other names"))

    class Meta:
        model = Exercise
        fields = (
            "name",
            "slug",
            "names",
            "aliases",
            "family",
            "description",
            "descriptions",
            "movements",
            "position",
        )
        widgets = {"movements": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None or "movements" not in self.fields:
            return
        losing = classes_with(self.instance).filter(CHECKED).count()
        if losing:
            consequence = ngettext(
                "A change here takes the check back from %(count)d class that has it.",
                "A change here takes the check back from %(count)d classes that have it.",
                losing,
            ) % {"count": losing}
            field = self.fields["movements"]
            field.help_text = f"{field.help_text} {consequence}"

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        refuse_names_of_others(self)
        return cleaned


def classes_with(exercise: Exercise) -> QuerySet[WorkoutClass]:
    """Classes of which a film has the exercise."""
    chapters = Chapter.objects.filter(exercise=exercise, variant__workout_class=OuterRef("pk"))
    return WorkoutClass.objects.filter(Exists(chapters))


@admin.register(Exercise)
class ExerciseAdmin(MovesWithItsAddress, TermAdmin, HistoryAdmin):
    form = ExerciseForm
    prepopulated_fields = {"slug": ("name",)}
    list_display = ("name", "family", "involves", "used_by", "position")
    list_filter = ("family", "movements")
    search_fields = ("name", "slug", "names", "aliases")
    classes_lookup = "variants__chapters__exercise"
    classes_path = "chapters__variant__workout_class"
    fieldsets = (
        (None, {"fields": ("name", "slug", "names", "aliases", "family", "position")}),
        (_("Description"), {"fields": ("description", "descriptions")}),
        (_("What a body does in it"), {"fields": ("movements",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Exercise]:
        return super().get_queryset(request).prefetch_related("movements")

    def has_delete_permission(self, request: HttpRequest, obj: Exercise | None = None) -> bool:
        """Not while a timeline has it: its chapters would be chapters of nothing."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or not obj.chapters.exists())

    @admin.display(description=_("usual movements"))
    def involves(self, exercise: Exercise) -> str:
        return get_text_list([str(m) for m in exercise.movements.all()], gettext("and")) or "–"

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        classes = classes_with(form.instance)
        checked, broken = _checked_and_broken(classes)
        super().save_related(request, form, formsets, change)
        if "movements" not in form.changed_data:
            return
        checked_now, broken_now = _checked_and_broken(classes)
        if lost := checked - checked_now:
            text = ngettext(
                "What “%(exercise)s” involves has changed. The check of %(count)d class that has "
                "it is taken back.",
                "What “%(exercise)s” involves has changed. The checks of %(count)d classes that "
                "have it are taken back.",
                lost,
            )
            messages.warning(request, text % {"exercise": form.instance, "count": lost})
        if (new := broken_now - broken) > 0:
            text = ngettext(
                "%(count)d class contains now what its own tags forbid, and is no longer listed "
                "under them.",
                "%(count)d classes contain now what their own tags forbid, and are no longer "
                "listed under them.",
                new,
            )
            messages.warning(request, text % {"count": new})


def _checked_and_broken(classes: QuerySet[WorkoutClass]) -> tuple[int, int]:
    """How many of the classes somebody stands for, and how many contradict their own tags."""
    return classes.filter(CHECKED).count(), contradicted(classes).count()


# --- Starter sets -------------------------------------------------------------------------------


class AvoidSetForm(TermForm):
    class Meta:
        model = AvoidSet
        fields = ("name", "slug", "names", "movements", "position")
        widgets = {"movements": forms.CheckboxSelectMultiple}


@admin.register(AvoidSet)
class AvoidSetAdmin(KeepsItsAddress, OrderedByHand):
    """No class has one: a visitor starts from it and changes it at will."""

    form = AvoidSetForm
    list_display = ("name", "slug", "leaves_out", "position")
    search_fields = ("name", "slug")

    class Media:
        css = {"all": ["css/admin_classes.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[AvoidSet]:
        return super().get_queryset(request).prefetch_related("movements")

    @admin.display(description=_("movements"))
    def leaves_out(self, avoid_set: AvoidSet) -> str:
        return get_text_list([str(m) for m in avoid_set.movements.all()], gettext("and")) or "–"
