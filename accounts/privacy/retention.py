"""What is past its time, and how long each kind of thing is kept.

Each app registers its rules in `AppConfig.ready`. `manage.py purge` follows them, and so does the
worker, once a day; the privacy page says them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.utils.functional import Promise


@dataclass(frozen=True)
class Rule:
    """How long one kind of thing is kept."""

    name: str  # for the command and its report: "trials"
    title: str | Promise  # what it is, in words
    kept: timedelta | None  # None: as `purge` itself knows, each thing has its own end
    purge: Callable[[], int]  # removes what is past its time, in bounded bites; how many there were
    is_said: bool = True  # on the privacy page: it is about persons


_rules: dict[str, Rule] = {}


def register(*rules: Rule) -> None:
    """Add rules, followed in this order. The last time a name is registered counts."""
    _rules.update({rule.name: rule for rule in rules})


def rules() -> tuple[Rule, ...]:
    return tuple(_rules.values())
