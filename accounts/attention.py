"""What waits for somebody on the staff, gathered for the admin's start page.

Each app registers its lists in `AppConfig.ready`; nothing here knows what they are about.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from accounts.models import Member


@dataclass(frozen=True)
class Item:
    """One thing that waits: how many there are, where to see them all, and a few by name.

    `title` completes the count ("3" "films failed"); `tone` is "problem" where members already
    notice, "task" where only the studio does.
    """

    title: str
    count: int
    link: str
    examples: Sequence[tuple[str, str]] = ()  # (name, address)
    tone: str = "task"


Source = Callable[[Member], Iterable[Item]]

_sources: list[Source] = []


def register(source: Source) -> Source:
    """Add a list. `source(member)` yields items that this member has the right to act on.

    It runs whenever the start page is opened: a constant number of queries, however much waits.
    Items that count nothing are left out.
    """
    if source not in _sources:
        _sources.append(source)
    return source


def what_waits_for(member: Member) -> list[Item]:
    """Everything that needs this member's attention; what members notice comes first."""
    items = [item for source in _sources for item in source(member) if item.count]
    return sorted(items, key=lambda item: item.tone != "problem")
