"""The corner of every page's header that is a member's own: their desk, and their menu."""

from typing import cast

from django.http import HttpRequest
from django.utils.safestring import SafeString

from accounts.models import Member
from classes import holes
from comments.desk import counting


def corner(request: HttpRequest, csrf_token: str) -> SafeString:
    """The same for all of a kind, but for the name. One query for who teaches, none for others."""
    member = cast(Member, request.user)
    number = counting.count_for(member)
    match = request.resolver_match
    own = {
        "name": member.display_name,
        "picture": member.avatar.url if member.avatar else "",
        "letter": "" if member.avatar else member.display_name[:1].upper(),
        "csrf_token": csrf_token,
    }
    return holes.rendered(
        "_member_corner.html",
        own,
        number=number,
        shown=f"{counting.MOST - 1}+" if number >= counting.MOST else str(number),
        is_at_desk=match is not None and match.view_name == "comments:desk",
        has_desk=counting.taught_by(member) is not None,
        is_staff=member.is_staff,
    )
