"""How people come in, as superusers see it: nothing in it opens a door.

In place of allauth's own pages, which show the secret of an app, and cannot be searched.
"""

from typing import cast

from allauth.mfa import admin as _factors  # noqa: F401 - registers what is replaced here
from allauth.mfa.models import Authenticator
from allauth.usersessions import admin as _sessions  # noqa: F401
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from accounts.admin.rights import curator_of, may_manage

admin.site.unregister([Authenticator, UserSession])


class _OnlySeen(admin.ModelAdmin):
    list_select_related = ("user",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Authenticator)
class AuthenticatorAdmin(_OnlySeen):
    """Deleted for whoever lost it, and has no recovery code either.

    Not of somebody who may more than the one who deletes: a password alone would open that account.
    """

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type", "created_at")
    search_fields = ("user__display_name", "user__email")
    fields = list_display

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        if obj is None:
            return allowed
        return allowed and may_manage(curator_of(request), cast(Authenticator, obj).user)


@admin.register(UserSession)
class UserSessionAdmin(_OnlySeen):
    """To be looked at. A row that is deleted here would leave its session alive and unlisted."""

    list_display = ("user", "created_at", "last_seen_at", "ip", "user_agent")
    search_fields = ("user__display_name", "user__email", "ip")
    fields = list_display

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
