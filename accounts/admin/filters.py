"""Whose membership runs, ended lately, is about to end; and where it came from."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Membership
from accounts.models.membership import MembershipQuerySet

SOON = timedelta(days=14)
LATELY = timedelta(days=30)


def _of_the_member() -> MembershipQuerySet:
    return Membership.objects.filter(member=OuterRef("pk"))


def _latest_first(memberships: QuerySet[Membership]) -> QuerySet[Membership]:
    return memberships.order_by(F("ends_at").desc(nulls_first=True), "-starts_at")


class MembershipFilter(admin.SimpleListFilter):
    """Members by what their memberships come to: who runs on with another is not about to end."""

    title = _("membership")
    parameter_name = "membership"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("running", _("Running")),
            ("soon", _("Ends within 14 days")),
            ("ended", _("Ended in the last 30 days")),
            ("none", pgettext_lazy("membership", "None")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        now = timezone.now()
        runs = Exists(_of_the_member().running(now))
        lasting = Q(ends_at__isnull=True) | Q(ends_at__gt=now + SOON)
        match self.value():
            case "running":
                return queryset.filter(runs)
            case "soon":
                return queryset.filter(runs).exclude(Exists(_of_the_member().filter(lasting)))
            case "ended":
                lately = _of_the_member().filter(ends_at__lte=now, ends_at__gt=now - LATELY)
                return queryset.filter(Exists(lately)).exclude(runs)
            case "none":
                return queryset.exclude(runs)
        return queryset


class LatestSourceFilter(admin.SimpleListFilter):
    """Members by where their latest membership came from: "trials that ended" is two clicks."""

    title = _("source of the latest membership")
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Membership.Source.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() not in Membership.Source.values:
            return queryset
        latest = _latest_first(_of_the_member()).values("source")[:1]
        return queryset.alias(latest_source=Subquery(latest)).filter(latest_source=self.value())


class PeriodFilter(admin.SimpleListFilter):
    """Memberships by where they are between their start and their end."""

    title = _("time")
    parameter_name = "time"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("running", _("Running")),
            ("soon", _("Ends within 14 days")),
            ("ended", _("Ended in the last 30 days")),
            ("coming", _("Has not begun")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Membership]:
        now = timezone.now()
        match self.value():
            case "running":
                return queryset.running(now)
            case "soon":
                return queryset.running(now).filter(ends_at__lte=now + SOON)
            case "ended":
                return queryset.filter(ends_at__lte=now, ends_at__gt=now - LATELY)
            case "coming":
                return queryset.filter(starts_at__gt=now)
        return queryset


def runs_until() -> Subquery:
    """The end of what runs longest of a member, to order them by; null without one."""
    return Subquery(_latest_first(_of_the_member().running()).values("ends_at")[:1])
