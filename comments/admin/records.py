"""What a curator has in sight beside a comment: why it waits, and how its writer has written."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, F, Q

from comments.models import Comment, Report, Stop


@dataclass
class Record:
    """How many comments of a member stand, were removed by others, wait; and what holds now."""

    published: int = 0
    removed: int = 0
    held: int = 0
    stop: Stop | None = None

    @property
    def stopped_until(self) -> datetime | None:
        return self.stop.ends_at if self.stop else None


@dataclass
class Beside:
    """`record` is None where there is no account."""

    record: Record | None = None
    reports: list[tuple[str, int]] = field(default_factory=list)  # reason in words, how many


def beside(comments: Iterable[Comment]) -> dict[int, Beside]:
    """What stands beside each of these comments, by its id. Three queries, however many."""
    there = list(comments)
    records = _records({comment.author_id for comment in there if comment.author_id})
    reports = _open_reports([comment.pk for comment in there])
    return {
        comment.pk: Beside(records.get(comment.author_id or 0), reports.get(comment.pk, []))
        for comment in there
    }


def _records(author_ids: set[int]) -> dict[int, Record]:
    records = {pk: Record() for pk in author_ids}
    counts = (
        Comment.objects.filter(author__in=author_ids)
        .order_by()
        .values("author")
        .annotate(
            published=Count("pk", filter=Q(state=Comment.State.PUBLISHED)),
            # What somebody took back themselves says nothing against them.
            removed=Count("pk", filter=Q(state=Comment.State.REMOVED) & ~Q(removed_by=F("author"))),
            held=Count("pk", filter=Q(state=Comment.State.HELD)),
        )
    )
    for row in counts:
        record = records[row["author"]]
        record.published, record.removed, record.held = (
            row["published"],
            row["removed"],
            row["held"],
        )
    for stop in Stop.objects.running().filter(member__in=author_ids).order_by("starts_at", "pk"):
        records[stop.member_id].stop = stop
    return records


def _open_reports(ids: list[int]) -> dict[int, list[tuple[str, int]]]:
    rows = Report.objects.open().filter(comment__in=ids).order_by("made_at", "pk")
    reasons: dict[int, Counter[str]] = {}
    for pk, reason in rows.values_list("comment", "reason"):
        reasons.setdefault(pk, Counter())[str(Report.Reason(reason).label)] += 1
    return {pk: list(counted.items()) for pk, counted in reasons.items()}
