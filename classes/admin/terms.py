"""The studio's vocabulary: focus tags with their rules, apparatus and props.

What a body does has a file of its own, `body`.
"""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from classes.body.vouching import contradicting_taggings
from classes.forms import SlugRules
from classes.models import Apparatus, FocusTag, Prop

from .addresses import KeepsItsAddress, MovesWithItsAddress
from .history import HistoryAdmin
from .rows import OrderedByHand
from .translations import TranslationsField


class TermForm(SlugRules):
    """A word of the vocabulary with its translations as boxes."""

    title_field = "name"
    names = TranslationsField(label=_("Name in other languages"), max_length=60)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if isinstance(field, TranslationsField):
                field.stored = getattr(self.instance, name)
        if "slug" in self.fields:  # read-only for a term that is there already
            self.fields["slug"].required = False


class DescribedForm(TermForm):
    descriptions = TranslationsField(label=_("Description in other languages"), max_length=300)


class FocusTagForm(DescribedForm):
    class Meta:
        model = FocusTag
        fields = ("name", "slug", "names", "description", "descriptions", "forbids", "position")
        widgets = {"forbids": forms.CheckboxSelectMultiple}


class PropForm(TermForm):
    substitutes = TranslationsField(label=_("At home, in other languages"), max_length=100)

    class Meta:
        model = Prop
        fields = ("name", "slug", "names", "substitute", "substitutes", "position")


class ApparatusForm(TermForm):
    class Meta:
        model = Apparatus
        fields = ("name", "slug", "names", "position")


class TermAdmin(OrderedByHand):
    """What every kind of term has in common: where it stands and how many classes use it."""

    list_display: tuple[str, ...] = ("name", "slug", "used_by", "position")
    search_fields: ClassVar[tuple[str, ...]] = ("name", "slug")
    # From a class to its terms of this kind, and back.
    classes_lookup = ""
    classes_path = "classes"

    class Media:
        css = {"all": ["css/admin_classes.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        classes = Count(self.classes_path, distinct=True)
        return super().get_queryset(request).annotate(class_count=classes)

    @admin.display(description=_("classes"), ordering="class_count")
    def used_by(self, term: Any) -> SafeString:
        return format_html(
            '<a href="{}?{}__id__exact={}">{}</a>',
            reverse("admin:classes_workoutclass_changelist"),
            self.classes_lookup,
            term.pk,
            term.class_count,
        )


@admin.register(FocusTag)
class FocusTagAdmin(MovesWithItsAddress, TermAdmin, HistoryAdmin):
    form = FocusTagForm
    classes_lookup = "focus_tags"
    prepopulated_fields = {"slug": ("name",)}
    list_display = ("name", "rule", "used_by", "contradicting", "position")
    fieldsets = (
        (None, {"fields": ("name", "slug", "names", "description", "descriptions", "position")}),
        (
            _("The promise"),
            {
                "fields": ("forbids", "contradicting"),
                "description": _(
                    "A tag that forbids movements is shown on a class only where a named person "
                    "checked the class for every one of them. A change here takes effect at once."
                ),
            },
        ),
    )
    readonly_fields = ("contradicting",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[FocusTag]:
        contradicting = (
            contradicting_taggings()
            .filter(focustag=OuterRef("pk"))
            .values("focustag")
            .annotate(count=Count("pk"))
            .values("count")
        )
        tags = super().get_queryset(request).prefetch_related("forbids")
        return tags.annotate(contradiction_count=Coalesce(Subquery(contradicting), 0))

    @admin.display(description=_("forbids"))
    def rule(self, tag: FocusTag) -> str:
        return get_text_list([str(m) for m in tag.forbids.all()], gettext("and")) or "–"

    @admin.display(description=_("contradicted by"))
    def contradicting(self, tag: Any) -> SafeString | str:
        if tag.pk is None:
            return "–"
        return contradictions_link(tag, tag.contradiction_count)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if "forbids" not in form.changed_data:
            return
        tag = form.instance
        if count := contradicting_taggings().filter(focustag=tag).count():
            text = ngettext(
                "%(count)d class carries “%(tag)s” and contains what it forbids. "
                "It is no longer listed under it.",
                "%(count)d classes carry “%(tag)s” and contain what it forbids. "
                "They are no longer listed under it.",
                count,
            )
            messages.warning(request, text % {"count": count, "tag": tag})


def contradictions_link(tag: FocusTag, count: int) -> SafeString | str:
    if not count:
        return gettext("no class")
    return format_html(
        '<a href="{}?focus_tags__id__exact={}&check=contradiction">{}</a>',
        reverse("admin:classes_workoutclass_changelist"),
        tag.pk,
        ngettext("%(count)d class", "%(count)d classes", count) % {"count": count},
    )


@admin.register(Apparatus)
class ApparatusAdmin(KeepsItsAddress, TermAdmin):
    form = ApparatusForm
    classes_lookup = "apparatus"


@admin.register(Prop)
class PropAdmin(KeepsItsAddress, TermAdmin):
    form = PropForm
    classes_lookup = "props"
    list_display = ("name", "substitute", "used_by", "position")
