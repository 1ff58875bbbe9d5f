"""How far the rights of a curator reach."""

from typing import cast

from django.contrib.auth.models import Permission
from django.db.models import Q
from django.http import HttpRequest

from accounts.models import Member


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
