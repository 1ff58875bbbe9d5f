"""What the list of comments is narrowed by. None of them reads more than a few rows to be drawn."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from classes.models import Instructor, WorkoutClass
from classes.numbers import whole_number
from comments.holding import RULES, reason_of
from comments.models import Comment, Report
from comments.reports import RULE as REPORTS


class ReportedFilter(admin.SimpleListFilter):
    title = _("reports")
    parameter_name = "reported"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Reported, and nobody has looked"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Comment]) -> QuerySet[Comment]:
        if self.value() == "yes":
            return queryset.filter(pk__in=Report.objects.open().values("comment"))
        return queryset


class RuleFilter(admin.SimpleListFilter):
    """Of what is held."""

    title = _("held because")
    parameter_name = "rule"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        names = [*(rule.name for rule in RULES), REPORTS]
        return [(name, reason_of(name)) for name in names]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Comment]) -> QuerySet[Comment]:
        name = self.value()
        if name not in dict(self.lookup_choices):
            return queryset
        # SQLite looks into no list: the name is found in its text, with its quotation marks.
        held = queryset.filter(state=Comment.State.HELD)
        held = held.alias(rules=Cast("held_for", TextField()))
        return held.filter(rules__contains=f'"{name}"')


class InstructorFilter(admin.SimpleListFilter):
    """Every instructor there is: to ask which have comments would read all of those."""

    title = _("instructor")
    parameter_name = "instructor"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        names = Instructor.objects.order_by("name", "pk").values_list("pk", "name")
        return [(str(pk), name) for pk, name in names]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Comment]) -> QuerySet[Comment]:
        pk = whole_number(self.value() or "")
        if not pk:
            return queryset
        taught = WorkoutClass.objects.filter(instructors=pk)
        return queryset.filter(workout_class__in=taught.values("pk"))
