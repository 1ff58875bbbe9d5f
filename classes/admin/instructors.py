"""The public pages of those who teach."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from classes.forms import SlugRules
from classes.models import Instructor

from .addresses import MovesWithItsAddress
from .leftovers import LeavesNothingBehind, made_by
from .pictures import WithPicture
from .rows import OrderedByHand


class InstructorForm(SlugRules, WithPicture):
    title_field = "name"
    picture_field = "portrait"

    class Meta:
        model = Instructor
        fields = ("name", "slug", "bio", "member", "position")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False


@admin.register(Instructor)
class InstructorAdmin(LeavesNothingBehind, MovesWithItsAddress, OrderedByHand):
    form = InstructorForm
    list_display = ("name", "slug", "member", "class_count", "has_portrait", "position")
    list_select_related = ("member",)
    search_fields = ("name", "slug", "member__display_name", "member__email")
    prepopulated_fields = {"slug": ("name",)}
    autocomplete_fields = ("member",)
    readonly_fields = ("current_portrait",)

    class Media:
        css = {"all": ["css/admin_classes.css"]}

    def get_fieldsets(self, request: HttpRequest, obj: Instructor | None = None) -> Any:
        picture = ["current_portrait", "upload"]
        if obj and obj.portrait_id:
            picture.append("remove_picture")
        return (
            (None, {"fields": ("name", "slug", "bio", "member", "position")}),
            (_("Portrait"), {"fields": picture}),
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Instructor]:
        return super().get_queryset(request).annotate(classes_taught=Count("classes"))

    @admin.display(description=_("classes"), ordering="classes_taught")
    def class_count(self, instructor: Any) -> int:
        return instructor.classes_taught

    @admin.display(description=_("portrait"), boolean=True)
    def has_portrait(self, instructor: Instructor) -> bool:
        return instructor.portrait_id is not None

    @admin.display(description=_("now"))
    def current_portrait(self, instructor: Instructor) -> SafeString | str:
        if not instructor.pk or not instructor.portrait:
            return gettext("none yet")
        return render_to_string(
            "admin/classes/_picture.html", {"picture": instructor.portrait, "alt": instructor.name}
        )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        form.exchange_picture(made_by(request))
        super().save_model(request, obj, form, change)
        form.discard_old_picture()
