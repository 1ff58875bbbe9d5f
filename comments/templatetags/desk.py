"""What the header of every page says of the desk."""

from dataclasses import dataclass

from django import template
from django.contrib.auth.models import AnonymousUser
from django.template import Context
from django.utils.safestring import SafeString

from accounts.models import Member
from classes import holes
from comments.desk import counting

register = template.Library()


@dataclass(frozen=True)
class Desk:
    number: int  # of threads that wait, up to 100

    @property
    def shown(self) -> str:
        most = counting.MOST
        return f"{most - 1}+" if self.number >= most else str(self.number)


@register.simple_tag
def desk_of(member: Member | AnonymousUser) -> Desk | None:
    """`{% desk_of user as desk %}`: None for who teaches nothing. One query for who does."""
    if not isinstance(member, Member) and not member.is_authenticated:
        return None
    if counting.taught_by(member) is None:
        return None
    return Desk(counting.count_for(member))


@register.simple_tag(takes_context=True)
def member_menu(context: Context, desk: Desk | None) -> SafeString:
    """`{% member_menu desk %}`: the member's own menu, which all of a kind share but for the name.

    Takes `user` and `csrf_token` from the context.
    """
    member = context["user"]
    own = {
        "name": member.display_name,
        "picture": member.avatar.url if member.avatar else "",
        "letter": "" if member.avatar else member.display_name[:1].upper(),
        "csrf_token": str(context.get("csrf_token", "")),
    }
    return holes.rendered(
        "_member_menu.html", own, is_staff=member.is_staff, has_desk=desk is not None
    )
