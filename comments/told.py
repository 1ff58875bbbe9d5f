"""What of a comment everybody reads, without the objects of models, which cost more than the page.

`LOOKUPS` are all that rendering reads of a comment. Each is watched by `comments.triggers`, for
what is rendered is kept until one of them changes.
"""

from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from classes.prepared import Prepared, aware
from comments.models import Comment

# In the order of `Told`.
LOOKUPS = (
    "pk",
    "author_id",
    "author_name",
    "author__display_name",
    "author__is_staff",
    "thread_id",
    "parent_id",
    "body",
    "written_at",
    "edited_at",
    "variant_id",
    "is_pinned",
    "state",
    "request__pk",
)


class Told(NamedTuple):
    """A comment as far as its page shows it; answers to the names that `Comment` does."""

    pk: int
    author_id: int | None
    author_name: str
    display_name: str | None
    is_by_staff: bool | None
    thread_id: int | None
    parent_id: int | None
    body: str
    written_at: datetime | None
    edited_at: datetime | None
    variant_id: int | None
    is_pinned: bool
    state: str
    request_id: int | None  # what it asks for, if it was kept as a request

    @property
    def is_published(self) -> bool:
        return self.state == _PUBLISHED

    @property
    def is_removed(self) -> bool:
        return self.state == _REMOVED

    @property
    def writer_name(self) -> str:
        """As `Comment.writer_name`."""
        if self.display_name is not None:
            return self.display_name
        return self.author_name or _("Former member")

    def get_absolute_url(self) -> str:
        return reverse("comments:permalink", args=[self.pk])


_PUBLISHED, _REMOVED = str(Comment.State.PUBLISHED), str(Comment.State.REMOVED)


def on_page(class_id: int, number: int, length: int) -> tuple[list[Told], int]:
    """The comments of a page of threads, in no order, and how many threads the class has.

    The pinned thread is on the first page, and is not among those that are counted. Pages have
    `length` threads. One query. Nothing, and 0, where the page would be empty.
    """
    rows = _on_page(number, length).rows(class_id)
    told = [Told._make((*row[:8], aware(row[8]), aware(row[9]), *row[10:-1])) for row in rows]
    return told, (rows[0][-1] or 0) if rows else 0


@lru_cache(maxsize=64)  # the limits of a list are part of its SQL
def _on_page(number: int, length: int) -> Prepared:
    def question(class_id: int) -> QuerySet[Any, Any]:
        comments = Comment.objects.filter(workout_class=class_id)
        unpinned = comments.filter(is_pinned=False).threads()
        total = unpinned.order_by().values("workout_class").annotate(total=Count("pk"))
        first = (number - 1) * length
        shown = unpinned.newest_first().values("pk")[first : first + length]
        is_shown = Q(pk__in=shown) | Q(thread__in=shown)
        if number == 1:
            pinned = comments.filter(is_pinned=True).order_by().values("pk")
            is_shown |= Q(pk__in=pinned) | Q(thread__in=pinned)
        rows = comments.filter(is_shown).order_by()
        return rows.annotate(total=Subquery(total.values("total"))).values_list(*LOOKUPS, "total")

    return Prepared(question, 1)
