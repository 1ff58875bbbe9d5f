"""What of the catalogue waits for a curator."""

from collections.abc import Callable, Iterator

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import ngettext

from accounts.attention import Item
from accounts.models import Member
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
    """Failed films, broken promises and what is public without a film: ten queries at most."""
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
    classes: QuerySet[WorkoutClass], title: Callable[[int], str], query: str, tone: str = "task"
) -> Item:
    count = classes.count()
    examples = [
        (name, reverse("admin:classes_workoutclass_change", args=[pk]))
        for pk, name in classes.values_list("pk", "title")[:EXAMPLES]
    ]
    address = reverse("admin:classes_workoutclass_changelist")
    return Item(title(count), count, f"{address}?{query}", examples, tone)
