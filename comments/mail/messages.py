"""What a mail says, as text and as HTML, in the reader's language and on their clock."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from accounts.mailing.words import language_of, one_line
from accounts.time_zones import zone_of
from comments.addresses import meanings
from comments.mail.unsubscribing import ticket_of
from comments.models import ClassRequest, Notice
from comments.text import as_html, find_addresses, normalised

Kind = Notice.Kind

# Of what the reader wrote themselves, so much that they know it again.
_REMINDER = 280
_TITLE_IN_SUBJECT = 80


def write(notice: Notice) -> EmailMultiAlternatives:
    """The whole mail. Needs the notice as `sending` loads it.

    No query, unless the words hold addresses of ours: then those of `addresses.meanings`.
    """
    member = notice.recipient
    with translation.override(language_of(member.language)), timezone.override(zone_of(member)):
        context = _context(notice)
        name = f"comments/mail/{notice.kind}"
        message = EmailMultiAlternatives(
            subject=_subject(notice, context),
            body=render_to_string(f"{name}.txt", context),
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[member.email],
            headers=_headers(notice, context["stop_address"]),
        )
        message.attach_alternative(render_to_string(f"{name}.html", context), "text/html")
    return message


def quoted(text: str) -> str:
    """As plain text quotes: every line begins with "> ", so none can pose as ours."""
    return "\n".join(f"> {line}".rstrip() for line in normalised(text).splitlines())


@dataclass(frozen=True)
class Words:
    """What somebody said, as both halves of a mail show it. Paths become whole addresses.

    On the site "/classes/?focus=spine-safe" leads somewhere; in a mail it would be no link.
    """

    quoted: str
    html: SafeString


def words_of(text: str) -> Words:
    meant = meanings([text])
    whole, end = [], 0
    for start, address in find_addresses(text):
        if address in meant and address.startswith("/"):
            whole += [text[end:start], settings.SITE_URL]
            end = start
    whole.append(text[end:])
    # What somebody typed is escaped, so that an attribute that begins so is one of ours.
    html = as_html(text, meant).replace('href="/', f'href="{escape(settings.SITE_URL)}/')
    return Words(quoted=quoted("".join(whole)), html=mark_safe(html))  # noqa: S308


def _context(notice: Notice) -> dict[str, Any]:
    comment, workout_class = notice.comment, notice.comment.workout_class
    own = _what_they_wrote(notice)
    said = comment if comment.is_published else None
    context: dict[str, Any] = {
        "studio_name": settings.STUDIO_NAME,
        "site_url": settings.SITE_URL,
        "language": translation.get_language(),
        "is_right_to_left": translation.get_language_bidi(),
        "member": notice.recipient,
        "comment": comment,
        "writer": one_line(comment.writer_name),
        "title": one_line(workout_class.title),
        "words": words_of(said.body) if said else None,
        "own_words": words_of(own) if own else None,
        "comment_address": f"{settings.SITE_URL}{comment.get_absolute_url()}",
        "stop_address": ticket_of(notice).address,
        "is_theirs": comment.author_id == notice.recipient_id,
    }
    if notice.kind == Kind.REQUEST:
        request: ClassRequest = comment.request
        found = request.fulfilled_by
        assert found is not None  # noqa: S101 - `wishes.is_still_wanted` looked
        context |= {
            "asked_for": one_line(request.title),
            "found": one_line(found.title),
            "class_address": f"{settings.SITE_URL}{found.get_absolute_url()}",
        }
    return context


def _what_they_wrote(notice: Notice) -> str:
    """The beginning of what the reader said, to which this is an answer; may be empty."""
    comment = notice.comment
    for answered in (comment.parent, comment.thread):
        if answered and answered.author_id == notice.recipient_id and not answered.is_removed:
            return Truncator(normalised(answered.body)).chars(_REMINDER)
    return ""


def _subject(notice: Notice, context: dict[str, Any]) -> str:
    title = Truncator(context["title"]).chars(_TITLE_IN_SUBJECT)
    if notice.kind == Kind.REQUEST:
        found = Truncator(context["found"]).chars(_TITLE_IN_SUBJECT)
        return _("The class you wished for is there: %(title)s") % {"title": found}
    names = {"name": context["writer"], "title": title}
    if notice.kind == Kind.ANSWER:
        return _("%(name)s answered you under “%(title)s”") % names
    return _("%(name)s wrote under “%(title)s”") % names


def _headers(notice: Notice, stop_address: str) -> dict[str, str]:
    """RFC 8058: mail programs unsubscribe with one click. RFC 3834: robots do not answer.

    The mails about one thread name the same ancestor, so that mail programs show them together.
    """
    comment = notice.comment
    host = notice.message_id.rpartition("@")[2].rstrip(">")
    return {
        "Message-ID": notice.message_id,
        "References": f"<thread-{comment.thread_id or comment.pk}@{host}>",
        "List-Unsubscribe": f"<{stop_address}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
    }
