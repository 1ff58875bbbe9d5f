"""Members and their memberships, as curators keep them.

A curator is not a superuser: nobody gives a right here that they do not hold, nor touches the
account of somebody who holds more. Passwords are nobody's business but their owner's: a member
who lost theirs asks for a code at the sign-in.

    rights       whose account a curator may touch
    members      the people
    memberships  what opens the films to them
    as_seen      forms that take back nothing that others changed meanwhile
    choices      what may be decided about several at once, and the page that asks first
    doors        second factors and sessions
    letters      mail about accounts, where it did not go out
    filters      by what runs, what ended and what is about to end
"""

from accounts.admin import doors, letters
from accounts.admin.members import MemberAdmin
from accounts.admin.memberships import MembershipAdmin
from accounts.admin.rights import curator_of, may_manage, rights_of

__all__ = [
    "MemberAdmin",
    "MembershipAdmin",
    "curator_of",
    "doors",
    "letters",
    "may_manage",
    "rights_of",
]
