"""The names of those who teach, which no other member may take."""

from collections.abc import Iterator

from accounts.names import ReservedName
from classes.models import Instructor


def instructor_names() -> Iterator[ReservedName]:
    """Every instructor's name, for the account tied to it alone. One query."""
    for name, member_id in Instructor.objects.values_list("name", "member_id"):
        yield ReservedName(name, member_id)
