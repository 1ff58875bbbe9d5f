"""The people, as curators see them."""

from typing import Any

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected as ask_or_delete
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.as_seen import AsSeenForm, AsSeenPages
from accounts.admin.choices import END, EXTEND, GRANT, ask_or_do
from accounts.admin.filters import LatestSourceFilter, MembershipFilter, runs_until
from accounts.admin.memberships import MembershipInline
from accounts.admin.rights import curator_of, may_manage, rights_of
from accounts.membership.standing import in_short, standing, stretches_of
from accounts.models import Member
from accounts.names import clean_display_name
from accounts.privacy import erasing, leaving


def _goes_in_steps(member: Member) -> str:
    return gettext(
        "“%(name)s” wrote so much that it is removed step by step, within minutes. The account is "
        "closed already, and cannot be kept any more."
    ) % {"name": member.display_name}


class MemberForm(AsSeenForm):
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
class MemberAdmin(AsSeenPages):
    form = MemberForm
    list_display = (
        "display_name",
        "email",
        "date_joined",
        "is_staff",
        "is_active",
        "running_membership",
    )
    list_filter = (
        MembershipFilter,
        LatestSourceFilter,
        "is_staff",
        "is_active",
        "groups",
        "date_joined",
    )
    search_fields = ("display_name", "email")
    ordering = ("-date_joined", "-pk")
    filter_horizontal = ("groups", "user_permissions")
    inlines = (MembershipInline,)
    actions = ("delete_selected", "grant_membership", "extend_membership", "end_membership")
    change_form_template = "accounts/admin_member.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Member]:
        members = super().get_queryset(request)
        return members.alias(runs_until=runs_until()).prefetch_related("memberships")

    @admin.display(description=_("membership"), ordering="runs_until")
    def running_membership(self, member: Member) -> str:
        return in_short(standing(stretches_of(member.memberships.all()), timezone.now()))

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
        """Nor the last who may do everything: nobody could make another. Nor oneself: that takes
        the password, on the page for it, and here nobody would be left to sign the log."""
        allowed = super().has_delete_permission(request, obj)
        if obj is None or not allowed:
            return allowed
        if obj.pk == request.user.pk:
            return False
        return may_manage(curator_of(request), obj) and not leaving.is_last_superuser(obj)

    def has_grant_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.add_membership")

    def has_change_membership_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.change_membership")

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

    @admin.action(
        description=ask_or_delete.short_description,  # type: ignore[attr-defined]
        permissions=["delete"],
    )
    def delete_selected(
        self, request: HttpRequest, queryset: QuerySet[Member]
    ) -> HttpResponse | None:
        """Django's own, which would call all of them deleted, and name them in the log."""
        if not request.POST.get("post"):
            return ask_or_delete(self, request, queryset)
        _names, _numbers, refused, _protected = self.get_deleted_objects(queryset, request)
        if refused:
            raise PermissionDenied
        gone = self._take_away(request, queryset)
        if gone:
            told = ngettext(
                "%(count)d member was deleted.", "%(count)d members were deleted.", gone
            )
            self.message_user(request, told % {"count": gone}, messages.SUCCESS)
        return None

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        self._take_away(request, queryset)

    def _take_away(self, request: HttpRequest, members: QuerySet[Member]) -> int:
        """With all that is theirs, as when they leave by themselves; others' answers stay.

        Who wrote very much is signed out now and erased by the worker, in steps between which
        others can write. What was logged about them goes, too. That somebody was deleted, and by
        whom, stays. Returns how many are gone already; of the others it tells, each by name.
        """
        gone = 0
        for member in members:
            pk = member.pk
            if leaving.is_last_superuser(member):  # the others were chosen too, and went before
                self.message_user(
                    request,
                    gettext("“%(name)s” stays: nobody else could administer the studio.")
                    % {"name": member.display_name},
                    messages.ERROR,
                )
                continue
            is_gone = not erasing.steps_ahead(member)
            if is_gone:
                erasing.erase(member, leaving.words_of(member))
                gone += 1
            else:
                leaving.send_away(member)
                self.message_user(request, _goes_in_steps(member), messages.WARNING)
            LogEntry.objects.create(
                user=curator_of(request),
                content_type=ContentType.objects.get_for_model(Member),
                # What names somebody who is still there goes with them.
                object_id=str(pk) if is_gone else None,
                object_repr=gettext("A member"),
                action_flag=DELETION,
            )
        return gone

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: Any) -> HttpResponse:
        """Who is only about to be deleted is not called so; `_take_away` said how it is."""
        if Member.objects.filter(pk=obj_id).exists():
            return redirect("admin:accounts_member_changelist")
        return super().response_delete(request, obj_display, obj_id)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Whom it takes. Not each of their rows, which are their own business and take no right
        but this one."""
        members = list(objs)
        names = [member.display_name for member in members]
        refused = {
            str(self.opts.verbose_name)
            for member in members
            if not self.has_delete_permission(request, member)
        }
        return names, {self.opts.verbose_name_plural: len(members)}, refused, []

    # --- What is decided about their memberships

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """With a button for each choice, which leads to the page that asks, for this one member."""
        allowed = self.get_actions(request)
        choices = [choice for choice in (GRANT, EXTEND, END) if choice.name in allowed]
        context = {"choices": choices, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    @admin.action(description=GRANT.label, permissions=["grant"])
    def grant_membership(
        self, request: HttpRequest, queryset: QuerySet[Member]
    ) -> HttpResponse | None:
        return ask_or_do(GRANT, self, request, queryset)

    @admin.action(description=EXTEND.label, permissions=["change_membership"])
    def extend_membership(
        self, request: HttpRequest, queryset: QuerySet[Member]
    ) -> HttpResponse | None:
        return ask_or_do(EXTEND, self, request, queryset)

    @admin.action(description=END.label, permissions=["change_membership"])
    def end_membership(
        self, request: HttpRequest, queryset: QuerySet[Member]
    ) -> HttpResponse | None:
        return ask_or_do(END, self, request, queryset)
