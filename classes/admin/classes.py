"""The class admin: one page on which a class is described, filmed, checked and published."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin import curator_of
from classes import publishing
from classes.body import checking
from classes.markdown import render_markdown
from classes.models import FocusTag, Movement, State, Video, WorkoutClass
from classes.uploads import refused_uploads
from classes.video.bringing_in import bring_in, forget_master

from .addresses import MovesWithItsAddress
from .captions import CuesUnlisted
from .class_form import ClassForm, FocusChoiceField, TicksField
from .class_list import ClassList
from .class_page import ClassPages
from .exchange import CatalogueExchange
from .films import VariantForm, VariantInline, discard_films
from .history import HistoryAdmin
from .leftovers import LeavesNothingBehind, made_by


@admin.register(WorkoutClass)
class WorkoutClassAdmin(
    LeavesNothingBehind,
    CuesUnlisted,
    CatalogueExchange,
    ClassPages,
    MovesWithItsAddress,
    ClassList,
    HistoryAdmin,
):
    form = ClassForm
    inlines = (VariantInline,)
    prepopulated_fields = {"slug": ("title",)}
    readonly_fields = ("description_preview", "body_check", "checklist", "current_poster")
    radio_fields = {"state": admin.VERTICAL}
    change_form_template = "admin/classes/workoutclass/change_form.html"
    save_on_top = False

    class Media:
        css = {"all": ["css/admin_classes.css"]}
        js = ["js/admin_classes.js", "js/admin_upload.js"]

    def get_fieldsets(self, request: HttpRequest, obj: WorkoutClass | None = None) -> Any:
        """What a class is stands on the left, with its films; what becomes of it in the margin."""
        poster = ["current_poster", "upload"]
        if obj and obj.poster_id:
            poster.append("remove_picture")
        return (
            (None, {"fields": ("title", "slug", "instructors", "level")}),
            (_("Description"), {"fields": ("description", "description_preview")}),
            (_("How it is found"), {"fields": ("focus_tags", "apparatus", "props")}),
            (
                _("What a body does in it"),
                {
                    "fields": ("ticked_movements",),
                    "description": _(
                        "Tick everything that occurs, even once, and that no timeline says: what "
                        "is in a chapter counts as it is. A change here takes the body check back."
                    ),
                },
            ),
            (
                _("Publishing"),
                {
                    "fields": ("checklist", "state", "published_at", "retires_at", "is_free"),
                    "classes": ["aside"],
                },
            ),
            (_("Body check"), {"fields": ("body_check",), "classes": ["aside"]}),
            (_("Poster"), {"fields": poster, "classes": ["aside"]}),
        )

    def get_form(
        self,
        request: HttpRequest,
        obj: WorkoutClass | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        refused = refused_uploads(request)

        class BoundForm(form):  # type: ignore[misc, valid-type]
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, refused=refused, **kwargs)

        return BoundForm

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "focus_tags":
            return FocusChoiceField(
                queryset=FocusTag.objects.prefetch_related("forbids"),
                label=db_field.verbose_name.capitalize(),
                required=False,
            )
        if db_field.name == "ticked_movements":
            return TicksField(
                queryset=Movement.objects.all(),
                label=db_field.verbose_name.capitalize(),
                required=False,
            )
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was public is retired: its address and its comments are other people's too."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or getattr(obj, "state", "") == State.DRAFT)

    # --- What the page shows beside its fields ----------------------------------------------------

    @admin.display(description=_("as members read it"))
    def description_preview(self, workout_class: WorkoutClass) -> SafeString:
        return render_to_string(
            "admin/classes/workoutclass/_preview.html",
            {
                "html": render_markdown(workout_class.description),
                "address": reverse("admin:classes_markdown"),
            },
        )

    @admin.display(description=_("checklist"))
    def checklist(self, workout_class: WorkoutClass) -> SafeString:
        stored = self._stored(workout_class)
        facts = publishing.facts_of(stored) if stored else publishing.no_facts()
        points = publishing.checklist(facts)
        return render_to_string(
            "admin/classes/workoutclass/_checklist.html",
            {"points": points, "complete": all(point.is_met for point in points)},
        )

    @admin.display(description=_("body check"))
    def body_check(self, workout_class: WorkoutClass) -> SafeString:
        stored = self._stored(workout_class)
        return render_to_string(
            "admin/classes/workoutclass/_body_check.html",
            {
                "workout_class": stored,
                "why_withdrawn": checking.why_withdrawn(stored) if stored else "",
                "can_check": stored and stored.first_variant,
            },
        )

    @admin.display(description=_("now"))
    def current_poster(self, workout_class: WorkoutClass) -> SafeString:
        stored = self._stored(workout_class)
        return render_to_string(
            "admin/classes/workoutclass/_poster.html",
            {"picture": stored.picture if stored else None, "own": stored and stored.poster},
        )

    def _stored(self, workout_class: Any) -> WorkoutClass | None:
        """The class as it is in the database: a form with errors has written into its instance."""
        if workout_class.pk is None:
            return None
        if not hasattr(workout_class, "as_stored"):
            stored = WorkoutClass.objects.for_page().get(pk=workout_class.pk)
            workout_class.as_stored = stored
        return workout_class.as_stored

    # --- Saving -----------------------------------------------------------------------------------

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """Held, where it is about to be saved.

        Saving writes every column. It would give back a check that the worker took back meanwhile.
        """
        workout_class = super().get_object(request, object_id, from_field)
        if workout_class is None or not connection.in_atomic_block:
            return workout_class
        checking.hold(workout_class.pk)
        return super().get_object(request, object_id, from_field)

    def save_model(self, request: HttpRequest, obj: Any, form: ClassForm, change: bool) -> None:
        form.exchange_picture(made_by(request))
        super().save_model(request, obj, form, change)
        form.discard_old_picture()

    def save_related(
        self, request: HttpRequest, form: ClassForm, formsets: Any, change: bool
    ) -> None:
        workout_class = form.instance
        if "ticked_movements" in form.cleaned_data and checking.withdraw_for_ticks(
            workout_class,
            workout_class.ticked_movements.all(),
            form.cleaned_data["ticked_movements"],
        ):
            self._say_withdrawn(request, workout_class)
        super().save_related(request, form, formsets, change)

    def save_formset(
        self, request: HttpRequest, form: ClassForm, formset: Any, change: bool
    ) -> None:
        going = [
            video
            for variant_form in formset.deleted_forms
            for video in variant_form.instance.videos.all()
        ]
        workout_class = form.instance
        was_checked = workout_class.is_checked
        super().save_formset(request, form, formset, change)
        discard_films(going)
        for variant_form in formset.forms:
            if variant_form.instance.pk and variant_form not in formset.deleted_forms:
                self._save_film(request, workout_class, variant_form)
        if was_checked and not workout_class.is_checked:
            self._say_withdrawn(request, workout_class)

    def _save_film(
        self, request: HttpRequest, workout_class: WorkoutClass, variant_form: VariantForm
    ) -> None:
        variant = variant_form.instance
        upload = variant_form.cleaned_data.get("film")
        variant.workout_class = workout_class  # the one whose check is about to be taken back
        if upload:
            video = bring_in(
                variant, upload, name=str(upload.name), uploaded_by=curator_of(request)
            )
            made_by(request).append(partial(forget_master, video))
            text = gettext("The film for “%(variant)s” is here and is being prepared.")
            messages.info(request, text % {"variant": variant})

    def _say_withdrawn(self, request: HttpRequest, workout_class: WorkoutClass) -> None:
        lost = [str(tag) for tag in workout_class.focus_tags.all() if tag.forbids.exists()]
        text = gettext("The body check is taken back. %(reason)s.") % {
            "reason": checking.why_withdrawn(workout_class)
        }
        if lost:
            text += " " + gettext(
                "Until somebody checks the class again it is not shown under %(tags)s."
            ) % {"tags": get_text_list(lost, gettext("and"))}
        messages.warning(request, text)

    def delete_model(self, request: HttpRequest, obj: WorkoutClass) -> None:
        films = films_of([obj.pk])
        super().delete_model(request, obj)
        discard_films(films)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[WorkoutClass]) -> None:
        films = films_of(list(queryset.values_list("pk", flat=True)))
        super().delete_queryset(request, queryset)
        discard_films(films)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        workout_class = context.get("original")
        if workout_class is not None:
            context["films_address"] = reverse("admin:classes_films", args=[workout_class.pk])
        return super().render_change_form(request, context, *args, **kwargs)


def films_of(pks: list[int]) -> list[Video]:
    """Every film that was uploaded for these classes."""
    return list(Video.objects.filter(variant__workout_class__in=pks))
