"""The demo studio as `studio.json` describes it: who teaches, what is taught, who signs in.

Reading it touches no database; `classes.demo.load` makes rows of it. Days are counted back from
the moment of loading, so that the studio never grows old.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

Palette = tuple[str, ...]  # from dark to light, as `#rrggbb`


@dataclass(frozen=True)
class DemoMembership:
    source: str
    began: timedelta  # before loading
    ends: timedelta  # after loading; negative for one that is over


@dataclass(frozen=True)
class DemoSaved:
    slug: str  # of the class
    ago: timedelta  # before loading


@dataclass(frozen=True)
class DemoWatched:
    """A film that was begun, up to a moment in it, or done."""

    slug: str  # of the class
    tempo: str
    language: str
    ago: timedelta  # before loading
    stopped_at: timedelta  # nothing for one that is done
    times_done: int


@dataclass(frozen=True)
class DemoAccount:
    """Someone to sign in as."""

    role: str  # in words, for whoever reads the list of accounts
    email: str
    name: str
    instructor: str | None  # slug of the teacher whose account this is
    membership: DemoMembership | None
    is_curator: bool
    saved: tuple[DemoSaved, ...]
    watched: tuple[DemoWatched, ...]


@dataclass(frozen=True)
class DemoInstructor:
    slug: str
    name: str
    bio: str
    palette: Palette


@dataclass(frozen=True)
class DemoVariant:
    """One film: a clip of `seconds`, repeated up to `minutes` where these are given.

    `timeline` has the lines that a curator typed; None lets the exercises of the class share the
    film evenly, which is how a clip shows their names.
    """

    tempo: str
    language: str
    seconds: int
    minutes: int | None
    timeline: tuple[str, ...] | None

    @property
    def length(self) -> timedelta:
        return timedelta(minutes=self.minutes) if self.minutes else timedelta(seconds=self.seconds)


@dataclass(frozen=True)
class DemoClass:
    """All lists hold slugs; `contains` are the movements that a curator ticked."""

    slug: str
    title: str
    level: str
    state: str
    is_free: bool
    published: timedelta | None  # before loading; negative for a scheduled class
    checked_by: str | None  # slug of an instructor
    checked: timedelta | None  # before loading
    check_withdrawn: str  # why there is no check any more
    instructors: tuple[str, ...]
    apparatus: tuple[str, ...]
    props: tuple[str, ...]
    focus: tuple[str, ...]
    contains: tuple[str, ...]
    exercises: tuple[str, ...]  # in the order in which the films show them
    palette: Palette
    variants: tuple[DemoVariant, ...]
    description: str

    @property
    def is_listed(self) -> bool:
        is_out = self.published is not None and self.published >= timedelta()
        return self.state == "published" and is_out


@dataclass(frozen=True)
class DemoStudio:
    accounts: tuple[DemoAccount, ...]
    instructors: tuple[DemoInstructor, ...]
    classes: tuple[DemoClass, ...]


@cache
def read_studio() -> DemoStudio:
    written = json.loads(Path(__file__).with_name("studio.json").read_text("utf-8"))
    return DemoStudio(
        accounts=tuple(_account(row) for row in written["accounts"]),
        instructors=tuple(_instructor(row) for row in written["instructors"]),
        classes=tuple(_class(row) for row in written["classes"]),
    )


def _account(row: dict[str, Any]) -> DemoAccount:
    membership = row.get("membership")
    return DemoAccount(
        role=row["role"],
        email=row["email"],
        name=row["name"],
        instructor=row.get("instructor"),
        membership=membership
        and DemoMembership(
            source=membership["source"],
            began=timedelta(days=membership["began_days_ago"]),
            ends=timedelta(days=membership["ends_in_days"]),
        ),
        is_curator=row["role"] == "curator",
        saved=tuple(
            DemoSaved(saved["class"], timedelta(days=saved["days_ago"]))
            for saved in row.get("saved", [])
        ),
        watched=tuple(_watched(watched) for watched in row.get("watched", [])),
    )


def _watched(row: dict[str, Any]) -> DemoWatched:
    return DemoWatched(
        slug=row["class"],
        tempo=row["tempo"],
        language=row["language"],
        ago=timedelta(days=row["days_ago"]),
        stopped_at=timedelta(seconds=row.get("stopped_at", 0)),
        times_done=row.get("times_done", 0),
    )


def _instructor(row: dict[str, Any]) -> DemoInstructor:
    return DemoInstructor(
        slug=row["slug"],
        name=row["name"],
        bio="\n\n".join(row["bio"]),
        palette=tuple(row["palette"]),
    )


def _class(row: dict[str, Any]) -> DemoClass:
    published, checked = row["published_days_ago"], row["checked"]
    return DemoClass(
        slug=row["slug"],
        title=row["title"],
        level=row["level"],
        state=row["state"],
        is_free=row["free"],
        published=None if published is None else timedelta(days=published),
        checked_by=checked and checked["by"],
        checked=checked and timedelta(days=checked["days_ago"]),
        check_withdrawn=row.get("check_withdrawn", ""),
        instructors=tuple(row["instructors"]),
        apparatus=tuple(row["apparatus"]),
        props=tuple(row["props"]),
        focus=tuple(row["focus"]),
        contains=tuple(row["contains"]),
        exercises=tuple(row["exercises"]),
        palette=tuple(row["palette"]),
        variants=tuple(_variant(film) for film in row["variants"]),
        description="\n\n".join(row["description"]),
    )


def _variant(row: dict[str, Any]) -> DemoVariant:
    lines = row.get("timeline")
    return DemoVariant(
        tempo=row["tempo"],
        language=row["language"],
        seconds=row["seconds"],
        minutes=row.get("minutes"),
        timeline=None if lines is None else tuple(lines),
    )
