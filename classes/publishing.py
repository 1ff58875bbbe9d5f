"""What a class needs before members see it, and the ways between draft and retired.

Scheduled is published with a date in the future, no state of its own. Publishing keeps a date
that is there: a class that comes back from retirement has not become new.

A class may also be given a moment to retire. Then it leaves the catalogue by itself: nothing is
written, and the state goes on saying that it is published.

Everything on the checklist blocks publishing. A missing check blocks only a class that carries a
tag with a rule, because that tag is a promise that nobody has stood for yet; a class that is
public already stays so when its check is taken back, and only loses the tag's listing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from classes.body.occurrences import Occurrence, in_chapters, places_in_words
from classes.body.vouching import broken_promises
from classes.models import FocusTag, Instructor, Movement, State, WorkoutClass


class NotNow(Exception):
    """The class cannot change its state. `reasons` are sentences for curators."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(*reasons)
        self.reasons = reasons


@dataclass(frozen=True)
class Facts:
    """What publishing looks at, as it is stored or as a form would have it.

    A form takes the stored facts and puts in what was submitted with `dataclasses.replace`.
    """

    has_film: bool
    has_poster: bool
    description: str
    instructors: Sequence[Instructor]
    focus_tags: Sequence[FocusTag]
    ticked_movements: Sequence[Movement]
    in_chapters: Sequence[Occurrence]
    checked_at: datetime | None
    retires_at: datetime | None

    @property
    def occurrences(self) -> list[Occurrence]:
        """All that the class contains, and where."""
        return [*self.in_chapters, *(Occurrence(movement) for movement in self.ticked_movements)]

    @property
    def movements(self) -> set[Movement]:
        """All that the class contains."""
        return {occurrence.movement for occurrence in self.occurrences}


@dataclass(frozen=True)
class Point:
    """One line of the checklist. `text` says what is there, or what is missing."""

    name: str
    is_met: bool
    text: str


def facts_of(workout_class: WorkoutClass) -> Facts:
    """The stored facts: 5 queries after `for_cards`, for what was ticked and what chapters say."""
    return Facts(
        has_film=workout_class.first_variant is not None,
        has_poster=workout_class.picture is not None,
        description=workout_class.description,
        instructors=list(workout_class.instructors.all()),
        focus_tags=list(workout_class.focus_tags.all()),
        ticked_movements=list(workout_class.ticked_movements.all()),
        in_chapters=in_chapters([workout_class.pk])[workout_class.pk],
        checked_at=workout_class.checked_at if workout_class.is_checked else None,
        retires_at=workout_class.retires_at,
    )


def no_facts() -> Facts:
    """A class that is not stored yet has nothing but what a form submits."""
    return Facts(
        has_film=False,
        has_poster=False,
        description="",
        instructors=(),
        focus_tags=(),
        ticked_movements=(),
        in_chapters=(),
        checked_at=None,
        retires_at=None,
    )


def checklist(facts: Facts) -> list[Point]:
    """Every condition of publishing, met or not, in the order in which a curator works."""
    return [
        Point("film", True, _("A film is ready."))
        if facts.has_film
        else Point("film", False, _("No film is ready.")),
        Point("poster", True, _("It has a poster."))
        if facts.has_poster
        else Point("poster", False, _("There is no poster.")),
        Point("instructors", True, _("Its instructor is named."))
        if facts.instructors
        else Point("instructors", False, _("No instructor is named.")),
        Point("description", True, _("It is described."))
        if facts.description.strip()
        else Point("description", False, _("The description is empty.")),
        *_promises(facts),
        *_retirement(facts),
    ]


def what_is_missing(workout_class: WorkoutClass) -> list[str]:
    """Why the class cannot be published, in sentences; empty when it can."""
    return [point.text for point in checklist(facts_of(workout_class)) if not point.is_met]


def contradiction_in_words(
    tag: FocusTag, broken: Sequence[Movement], occurrences: Sequence[Occurrence] = ()
) -> str:
    """What the tag forbids and the class contains, with the first place of each, if it is known.

    “Spine Safe” forbids what the class contains: Twisting (Saw at 12:34 in Workout Tempo · en).
    """
    return _("“%(tag)s” forbids what the class contains: %(movements)s.") % {
        "tag": tag,
        "movements": get_text_list(
            [places_in_words(movement, occurrences) for movement in broken], _("and")
        ),
    }


def _promises(facts: Facts) -> list[Point]:
    """For each tag with a rule: whether it contradicts the class, and whether a check covers it."""
    broken_by_tag = dict(broken_promises(facts.focus_tags, facts.movements))
    points = []
    for tag in facts.focus_tags:
        forbidden = list(tag.forbids.all())
        if not forbidden:
            continue
        if tag in broken_by_tag:
            sentence = contradiction_in_words(tag, broken_by_tag[tag], facts.occurrences)
            points.append(Point("contradiction", False, sentence))
        elif facts.checked_at is None:
            sentence = _("“%(tag)s” is a promise, and nobody has checked the class for it.")
            points.append(Point("check", False, sentence % {"tag": tag}))
        elif newer := [m for m in forbidden if m.defined_at > facts.checked_at]:
            sentence = _(
                "“%(tag)s” forbids %(movements)s, newly defined since the class was checked."
            ) % {"tag": tag, "movements": get_text_list([str(m) for m in newer], _("and"))}
            points.append(Point("check", False, sentence))
        else:
            points.append(Point("check", True, _("“%(tag)s” is vouched for.") % {"tag": tag}))
    return points


def _retirement(facts: Facts) -> list[Point]:
    """A class whose time is over is in no list, whatever its state says."""
    if facts.retires_at is None or facts.retires_at > timezone.now():
        return []
    sentence = _(
        "Its time in the catalogue ended on %(moment)s. Give it a later moment to retire, or none."
    )
    moment = date_format(timezone.localtime(facts.retires_at), "DATETIME_FORMAT")
    return [Point("retirement", False, sentence % {"moment": moment})]


def publish(workout_class: WorkoutClass) -> None:
    """Make the class public from the date it has, else from now on.

    NotNow with everything that is missing, a moment to retire that is over among it.
    """
    if missing := what_is_missing(workout_class):
        raise NotNow(*missing)
    workout_class.state = State.PUBLISHED
    workout_class.published_at = workout_class.published_at or timezone.now()
    workout_class.save(update_fields=["state", "published_at", "updated_at"])


def retire(workout_class: WorkoutClass) -> None:
    """Take the class out of the catalogue at once; its page stays where links lead.

    A moment to retire that lies ahead stays as well: it holds again if the class comes back.
    """
    if refusal := why_not_retire(workout_class.state):
        raise NotNow(refusal)
    workout_class.state = State.RETIRED
    workout_class.save(update_fields=["state", "updated_at"])


def why_not_retire(state: str) -> str:
    """A sentence, or nothing where a class in this state can be retired."""
    if state == State.DRAFT:
        return _("Only a published class can be retired.")
    return ""
