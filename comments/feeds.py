"""The Atom feed of what is said under one class."""

from datetime import datetime
from functools import cached_property
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.syndication.views import Feed
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.caching import public_for_visitors
from classes.feeds import as_xml
from classes.models import WorkoutClass
from classes.structured_data import absolute
from classes.views.former_addresses import moved
from comments import text
from comments.addresses import meanings
from comments.models import Comment

NEWEST = 30


@public_for_visitors
@require_safe
def comments_feed(request: HttpRequest, slug: str) -> HttpResponse:
    """What everybody may read, whoever asks: feed readers pass on what they fetch.

    Named by the state of the conversation (`ETag`): unchanged, it costs one query. There is no
    `Last-Modified`, for a comment that is removed leaves no later date behind.
    """
    workout_class = _everybodys(slug)
    if workout_class is None:
        return _moved_feed(request, slug)
    etag = _etag(workout_class)
    response = get_conditional_response(request, etag)
    if response is None:
        response = CommentsFeed(workout_class)(request)
        del response["Last-Modified"]  # Django's, of the newest comment
    response["ETag"] = etag
    if settings.COMMENTS_NOINDEX:
        response["X-Robots-Tag"] = "noindex"
    return response


def _everybodys(slug: str) -> WorkoutClass | None:
    visible = WorkoutClass.objects.visible_to(AnonymousUser())
    return visible.select_related("conversation").filter(slug=slug).first()


def _moved_feed(request: HttpRequest, slug: str) -> HttpResponse:
    former = WorkoutClass.moved_from(slug)
    if former is None or _everybodys(former.slug) is None:
        raise Http404
    return moved(request, reverse("comments:feed", args=[former.slug]))


def _etag(workout_class: WorkoutClass) -> str:
    """By the class too, whose title and address stand in every entry."""
    conversation = getattr(workout_class, "conversation", None)
    said = (conversation.revision, conversation.stamp) if conversation else (0, 0)
    changed = int(workout_class.updated_at.timestamp() * 1_000_000)
    return '"{}"'.format("-".join(map(str, (*said, changed, get_language()))))


class CommentsFeed(Feed):
    """The newest published comments, answers among them. Undated ones are no news.

    One query, and up to four more where comments hold addresses of ours.
    """

    feed_type = Atom1Feed

    def __init__(self, workout_class: WorkoutClass) -> None:
        self.workout_class = workout_class

    def title(self) -> str:
        return as_xml(
            _("Comments on “%(title)s” at %(studio)s")
            % {"title": self.workout_class.title, "studio": settings.STUDIO_NAME}
        )

    def link(self) -> str:
        return absolute(self.workout_class.get_absolute_url())

    def feed_url(self) -> str:
        return absolute(reverse("comments:feed", args=[self.workout_class.slug]))

    @cached_property
    def comments(self) -> list[Comment]:
        dated = self.workout_class.comments.published().filter(written_at__isnull=False)
        loaded = dated.select_related("author", "parent__author")
        return list(loaded.order_by("-written_at", "-pk")[:NEWEST])

    @cached_property
    def meanings(self) -> dict[str, str]:
        return meanings(comment.body for comment in self.comments)

    def items(self) -> list[Comment]:
        return self.comments

    def item_guid(self, comment: Comment) -> str:
        """Stays when the class gets another address (RFC 4151)."""
        host = urlsplit(settings.SITE_URL).hostname
        return f"tag:{host},{comment.written_at:%Y-%m-%d}:comment/{comment.pk}"

    def item_title(self, comment: Comment) -> str:
        parent = comment.parent
        if parent is None or not parent.is_published:
            return as_xml(comment.writer_name)
        names = {"name": comment.writer_name, "other": parent.writer_name}
        return as_xml(_("%(name)s to @%(other)s") % names)

    def item_description(self, comment: Comment) -> str:
        """HTML. Links that the page has without a host get ours: a feed is read elsewhere."""
        html = text.as_html(comment.body, self.meanings)
        # Not in what people wrote, where every quotation mark is escaped.
        return as_xml(html.replace(' href="/', f' href="{settings.SITE_URL}/'))

    def item_link(self, comment: Comment) -> str:
        return absolute(comment.get_absolute_url())

    def item_author_name(self, comment: Comment) -> str:
        return as_xml(comment.writer_name)

    def item_pubdate(self, comment: Comment) -> datetime | None:
        return comment.written_at

    def item_updateddate(self, comment: Comment) -> datetime | None:
        return comment.edited_at or comment.written_at
