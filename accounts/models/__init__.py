"""Who a person is, split by idea: the member, the membership, mail, privacy, and the doors."""

from .doors import AddressChange, KnownDevice
from .mail import Letter, Outgoing
from .member import Member
from .membership import Membership, TrialTaken
from .privacy import Departure, Export, FailedRule

__all__ = [
    "AddressChange",
    "Departure",
    "Export",
    "FailedRule",
    "KnownDevice",
    "Letter",
    "Member",
    "Membership",
    "Outgoing",
    "TrialTaken",
]
