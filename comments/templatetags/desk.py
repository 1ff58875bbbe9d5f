"""What the header of every page says of the desk."""

from dataclasses import dataclass

from django import template
from django.contrib.auth.models import AnonymousUser

from accounts.models import Member
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
