"""All that is kept of a person, as each app says it of its own tables.

Everything that has to do with a person's data goes by these two lists: the page that tells what is
kept, the file that a member takes along, and the deletion of an account. An app registers in its
`AppConfig.ready`; a relation to Member that stands in neither list fails a test.

A **holding** is a person's own: it is in their file, and goes with their account. A **trace** is
what somebody did for the studio, such as who checked a class: what was done stays when they leave,
without their name.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models.fields.files import FieldFile
from django.utils.functional import Promise

from accounts.models import Departure, Member

# One thing that is kept, by words that a person understands: values that JSON can hold, moments,
# and further records.
Record = Mapping[str, Any]


def no_files(member: Member) -> Iterable[FieldFile]:
    return ()


def no_steps(member: Member) -> Sequence[Callable[[Departure.Words], None]]:
    return ()


@dataclass(frozen=True)
class Holding:
    """One kind of thing that is kept of a person.

    `read` yields every record of a member, in a constant number of queries. `erase` removes them
    in the transaction in which the account goes, and is safe to call twice; files it removes once
    that is committed. What `read` yields, nothing yields after `erase`.

    `steps_ahead` are for whom there is too much to be erased in one transaction: each takes part
    of it in one of its own, before that, and `erase` takes the rest. They are taken once nobody
    can change their mind any more, and after an interruption they are asked for anew.
    """

    name: str  # where it stands in the file: "comments"
    title: str | Promise
    kept: str | Promise  # what it is for and until when it is kept: a sentence or two
    read: Callable[[Member], Iterable[Record]]
    erase: Callable[[Member, Departure.Words], None]
    relations: tuple[str, ...] = ()  # those that it answers for: "comments.Comment.author"
    files: Callable[[Member], Iterable[FieldFile]] = no_files  # to go along with the records
    steps_ahead: Callable[[Member], Sequence[Callable[[Departure.Words], None]]] = no_steps


@dataclass(frozen=True)
class Trace:
    """Relations that tell who did something for the studio. They lead nowhere once they left.

    `release` is for rows that the database does not empty by itself (`on_delete`).
    """

    title: str | Promise
    relations: tuple[str, ...]
    release: Callable[[Member], None] = lambda member: None


_holdings: dict[str, Holding] = {}
_traces: list[Trace] = []


def register(*holdings: Holding) -> None:
    """Add to what is a person's own. The order is that of erasing; the last time a name is
    registered counts."""
    _holdings.update({holding.name: holding for holding in holdings})


def register_traces(*traces: Trace) -> None:
    _traces.extend(trace for trace in traces if trace not in _traces)


def holdings() -> tuple[Holding, ...]:
    return tuple(_holdings.values())


def traces() -> tuple[Trace, ...]:
    return tuple(_traces)
