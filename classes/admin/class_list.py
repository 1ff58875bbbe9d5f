"""The list of classes: what one scans, the filters, and what is done to many at once."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ChangeList
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from classes import publishing
from classes.body.occurrences import Occurrence, occurrences_in
from classes.body.vouching import broken_promises, unvouched_tags
from classes.conditions import (
    check_taken_back,
    contradicted,
    not_vouched_for,
    with_failed_film,
    without_film,
)
from classes.models import FocusTag, Movement, State, Variant, Video, WorkoutClass
from classes.numbers import whole_number

from .film_panel import newest_film, with_films

# --- Filters ------------------------------------------------------------------------------------


class StateFilter(admin.SimpleListFilter):
    """Tells the scheduled from the published, which the stored state does not."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("draft", State.DRAFT.label),
            ("scheduled", _("Scheduled")),
            ("published", State.PUBLISHED.label),
            ("retiring", _("Published until a date")),
            ("retired", State.RETIRED.label),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        match self.value():
            case "scheduled":
                return queryset.scheduled()
            case "published":
                return queryset.listed()
            case "draft":
                return queryset.filter(state=State.DRAFT)
            case "retiring":
                return queryset.filter(state=State.PUBLISHED, retires_at__gt=timezone.now())
            case "retired":
                over = Q(state=State.PUBLISHED, retires_at__lte=timezone.now())
                return queryset.filter(Q(state=State.RETIRED) | over)
        return queryset


class FilmFilter(admin.SimpleListFilter):
    title = _("film")
    parameter_name = "film"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("ready", _("Ready")),
            ("none", _("None ready")),
            ("works", _("In the works")),
            ("failed", _("Failed")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "ready":
                ready = Variant.objects.ready().filter(workout_class=OuterRef("pk"))
                return queryset.filter(Exists(ready))
            case "none":
                return without_film(queryset)
            case "works":
                going_on = Video.objects.filter(
                    variant__workout_class=OuterRef("pk"),
                    state__in=[Video.State.UPLOADED, Video.State.PROCESSING],
                )
                return queryset.filter(Exists(going_on))
            case "failed":
                return with_failed_film(queryset)
        return queryset


class CheckFilter(admin.SimpleListFilter):
    title = _("body check")
    parameter_name = "check"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("checked", _("Checked")),
            ("unchecked", _("Not checked")),
            ("withdrawn", _("Taken back")),
            ("promised", _("Promised, not vouched for")),
            ("contradiction", _("Contradicts its tags")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        checked = Q(checked_at__isnull=False, checked_by__isnull=False)
        match self.value():
            case "checked":
                return queryset.filter(checked)
            case "unchecked":
                return queryset.exclude(checked)
            case "withdrawn":
                return check_taken_back(queryset)
            case "promised":
                return not_vouched_for(queryset)
            case "contradiction":
                return contradicted(queryset)
        return queryset


# --- Columns ------------------------------------------------------------------------------------


class ClassChangeList(ChangeList):
    def get_queryset(self, request: HttpRequest, *args: Any, **kwargs: Any) -> QuerySet[Any]:
        """With everything that the columns show."""
        classes = super().get_queryset(request, *args, **kwargs)
        return classes.select_related("checked_by").prefetch_related(
            "instructors",
            "movements",
            "focus_tags__forbids",
            Prefetch("variants", with_films(Variant.objects.all())),
        )

    def get_results(self, request: HttpRequest) -> None:
        """The rows of this page, those that contradict their tags with where they do."""
        super().get_results(request)
        broken = [row for row in self.result_list if contradictions_of(row)]
        places = occurrences_in([row.pk for row in broken]) if broken else {}
        for row in broken:
            row.occurrences = places[row.pk]


def contradictions_of(workout_class: WorkoutClass) -> dict[FocusTag, list[Movement]]:
    """Its tags that forbid what it contains. No query after the list's own."""
    return dict(broken_promises(workout_class.focus_tags.all(), workout_class.movements.all()))


class ClassList(admin.ModelAdmin):
    """The list page. All its columns cost a constant number of queries."""

    list_display = (
        "title",
        "state_shown",
        "taught_by",
        "level",
        "tags",
        "films",
        "body_check_shown",
        "free_shown",
    )
    list_filter = (
        StateFilter,
        FilmFilter,
        CheckFilter,
        "focus_tags",
        "instructors",
        "level",
        "apparatus",
        "is_free",
    )
    search_fields = ("title", "slug", "description", "instructors__name")
    date_hierarchy = "published_at"
    list_per_page = 50
    actions = (
        "publish_selected",
        "retire_selected",
        "make_free",
        "end_free",
        "add_tag",
        "remove_tag",
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ClassChangeList

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        # Where an exercise leads to; with a filter of its own the margin would list hundreds.
        if lookup == "variants__chapters__exercise__id__exact":
            return True
        return super().lookup_allowed(lookup, value, request)

    @admin.display(description=_("state"), ordering="published_at")
    def state_shown(self, workout_class: WorkoutClass) -> SafeString:
        if workout_class.is_scheduled:
            shown = mark("scheduled", gettext("Scheduled"))
        elif workout_class.is_retired:
            shown = mark("retired", State.RETIRED.label)
        else:
            shown = mark(workout_class.state, workout_class.get_state_display())
        said: list[SafeString | str] = [shown]
        if workout_class.published_at:
            said.append(_day(workout_class.published_at))
        if workout_class.retires_at and workout_class.state == State.PUBLISHED:
            said.append(gettext("until %(day)s") % {"day": _day(workout_class.retires_at)})
        return format_html_join(mark_safe("<br>"), "{}", ((each,) for each in said))

    @admin.display(description=_("instructors"))
    def taught_by(self, workout_class: WorkoutClass) -> str:
        return ", ".join(str(who) for who in workout_class.instructors.all()) or "–"

    @admin.display(description=_("focus"))
    def tags(self, workout_class: WorkoutClass) -> SafeString | str:
        unvouched = set(unvouched_tags(workout_class))
        broken = contradictions_of(workout_class)
        shown: list[Any] = []
        for tag in workout_class.focus_tags.all():
            if tag in broken:
                places: list[Occurrence] = getattr(workout_class, "occurrences", [])
                sentence = publishing.contradiction_in_words(tag, broken[tag], places)
                shown.append(mark("contradiction", sentence))
            elif tag in unvouched:
                sentence = gettext("%(tag)s: not vouched for") % {"tag": tag}
                shown.append(mark("unvouched", sentence))
            else:
                shown.append(tag)
        return format_html_join(", ", "{}", ((tag,) for tag in shown)) or "–"

    @admin.display(description=_("films"))
    def films(self, workout_class: WorkoutClass) -> SafeString | str:
        counted: Counter[str] = Counter()
        for variant in workout_class.variants.all():
            if variant.is_ready:
                counted["ready"] += 1
            newest = newest_film(variant)
            if newest and newest.state in (Video.State.UPLOADED, Video.State.PROCESSING):
                counted["works"] += 1
            if newest and newest.state == Video.State.FAILED:
                counted["failed"] += 1
        words = {
            "ready": ngettext("%d ready", "%d ready", counted["ready"]),
            "works": ngettext("%d in the works", "%d in the works", counted["works"]),
            "failed": ngettext("%d failed", "%d failed", counted["failed"]),
        }
        shown = [mark(name, text % counted[name]) for name, text in words.items() if counted[name]]
        return format_html_join(" ", "{}", ((part,) for part in shown)) or gettext("none")

    @admin.display(description=_("body check"), ordering="checked_at")
    def body_check_shown(self, workout_class: WorkoutClass) -> SafeString | str:
        if workout_class.is_checked:
            return mark("checked", str(workout_class.checked_by))
        if workout_class.check_withdrawn:
            return mark("withdrawn", gettext("taken back"))
        return "–"

    @admin.display(description=_("free"), ordering="is_free")
    def free_shown(self, workout_class: WorkoutClass) -> SafeString | str:
        return mark("free", gettext("free")) if workout_class.is_free else ""

    # --- Many at once ---------------------------------------------------------------------------

    @admin.action(description=_("Publish"), permissions=["change"])
    def publish_selected(self, request: HttpRequest, queryset: QuerySet[WorkoutClass]) -> None:
        self._change_state(request, queryset, publishing.publish, _("Published: %(titles)s."))

    @admin.action(description=_("Retire"), permissions=["change"])
    def retire_selected(self, request: HttpRequest, queryset: QuerySet[WorkoutClass]) -> None:
        self._change_state(request, queryset, publishing.retire, _("Retired: %(titles)s."))

    def _change_state(
        self, request: HttpRequest, queryset: QuerySet[WorkoutClass], act: Any, done: Any
    ) -> None:
        """Do it to each, and say by name which it could not be done to and why."""
        changed = []
        chosen = WorkoutClass.objects.for_cards().prefetch_related("ticked_movements")
        for workout_class in chosen.filter(pk__in=list_of_pks(queryset)):
            try:
                act(workout_class)
            except publishing.NotNow as refusal:
                self.message_user(
                    request,
                    format_html("<b>{}</b>: {}", workout_class, " ".join(refusal.reasons)),
                    messages.ERROR,
                )
            else:
                changed.append(workout_class.title)
                state = workout_class.get_state_display()
                self.log_change(request, workout_class, gettext("Now: %s.") % state)
        if changed:
            self.message_user(request, done % {"titles": ", ".join(changed)}, messages.SUCCESS)

    @admin.action(description=_("Make free for everybody"), permissions=["change"])
    def make_free(self, request: HttpRequest, queryset: QuerySet[WorkoutClass]) -> None:
        self._set_free(request, queryset, True)

    @admin.action(description=_("Keep for members"), permissions=["change"])
    def end_free(self, request: HttpRequest, queryset: QuerySet[WorkoutClass]) -> None:
        self._set_free(request, queryset, False)

    def _set_free(
        self, request: HttpRequest, queryset: QuerySet[WorkoutClass], is_free: bool
    ) -> None:
        # Row by row, and not by one update, so that the history has it.
        changed = list(queryset.exclude(is_free=is_free))
        for workout_class in changed:
            workout_class.is_free = is_free
            workout_class.save(update_fields=["is_free", "updated_at"])
        text = ngettext("%d class changed.", "%d classes changed.", len(changed))
        self.message_user(request, text % len(changed), messages.SUCCESS)

    @admin.action(description=_("Add a focus tag…"), permissions=["change"])
    def add_tag(self, request: HttpRequest, queryset: QuerySet[WorkoutClass]) -> Any:
        return self._choose_tag(request, queryset, self._add_to_each, gettext("Add a focus tag"))

    @admin.action(description=_("Remove a focus tag…"), permissions=["change"])
    def remove_tag(self, request: HttpRequest, queryset: QuerySet[WorkoutClass]) -> Any:
        return self._choose_tag(
            request, queryset, self._remove_from_each, gettext("Remove a focus tag")
        )

    def _choose_tag(
        self, request: HttpRequest, queryset: QuerySet[WorkoutClass], act: Any, title: str
    ) -> TemplateResponse | None:
        """Ask which tag, then do it: an action is sent again with the answer."""
        chosen = FocusTag.objects.filter(pk=whole_number(request.POST.get("tag")) or 0)
        if tag := chosen.prefetch_related("forbids").first():
            act(request, queryset, tag)
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "media": self.media,
            "action": request.POST["action"],
            "checkbox_name": ACTION_CHECKBOX_NAME,
            "classes": queryset,
            "tags": FocusTag.objects.prefetch_related("forbids"),
            "nothing_chosen": "tag" in request.POST,
        }
        return TemplateResponse(request, "admin/classes/workoutclass/choose_tag.html", context)

    def _add_to_each(
        self, request: HttpRequest, queryset: QuerySet[WorkoutClass], tag: FocusTag
    ) -> None:
        added = []
        contained = occurrences_in(list_of_pks(queryset))
        for workout_class in queryset:
            if tag in workout_class.focus_tags.all():
                continue
            places = contained[workout_class.pk]
            if broken := broken_promises([tag], [place.movement for place in places]):
                sentence = publishing.contradiction_in_words(*broken[0], places)
                refusal = format_html("<b>{}</b>: {}", workout_class, sentence)
                self.message_user(request, refusal, messages.ERROR)
                continue
            workout_class.focus_tags.add(tag)
            added.append(workout_class.title)
            self.log_change(request, workout_class, gettext("Tagged “%s”.") % tag)
        if added:
            text = gettext("“%(tag)s” added to %(titles)s.")
            text %= {"tag": tag, "titles": ", ".join(added)}
            self.message_user(request, text, messages.SUCCESS)

    def _remove_from_each(
        self, request: HttpRequest, queryset: QuerySet[WorkoutClass], tag: FocusTag
    ) -> None:
        carrying = list(queryset.filter(focus_tags=tag))
        for workout_class in carrying:
            workout_class.focus_tags.remove(tag)
            self.log_change(request, workout_class, gettext("“%s” removed.") % tag)
        text = ngettext(
            "“%(tag)s” removed from %(count)d class.",
            "“%(tag)s” removed from %(count)d classes.",
            len(carrying),
        )
        text %= {"tag": tag, "count": len(carrying)}
        self.message_user(request, text, messages.SUCCESS)


def mark(kind: str, text: Any) -> SafeString:
    """A word in a column that is told apart by more than its colour: by the word itself."""
    return format_html('<span class="mark mark-{}">{}</span>', kind, text)


def _day(moment: datetime) -> str:
    return date_format(localtime(moment), "SHORT_DATE_FORMAT")


def list_of_pks(queryset: QuerySet[Any]) -> list[int]:
    """The rows of an action's selection, free of what the list page fetches along with them."""
    return list(queryset.order_by().values_list("pk", flat=True))
