"""What is found for the words of a visitor."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q

from classes.catalogue.answers import Found, Version
from classes.models import WorkoutClass


@dataclass(frozen=True)
class Moment:
    """A second of a film at which one of the words occurs, in a chapter or in what is said."""

    kind: str  # "chapter" or "cue"
    variant_id: int
    tempo: str
    language: str  # of the film
    second: int  # from its beginning
    text: str
    text_language: str  # of `text`, BCP 47


def find(q: str, version: Version | None = None) -> Found:
    """The classes in which every word occurs, the best first, whether listed or not. One query."""
    classes = WorkoutClass.objects.order_by("-pk")
    for word in q.replace("\0", " ").split()[:12]:
        classes = classes.filter(Q(title__icontains=word) | Q(description__icontains=word))
    return Found(list(classes.values_list("pk", flat=True))) if q.strip() else Found()


def moments(q: str, class_ids: Collection[int]) -> dict[int, list[Moment]]:
    """At most three moments of each of these classes, the best first. One query."""
    return {}


def suggestion(q: str) -> str:
    """The words as they are probably spelt, where that finds a listed class; else nothing."""
    return ""
