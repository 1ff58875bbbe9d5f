"""What of the catalogue waits for a curator."""

from collections.abc import Callable, Iterator

from django.db.models import QuerySet, prefetch_related_objects
from django.urls import reverse
from django.utils.translation import ngettext

from accounts.attention import Item
from accounts.models import Member
from classes import publishing
from classes.body.occurrences import occurrences_in
from classes.body.vouching import broken_promises
from classes.conditions import (
    check_taken_back,
    contradicted,
    not_vouched_for,
    with_failed_film,
    without_film,
)
from classes.models import WorkoutClass

EXAMPLES = 3


def classes_that_wait(member: Member) -> Iterator[Item]:
    """Failed films, broken promises and what is public without a film.

    Ten queries at most, and seven more where tags are contradicted.
    """
    if not member.has_perm("classes.change_workoutclass"):
        return
    every = WorkoutClass.objects.order_by("title", "pk")
    public = every.listed()

    yield _item(
        with_failed_film(every),
        lambda n: ngettext("class has a film that failed", "classes have a film that failed", n),
        "film=failed",
        "problem",
    )
    yield _item(
        without_film(public),
        lambda n: ngettext(
            "class is public without a film", "classes are public without a film", n
        ),
        "state=published&film=none",
        "problem",
    )
    yield _item(
        contradicted(every),
        lambda n: ngettext(
            "class contradicts its own tags", "classes contradict their own tags", n
        ),
        "check=contradiction",
        "problem",
        in_words=_contradictions,
    )
    yield _item(
        not_vouched_for(every).filter(check_withdrawn=""),
        lambda n: ngettext(
            "class promises what nobody has checked",
            "classes promise what nobody has checked",
            n,
        ),
        "check=promised",
    )
    yield _item(
        check_taken_back(every),
        lambda n: ngettext(
            "class had its body check taken back", "classes had their body check taken back", n
        ),
        "check=withdrawn",
    )


def _item(
    classes: QuerySet[WorkoutClass],
    title: Callable[[int], str],
    query: str,
    tone: str = "task",
    *,
    in_words: Callable[[list[WorkoutClass]], list[str]] | None = None,
) -> Item:
    """`in_words` says more of each example than its title."""
    count = classes.count()
    some = list(classes[:EXAMPLES])
    names = in_words(some) if in_words and some else [example.title for example in some]
    examples = [
        (name, reverse("admin:classes_workoutclass_change", args=[example.pk]))
        for name, example in zip(names, some, strict=True)
    ]
    address = reverse("admin:classes_workoutclass_changelist")
    return Item(title(count), count, f"{address}?{query}", examples, tone)


def _contradictions(classes: list[WorkoutClass]) -> list[str]:
    """The title of each with the first of its contradictions, and where it is: 7 queries."""
    prefetch_related_objects(classes, "focus_tags__forbids")
    contained = occurrences_in([each.pk for each in classes])
    said = []
    for each in classes:
        places = contained[each.pk]
        broken = broken_promises(each.focus_tags.all(), [place.movement for place in places])
        sentence = publishing.contradiction_in_words(*broken[0], places) if broken else ""
        said.append(f"{each.title}: {sentence}" if sentence else each.title)
    return said
