"""Members and their memberships, as curators keep them.

A curator is not a superuser: nobody gives a right here that they do not hold, nor touches the
account of somebody who holds more. Passwords are nobody's business but their owner's: a member
who lost theirs asks for a code at the sign-in.
"""

from functools import partial
from typing import Any, cast

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import Group, Permission
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from accounts.forms import GrantForm
from accounts.history_pages import HistoryPages
from accounts.memberships import grant_memberships
from accounts.models import Member, Membership
from accounts.names import clean_display_name


def curator_of(request: HttpRequest) -> Member:
    """Who is at work: the admin lets nobody in who has not signed in."""
    return cast(Member, request.user)


def rights_of(member: Member) -> set[int]:
    """Ids of the permissions that a member has by group or alone, whether active or not."""
    return set(
        Permission.objects.filter(Q(group__user=member) | Q(user=member)).values_list(
            "pk", flat=True
        )
    )


def may_manage(curator: Member, member: Member) -> bool:
    """Whether a curator's own rights reach as far as those of a member."""
    if curator.is_superuser:
        return True
    return not member.is_superuser and rights_of(member) <= rights_of(curator)


class RunningMembershipFilter(admin.SimpleListFilter):
    title = _("membership")
    parameter_name = "membership"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("running", _("Running")), ("none", pgettext("membership", "None"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() in ("running", "none"):
            return queryset.filter(runs=self.value() == "running")
        return queryset


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    fields = ("starts_at", "ends_at", "source", "note")


class MemberForm(forms.ModelForm):
    class Meta:
        model = Member
        fields = (
            "email",
            "display_name",
            "is_active",
            "is_staff",
            "groups",
            "is_superuser",
            "user_permissions",
        )

    def clean_display_name(self) -> str:
        return clean_display_name(self.cleaned_data["display_name"], self.instance.pk)

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].lower()
        if Member.objects.filter(email__iexact=email).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("There is an account with this address already."))
        return email


@admin.register(Member)
class MemberAdmin(HistoryPages):
    form = MemberForm
    list_display = (
        "display_name",
        "email",
        "date_joined",
        "is_staff",
        "is_active",
        "running_membership",
    )
    list_filter = (RunningMembershipFilter, "is_staff", "is_active", "groups", "date_joined")
    search_fields = ("display_name", "email")
    ordering = ("-date_joined", "-pk")
    filter_horizontal = ("groups", "user_permissions")
    inlines = (MembershipInline,)
    actions = ("grant_membership",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Member]:
        running = (
            Membership.objects.running()
            .filter(member=OuterRef("pk"))
            .order_by(F("ends_at").desc(nulls_first=True))
        )
        return (
            super()
            .get_queryset(request)
            .annotate(runs=Exists(running), runs_until=Subquery(running.values("ends_at")[:1]))
        )

    @admin.display(description=_("membership"), ordering="runs_until")
    def running_membership(self, member: Any) -> str:
        if not member.runs:
            return "–"
        if member.runs_until is None:
            return gettext("without an end")
        return gettext("until %(day)s") % {
            "day": date_format(localtime(member.runs_until), "SHORT_DATE_FORMAT")
        }

    # --- What a curator may touch

    def get_fieldsets(self, request: HttpRequest, obj: Member | None = None) -> Any:
        rights = ["is_staff", "groups"]
        if request.user.is_superuser:
            rights += ["is_superuser", "user_permissions"]
        return (
            (None, {"fields": ("email", "display_name", "is_active")}),
            (_("Rights"), {"fields": rights}),
            *([(_("Dates"), {"fields": ("date_joined", "last_login")})] if obj else []),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Member | None = None) -> Any:
        # Whoever sets an address can ask for a new password with it.
        address = ("email",) if obj and not request.user.is_superuser else ()
        return (*address, "date_joined", "last_login")

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups" and not request.user.is_superuser:
            beyond = Permission.objects.exclude(pk__in=rights_of(curator_of(request)))
            kwargs["queryset"] = Group.objects.exclude(permissions__in=beyond)
        elif db_field.name == "user_permissions":
            kwargs["queryset"] = Permission.objects.select_related("content_type")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Member | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or may_manage(curator_of(request), obj))

    def has_delete_permission(self, request: HttpRequest, obj: Member | None = None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or may_manage(curator_of(request), obj))

    def has_grant_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.add_membership")

    def save_model(self, request: HttpRequest, obj: Member, form: MemberForm, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if "email" in form.changed_data:
            # The address proves itself by a code when its owner signs in.
            EmailAddress.objects.filter(user=obj).delete()
            EmailAddress.objects.create(user=obj, email=obj.email, primary=True, verified=False)

    def delete_model(self, request: HttpRequest, obj: Member) -> None:
        self.delete_queryset(request, Member.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        pictures = list(queryset.exclude(avatar="").values_list("avatar", flat=True))
        super().delete_queryset(request, queryset)
        for name in pictures:
            transaction.on_commit(partial(default_storage.delete, name))

    @admin.action(description=_("Give a membership"), permissions=["grant"])
    def grant_membership(
        self, request: HttpRequest, queryset: QuerySet[Member]
    ) -> HttpResponse | None:
        form = GrantForm(request.POST if "grant" in request.POST else None)
        if form.is_valid():
            given = grant_memberships(
                queryset,
                form.ends_at(),
                note=form.cleaned_data["note"],
                given_by=curator_of(request),
            )
            self.message_user(
                request,
                ngettext(
                    "%(count)d membership was given. Whoever had one as long kept it.",
                    "%(count)d memberships were given. Whoever had one as long kept it.",
                    given,
                )
                % {"count": given},
                messages.SUCCESS,
            )
            return None
        return TemplateResponse(
            request,
            "accounts/admin_grant_membership.html",
            {
                **self.admin_site.each_context(request),
                "title": _("Give a membership"),
                "opts": self.opts,
                "form": form,
                "members": queryset,
                "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
                "select_across": request.POST.get("select_across", "0"),
            },
        )


@admin.register(Membership)
class MembershipAdmin(HistoryPages):
    list_display = ("member", "source", "starts_at", "ends_at", "note")
    list_filter = ("source", "starts_at", "ends_at")
    list_select_related = ("member",)
    search_fields = ("member__display_name", "member__email", "note")
    autocomplete_fields = ("member",)
    date_hierarchy = "starts_at"
