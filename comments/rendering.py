"""The threads of one page as HTML, made once for everybody who reads the same language.

What is kept names the state of the conversation (`Conversation`, which triggers raise), so that
nobody reads what is no longer so. What is a reader's own is never kept: the buttons of their own
comments, the form and what only they can see go into holes, for each request anew.

**Relative dates stay true.** Kept with a page is the moment at which the first "3 days ago" on it
would stop being so; from then on it is made anew.

**Right after a new comment** most of the page is as it was: each comment is kept beside the page
with all that it was made of, and taken over where that is still the same.

A comment that leads into the catalogue or into a film is kept for one edition of the catalogue,
and a page with such comments as well. Exact times stand in the reader's own time zone, so every
zone has pages of its own.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, NamedTuple

from django.conf import settings
from django.core.paginator import Page
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from classes import holes
from classes.catalogue import Catalogue, keeping
from classes.catalogue.snapshot import Snapshot
from classes.kept import Latest
from classes.models import Variant, WorkoutClass
from classes.numbers import whole_number
from classes.structured_data import as_json
from comments import addresses, requests, text, threads, time_codes
from comments.models import Comment, Conversation
from comments.moments import ago, ago_until
from comments.structured_data import comment_object, comment_objects
from comments.threads import Entry, Reader
from comments.told import Told


class State(NamedTuple):
    """What the row of a conversation says; no revision where there is no row."""

    revision: int | None = None
    stamp: int | None = None
    is_closed: bool = False

    @classmethod
    def read(cls, row: Sequence[Any]) -> "State":
        """From the columns of `COLUMNS`; all None where there is no row."""
        revision, stamp, closed_at = row
        return cls(revision, stamp, closed_at is not None)


COLUMNS = ("revision", "stamp", "closed_at")


class Said(NamedTuple):
    """A published comment on a page, as far as a reader's own buttons depend on it."""

    pk: int
    author_id: int | None
    writer_name: str
    thread_id: int
    written_at: datetime | None
    is_pinned: bool

    @property
    def opens_a_thread(self) -> bool:
        return self.thread_id == self.pk


class Single(NamedTuple):
    """One comment, cut where its relative date, its writer's buttons and the form go."""

    to_date: str
    to_buttons: str
    to_form: str
    rest: str
    data: dict[str, Any]  # for machines, without its answers


@dataclass
class Rendered:
    """The threads on one page. `pieces` are HTML and the names of holes in turn."""

    pieces: list[str]
    said: list[Said]
    number: int  # of the page
    until: datetime | None  # when a relative date on it stops being true
    data: str = ""  # the same for machines: JSON of `structured_data.comment_objects`
    is_kept: bool = False  # whether changes of it are watched, so that it stands until then
    # Of the catalogue, where anything on it depends on that; None where that cannot be named.
    edition: str | None = ""
    singles: dict[int, tuple[tuple[Any, ...], Single]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return self.pieces == [""]

    @cached_property
    def placeholders(self) -> list[str]:
        """The holes for the anchors of what is not published."""
        return [name for name in self.pieces[1::2] if name.startswith("anchor-")]

    @cached_property
    def writers(self) -> frozenset[int | None]:
        return frozenset(said.author_id for said in self.said)

    def find(self, pk: str) -> Said | None:
        """The published comment with this id, as an address gives it, if it is on this page."""
        return next((said for said in self.said if str(said.pk) == pk), None)

    def html(self, contents: Mapping[str, str]) -> SafeString:
        """All of it; a hole for which there is nothing stays empty."""
        return SafeString(holes.filled(self.pieces, contents))  # made of what is escaped below


# With the revision and stamp of the conversation that each was made of. As objects: mostly one
# comment of two hundred is new, and to pack and unpack the others costs more than to write that.
_pages: Latest[str, tuple[tuple[int | None, int | None], Rendered]] = Latest(500)


def state_of(workout_class: WorkoutClass) -> State:
    """One query."""
    rows = Conversation.objects.filter(pk=workout_class.pk)
    row = rows.values_list(*COLUMNS).first()
    return State.read(row) if row else State()


def rendered(
    workout_class: WorkoutClass,
    state: State,
    asked: str = "",
    catalogue: Catalogue | None = None,
) -> tuple[Rendered, bool]:
    """The page that was asked for; the first, and True, where that means nothing.

    No query where it is kept. Else one, one more if the class's instructors are not loaded, and
    where comments not kept yet lead somewhere, those of `addresses` and of `requests.html_for`.
    `catalogue` saves its own query in that case.
    """
    number = (whole_number(asked) or 0) if asked else 1
    key = _key(workout_class, number)
    mark = (state.revision, state.stamp)
    kept_mark, kept = _pages.get(key) or (None, None)
    if kept and kept_mark == mark and _still_stands(kept, catalogue):
        return kept, False
    conversation = threads.conversation(workout_class, asked)
    singles = kept.singles if kept else {}
    made = _Page(workout_class, catalogue, singles).rendered(conversation)
    # A conversation without a row is not watched: nobody would hear that it has changed.
    is_watched = state.revision is not None or not (made.said or conversation.threads)
    made.is_kept = is_watched and made.edition is not None
    # While developing nothing is: who edits a template sees it at once.
    if made.is_kept and not conversation.nonsense and not settings.DEBUG:
        _pages.keep(_key(workout_class, made.number), (mark, made))
    return made, conversation.nonsense


def forget_pages() -> None:
    """As a process that has just started: what tests begin with."""
    _pages.clear()


def anchors(page: Rendered, held: Collection[Comment]) -> dict[str, SafeString]:
    """The anchors of what stands on the page as a placeholder, by hole.

    What its writer finds above the list has its anchor there.
    """
    above = {f"anchor-{comment.pk}" for comment in held}
    return {
        name: format_html(' id="comment-{}"', name.removeprefix("anchor-"))
        for name in page.placeholders
        if name not in above
    }


def own_buttons(page: Rendered, reader: Reader, *, leads: bool) -> dict[str, SafeString]:
    """What this reader may do to comments on the page, by hole. No query, but for rights of staff.

    `leads` is what `moderation.may_lead` says of them.
    """
    if not reader.is_authenticated:
        return {}
    decides = reader.is_staff and reader.has_perm("comments.change_comment")
    reader_id = reader.pk  # asked once: each time costs as much as a comment
    if not (decides or leads or reader_id in page.writers):
        return {}
    now = timezone.now()
    wrote_in = {said.thread_id for said in page.said if said.author_id == reader_id}
    found = {}
    for said in page.said:
        is_own = said.author_id == reader_id
        links = []
        if is_own and said.written_at and now < said.written_at + Comment.EDITABLE_FOR:
            links.append(("comments:edit", _("Edit")))
        if is_own or decides:
            links.append(("comments:remove", _("Remove")))
        if said.opens_a_thread and leads:
            links.append(
                ("comments:unpin", _("Unpin")) if said.is_pinned else ("comments:pin", _("Pin"))
            )
        if said.opens_a_thread and said.thread_id in wrote_in:
            links.append(("comments:mute", _("Mute")))
        if links:
            found[f"own-{said.pk}"] = _links(links, said.pk)
    return found


def held_html(
    workout_class: WorkoutClass, comments: Collection[Comment], reader: Reader
) -> SafeString:
    """What a reader wrote that waits for the studio, as they alone see it. Never kept.

    Queries as `rendered` for comments that are not kept.
    """
    if not comments:
        return SafeString("")
    teachers = threads.teachers_of(workout_class)
    entries = [Entry(comment, teaches=comment.author_id in teachers) for comment in comments]
    page = _Page(workout_class, None, {})
    page.learn(entries)
    articles = []
    for comment, entry in zip(comments, entries, strict=True):
        links = [("comments:remove", _("Remove"))]
        if comment.may_be_edited_by(reader):
            links.insert(0, ("comments:edit", _("Edit")))
        single = page.single(entry, is_held=True)
        moment = comment.written_at
        articles += [
            single.to_date,
            escape(ago(moment)) if moment else "",
            single.to_buttons,
            _links(links, comment.pk),
            single.to_form,
            single.rest,
        ]
    return mark_safe("".join(articles))  # noqa: S308 - made of what is escaped below


def _links(links: Iterable[tuple[str, str]], pk: int) -> SafeString:
    return SafeString(
        "".join(
            format_html('<a href="{}">{}</a>', reverse(name, args=[pk]), label)
            for name, label in links
        )
    )


def _key(workout_class: WorkoutClass, number: int) -> str:
    zone = str(timezone.get_current_timezone()).replace(" ", "_")
    return f"threads:{workout_class.pk}:{number}:{get_language()}:{zone}"


def _still_stands(kept: Rendered, catalogue: Catalogue | None) -> bool:
    if kept.until and timezone.now() >= kept.until:
        return False
    return not kept.edition or kept.edition == edition_of(catalogue or keeping.current())


def edition_of(catalogue: Catalogue) -> str | None:
    """Names what is listed now; None where the catalogue cannot say."""
    if not isinstance(catalogue, Snapshot):
        return None
    number, stamp = catalogue.version.substance
    return f"{number}.{stamp}.{catalogue.listing.since}"


class _Page:
    """Makes one page, in the active language."""

    def __init__(
        self,
        workout_class: WorkoutClass,
        catalogue: Catalogue | None,
        singles: Mapping[int, tuple[tuple[Any, ...], Single]],
    ) -> None:
        self.workout_class = workout_class
        self.catalogue = catalogue
        self.kept = singles
        self.singles: dict[int, tuple[tuple[Any, ...], Single]] = {}
        self.meanings: Mapping[str, str] = {}
        self.cards: Mapping[str, SafeString] = {}
        self.requests: Mapping[int, SafeString] = {}
        self.leading: set[int] = set()  # comments that depend on the catalogue
        self.edition: str | None = ""
        self.permalinks = reverse("comments:permalink", args=[0]).removesuffix("0/")
        self.words = _Words()
        self.pieces: list[str] = []
        self.buffer: list[str] = []

    def rendered(self, conversation: threads.Conversation) -> Rendered:
        shown = conversation.all_threads
        entries = [entry for thread in shown for entry in (thread, *thread.replies)]
        self.learn(entries)
        now = timezone.now()
        if conversation.pinned:
            self.put('<div class="thread-pinned">', f'<p class="small">{self.words.pinned}</p>')
            self.thread(conversation.pinned)
            self.put("</div>")
        if conversation.threads:
            start = conversation.page.start_index()
            self.put(f'<ol class="threads" role="list" start="{start}">')
            for thread in conversation.threads:
                self.put('<li class="thread">')
                self.thread(thread)
                self.put("</li>")
            self.put("</ol>", _pagination(conversation.page))
        published = [entry.comment for entry in entries if entry.comment.is_published]
        moments = [comment.written_at for comment in published if comment.written_at]
        return Rendered(
            pieces=[*self.pieces, "".join(self.buffer)],
            said=[
                Said(
                    comment.pk,
                    comment.author_id,
                    comment.writer_name,
                    comment.thread_id or comment.pk,
                    comment.written_at,
                    comment.is_pinned,
                )
                for comment in published
            ],
            number=conversation.page.number,
            until=min((ago_until(moment, now) for moment in moments), default=None),
            data=as_json(comment_objects(published, self.data_of)),
            edition=self.edition,
            singles=self.singles,
        )

    def learn(self, entries: Iterable[Entry]) -> None:
        """Ask at once for all that comments lead to which are not kept as they are."""
        shown = [entry for entry in entries if not entry.comment.is_removed]
        asked_for = [each.comment.pk for each in shown if _has_request(each.comment)]
        self.leading = {
            each.comment.pk
            for each in shown
            if addresses.mentions_us(each.comment.body)
            or (each.comment.variant_id and _has_time(each.comment.body))
        } | set(asked_for)
        if not self.leading:
            return
        self.catalogue = self.catalogue or keeping.current()
        self.edition = edition_of(self.catalogue)
        new = [e for e in shown if e.comment.pk in self.leading and not self._is_kept(e)]
        self.meanings = addresses.meanings((each.comment.body for each in new), self.catalogue)
        trusted = [each.comment.body for each in new if each.teaches or _is_staff(each.comment)]
        self.cards = addresses.cards(trusted, self.catalogue)
        if asked_for:
            self.requests = requests.html_for(asked_for, self.catalogue)

    def put(self, *html: str) -> None:
        self.buffer += html

    def hole(self, name: str) -> None:
        self.pieces += ["".join(self.buffer), name]
        self.buffer = []

    def thread(self, thread: Entry) -> None:
        self.article(thread)
        if thread.replies:
            self.put('<ol class="replies" role="list">')
            for reply in thread.replies:
                self.put("<li>")
                self.article(reply)
                self.put("</li>")
            self.put("</ol>")

    def article(self, entry: Entry) -> None:
        comment = entry.comment
        if not comment.is_published:
            # The anchor is in a hole: its writer finds the comment itself above the list.
            self.put('<article class="comment"')
            self.hole(f"anchor-{comment.pk}")
            self.put(f'><p class="comment-gone">{self.words.gone(comment)}</p></article>')
            return
        made_of = self._made_of(entry)
        made, single = self.kept.get(comment.pk, ((), None))
        if single is None or made != made_of:
            single = self.single(entry)
        self.singles[comment.pk] = (made_of, single)
        self.put(single.to_date)
        if comment.written_at:
            self.put(escape(ago(comment.written_at)))
        self.put(single.to_buttons)
        self.hole(f"own-{comment.pk}")
        self.put(single.to_form)
        self.hole(f"say-{comment.pk}")
        self.put(single.rest)

    def data_of(self, comment: Comment | Told) -> dict[str, Any]:
        """For machines. A copy, for answers are added to it."""
        return dict(self.singles[comment.pk][1].data)

    def _made_of(self, entry: Entry) -> tuple[Any, ...]:
        """All that a comment's markup depends on, but the language and the zone of the page."""
        comment, answers = entry.comment, entry.answers
        leads = comment.pk in self.leading
        return (
            comment.body,
            comment.writer_name,
            comment.written_at,
            comment.edited_at,
            comment.variant_id if leads else None,
            entry.teaches,
            _is_staff(comment),
            answers and (answers.pk, answers.is_published, answers.writer_name),
            self.edition if leads else "",
            self.requests.get(comment.pk, "") if _has_request(comment) else None,
        )

    def _is_kept(self, entry: Entry) -> bool:
        """Whether its words are: what it leads to need not be asked again."""
        made, _single = self.kept.get(entry.comment.pk, ((), None))
        return bool(self.edition) and made == self._made_of(entry)

    def single(self, entry: Entry, *, is_held: bool = False) -> Single:
        comment, words = entry.comment, self.words
        name = escape(comment.writer_name)
        address = f"{self.permalinks}{comment.pk}/"
        head = [
            f'<article class="comment{" comment-held" * is_held}" id="comment-{comment.pk}">',
            f'<p class="small">{words.held}</p>' if is_held else "",
            f'<header class="comment-head"><h3 class="comment-name" dir="auto">{name}</h3>',
            f' <span class="badge">{words.author}</span>' if entry.teaches else "",
            f' <span class="badge badge-studio">{words.studio}</span>'
            if _is_staff(comment)
            else "",
            _answers(entry.answers) if entry.answers else "",
        ]
        after_date = ""
        if comment.written_at:
            head.append(f' <a class="comment-date" href="{address}" rel="nofollow">')
            head.append(_opening_of_time(comment.written_at))
            after_date = "</time></a>"
        if comment.edited_at:
            after_date += f' <span class="comment-date">{words.edited}</span>'
        feet = ""
        if not is_held:
            reply = escape(_("Reply to %(name)s") % {"name": comment.writer_name})
            report = escape(_("Report the comment by %(name)s") % {"name": comment.writer_name})
            feet = (
                f'<a href="?reply={comment.pk}#reply" rel="nofollow" aria-label="{reply}"'
                f' data-comment-reply="{comment.pk}">{words.reply}</a>'
                f'<a href="{address}report/" rel="nofollow" aria-label="{report}">'
                f"{words.report}</a>"
            )
        return Single(
            "".join(head),
            f'{after_date}</header><div class="comment-text">{self._text(entry)}</div>'
            f'{self.requests.get(comment.pk, "")}<div class="comment-foot">{feet}',
            "</div>",
            "</article>",
            {} if is_held else comment_object(comment),
        )

    def _text(self, entry: Entry) -> SafeString:
        comment = entry.comment
        is_trusted = entry.teaches or _is_staff(comment)
        film = self._film(comment.variant_id) if comment.pk in self.leading else None

        def time_link(second: int) -> str | None:
            if film is None or second >= time_codes.length_of(film):
                return None
            return f"{film.get_absolute_url()}?t={second}#t={second}"

        return text.as_html(
            comment.body,
            self.meanings,
            time_link=time_link if film else None,
            cards=self.cards if is_trusted else None,
        )

    def _film(self, variant_id: int | None) -> Variant | None:
        """The film that was on the page, if it still plays. No query after `for_page`."""
        return next((v for v in self.workout_class.ready_variants if v.pk == variant_id), None)


class _Words:
    """What stands beside every comment, translated once a page."""

    def __init__(self) -> None:
        self.author = escape(_("Author"))
        self.studio = escape(_("Studio"))
        self.edited = escape(_("edited"))
        self.reply = escape(_("Reply"))
        self.report = escape(_("Report"))
        self.pinned = escape(_("Pinned by the studio"))
        self.held = escape(
            _("Only you can see this comment. It waits for the studio to look at it.")
        )

    @staticmethod
    def gone(comment: Comment | Told) -> str:
        if comment.is_removed:
            return escape(_("This comment was removed."))
        return escape(_("This comment waits for the studio to look at it."))


def _answers(answered: Comment | Told) -> str:
    if answered.is_published:
        words = _("to @%(name)s") % {"name": answered.writer_name}
    else:
        words = _("to a comment that was removed")
    return format_html(' <a class="comment-to" href="#comment-{}">{}</a>', answered.pk, words)


def _opening_of_time(moment: datetime) -> str:
    here = timezone.localtime(moment)
    exact = f"{date_format(here, 'DATETIME_FORMAT')} {date_format(here, 'T')}"
    utc = moment.astimezone(UTC)
    return f'<time datetime="{utc:%Y-%m-%dT%H:%M:%SZ}" title="{escape(exact)}">'


def _pagination(page: Page) -> str:
    return holes.rendered(
        "_pagination.html",
        {},
        number=page.number,
        last=page.paginator.num_pages,
        link="?comments=",
        after="#comments",
    )


def _is_staff(comment: Comment | Told) -> bool:
    if isinstance(comment, Told):
        return bool(comment.is_by_staff)
    return comment.author is not None and comment.author.is_staff


def _has_request(comment: Comment | Told) -> bool:
    """Whether it was kept as one. A held one was not: what is asked for stands for all to see."""
    return isinstance(comment, Told) and comment.request_id is not None


def _has_time(body: str) -> bool:
    return any(True for _each in time_codes.find(body))
