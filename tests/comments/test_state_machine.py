"""Everything that can happen to comments, in any order, against a plain account of it.

The account below knows no database: lists, sets, and the rules as one would tell them. After every
step the site must agree with it about what stands where, what counts, what each reader and the desk
see, which threads wait, who is told by mail and was sent it, what was reported, who decided what
and why, and who may write; at the end, about whole pages.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.auth.models import AnonymousUser, Group
from django.core import mail
from django.core.cache import caches
from django.db import transaction
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck
from hypothesis import settings as Runs
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.models import Member
from classes.from_above import ClassPage
from classes.models import WorkoutClass
from comments import moderation, reports, writing
from comments.conversation import said as what_is_said
from comments.desk import board, marking
from comments.mail.sending import outbox
from comments.models import Comment, Decision, Notice, Report, Stop
from tests.factories import make_class, make_comment, make_instructor, make_member

HELD, REMOVED, PUBLISHED = Comment.State.HELD, Comment.State.REMOVED, Comment.State.PUBLISHED
Act = Decision.Act
ANSWER, NEWS = Notice.Kind.ANSWER, Notice.Kind.COMMENT
DUE, SENT, UNWANTED = Notice.State.DUE, Notice.State.SENT, Notice.State.UNWANTED

MOST_COMMENTS = 10  # few, so that much happens to each of them


@dataclass
class Stage:
    """Who there is, and where: the same for every run."""

    people: list[Member]
    known: set[Member]  # something of theirs stands elsewhere
    teacher: Member  # of the first class, and of no other
    curator: Member
    classes: list[WorkoutClass]


@dataclass
class Letter:
    """A mail about a comment: who gets more than one about the same was told twice."""

    kind: str
    state: str = DUE


@dataclass(eq=False)
class Said:
    """A comment, as one would tell of it."""

    pk: int
    word: str  # that stands in no other comment
    body: str
    author: Member
    place: WorkoutClass
    answers: "Said | None"
    written_at: datetime
    state: str = PUBLISHED
    held_for: list[str] = field(default_factory=list)
    edition: int = 0
    pinned: bool = False
    removed_by: Member | None = None
    settled_at: datetime | None = None  # nothing before needs an answer
    # Act, who, why, and which rules.
    decisions: list[tuple[str, Member | None, str, list[str]]] = field(default_factory=list)
    reported_by: list[Member] = field(default_factory=list)  # and nobody has looked
    ever_reported_by: set[Member] = field(default_factory=set)
    letters: dict[Member, Letter] = field(default_factory=dict)

    @property
    def opens(self) -> "Said":
        return self.answers.opens if self.answers else self

    @property
    def taken_back(self) -> bool:
        return self.removed_by == self.author

    def decided(self, act: str, by: Member | None = None, why: str = "", *rules: str) -> None:
        self.decisions.append((act, by, why, list(rules)))
        if act != Act.HELD:
            self.reported_by.clear()


def set_the_stage() -> Stage:
    def somebody(name: str, **attrs: Any) -> Member:
        member = make_member(display_name=name, **attrs)
        EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
        return member

    teacher, curator = somebody("Tess"), somebody("Cora", is_staff=True)
    curator.groups.add(Group.objects.get(name="Curators"))
    known = [somebody(name) for name in ("Ana", "Bea", "Cho")]
    elsewhere = make_class()
    for member in known:
        make_comment(elsewhere, author=member)
    return Stage(
        people=[teacher, curator, *known, somebody("Nia"), somebody("Noa")],
        known=set(known),
        teacher=teacher,
        curator=curator,
        classes=[make_class(instructors=[make_instructor(member=teacher)]), make_class()],
    )


# Three out of four fall on a comment to which the step can do something, the fourth on any.
WHICH = st.integers(min_value=0, max_value=4 * MOST_COMMENTS - 1)
SOME = st.sets(WHICH, min_size=1, max_size=3)
PEOPLE = st.integers(min_value=0, max_value=6)
PLACES = st.integers(min_value=0, max_value=1)
# Enough of them, one too few, and one of whom nothing may have been approved.
REPORTERS = st.sampled_from([(2, 3, 4), (2, 3), (5, 2, 3), (6, 3, 4)]) | st.permutations(
    range(7)
).map(lambda people: tuple(people[:4]))
A_WHILE = st.sampled_from(
    [*(timedelta(minutes=minutes) for minutes in (1, 4, 8, 16)), timedelta(days=1)]
)
LONG = moderation.NEWS_FOR + timedelta(days=1)


class Conversation(RuleBasedStateMachine):
    stage: Stage

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.clock = time_machine.travel(datetime(2030, 5, 1, 12, tzinfo=UTC), tick=False)
        self.hands = self.clock.start()
        for cache in caches.all():
            cache.clear()
        mail.outbox.clear()
        self.said: list[Said] = []
        self.stops: dict[Member, datetime | None] = {}
        self.closed: set[WorkoutClass] = set()
        self.words = (f"word{number}x" for number in count())
        self.looked_at: dict[object, object] = {}

    def teardown(self) -> None:
        try:
            self.everybody_opens_the_pages()
        finally:
            transaction.set_rollback(True)
            self.undone.__exit__(None, None, None)
            self.clock.stop()

    # --- What one would tell

    def teaches(self, member: Member, place: WorkoutClass) -> bool:
        return member == self.stage.teacher and place == self.stage.classes[0]

    def leads(self, member: Member, place: WorkoutClass) -> bool:
        return member == self.stage.curator or self.teaches(member, place)

    def of_studio(self, member: Member) -> bool:
        return member in (self.stage.teacher, self.stage.curator)

    def approved(self, member: Member) -> bool:
        """Something of theirs stands there for all to read."""
        own = [said for said in self.said if said.author == member]
        return member in self.stage.known or any(said.state == PUBLISHED for said in own)

    def is_new(self, member: Member) -> bool:
        """Nothing of theirs was ever approved, or stood there without having to be."""
        own = [said for said in self.said if said.author == member]
        acts = {act for said in own for act, *_ in said.decisions}
        return not (
            self.approved(member)
            or any(said.taken_back and not said.held_for for said in own)
            or {Act.APPROVED, Act.RESTORED} & acts
        )

    def stopped(self) -> list[Member]:
        now = timezone.now()
        return [member for member, end in self.stops.items() if end is None or end > now]

    def may_write(self, member: Member, place: WorkoutClass) -> bool:
        is_open = place not in self.closed or self.leads(member, place)
        return is_open and member not in self.stopped()

    def may_edit(self, said: Said) -> bool:
        in_time = timezone.now() < said.written_at + Comment.EDITABLE_FOR
        return said.state != REMOVED and in_time and said.author not in self.stopped()

    def thread(self, top: Said) -> list[Said]:
        return [said for said in self.said if said.opens is top]

    def publish(self, said: Said, act: str, by: Member, why: str = "") -> None:
        said.state, said.held_for, said.removed_by = PUBLISHED, [], None
        said.decided(act, by, why)
        if timezone.now() - said.written_at < moderation.NEWS_FOR:
            self.tell(said)

    def tell(self, said: Said) -> None:
        answered = set()
        if said.answers:
            asked = {said.answers, said.opens}
            answered = {other.author for other in asked if other.state != REMOVED}
        taught = {self.stage.teacher} if said.place == self.stage.classes[0] else set()
        for member in (answered | taught) - {said.author}:
            letter = said.letters.setdefault(
                member, Letter(kind=ANSWER if member in answered else NEWS)
            )
            if letter.state == UNWANTED:  # it was away when it should have been sent
                letter.state = DUE

    def hold_back(self, said: Said, by: Member | None, why: str, *rules: str) -> None:
        said.state, said.pinned, said.held_for = HELD, False, list(rules)
        said.decided(Act.HELD, by, why, *rules)

    def put_away(self, said: Said, by: Member, why: str) -> None:
        said.state, said.pinned, said.removed_by = REMOVED, False, by
        said.decided(Act.REMOVED, by, why)

    def waits_since(self, top: Said) -> datetime | None:
        if top.place != self.stage.classes[0]:
            return None  # nobody is there to answer
        mark = [top.settled_at] if top.settled_at else []
        questions = [
            said.written_at
            for said in self.unanswered(top)
            if all(said.written_at > moment for moment in mark)
        ]
        return min(questions, default=None)

    def unanswered(self, top: Said) -> list[Said]:
        """What is held counts whatever was said after it: somebody has to decide."""
        answers = [
            said.written_at
            for said in self.thread(top)
            if said.author == self.stage.teacher and said.state == PUBLISHED
        ]
        return [
            said
            for said in self.thread(top)
            if said.author != self.stage.teacher
            and said.state != REMOVED
            and (said.state == HELD or all(said.written_at > answer for answer in answers))
        ]

    def is_news(self, what: object, look: object) -> bool:
        """Whether something looks otherwise than it did. Pages cost too much to read in vain."""
        before = self.looked_at.get(what)
        self.looked_at[what] = look
        return look != before

    # --- What it is done to

    def comment(self, said: Said) -> Comment:
        return Comment.objects.select_related("author", "workout_class").get(pk=said.pk)

    def pick(self, which: int, suits: Callable[[Said], Any]) -> Said:
        suiting = [said for said in self.said if suits(said)]
        choices = suiting if suiting and which % 4 else self.said
        return choices[which // 4 % len(choices)]

    # --- What happens

    @initialize()
    def there_was_much_to_decide(self) -> None:
        """Else most runs are over before anything is held, reported or removed."""
        asked, elsewhere, reported, removed = 1, 3, 4, 5  # of those that follow
        self.say(5, 0)  # held: she is new
        self.say(2, 0)
        self.say(3, 0, self.said[asked], links=True)  # held, and never read by others
        self.say(2, 1)
        self.say(6, 0, self.said[asked])
        self.decide("approve", [self.said[reported]])
        self.objections((2, 3, 4), self.said[reported])  # held
        self.say(4, 0, self.said[asked], links=True)
        self.decide("remove", [self.said[removed]])  # nobody was told of it yet
        self.say(0, 1, self.said[elsewhere])

    @rule(while_=A_WHILE)
    def time_goes_by(self, while_: timedelta) -> None:
        self.hands.shift(while_)

    @precondition(lambda self: len(self.said) == MOST_COMMENTS)
    @rule()
    def all_is_old_news(self) -> None:
        self.hands.shift(LONG)

    @precondition(lambda self: len(self.said) < MOST_COMMENTS)
    @rule(who=PEOPLE, where=PLACES, which=WHICH, replies=st.booleans(), links=st.booleans())
    def post(self, who: int, where: int, which: int, replies: bool, links: bool) -> None:
        answers = self.pick(which, lambda said: said.state != REMOVED) if replies else None
        self.say(who, where, answers, links=links)

    def say(self, who: int, where: int, parent: Said | None = None, *, links: bool = False) -> None:
        self.hands.shift(timedelta(seconds=40))  # nobody writes too much
        member = self.stage.people[who]
        place = parent.place if parent else self.stage.classes[where]
        word = next(self.words)
        body = word + (f" https://{word}.example/" if links else "")

        leads = self.leads(member, place)
        gone = parent and (parent.state == REMOVED or (parent.state == HELD and not leads))
        refused = gone or not self.may_write(member, place)
        suspected = {"first": self.is_new(member), "links": links}
        rules = [name for name, suspects in suspected.items() if suspects]

        try:
            posted = writing.post(
                member,
                place,
                body=body,
                parent=self.comment(parent) if parent else None,
                parent_seen=parent.edition if parent else None,
                submission=str(uuid4()),
            )
        except writing.Refused:
            assert refused
            return
        assert not refused
        if parent and parent.state == HELD:
            self.publish(parent, Act.APPROVED, member)
        said = Said(
            pk=posted.pk,
            word=word,
            body=body,
            author=member,
            place=place,
            answers=parent,
            written_at=timezone.now(),
        )
        self.said.append(said)
        if rules and not self.of_studio(member):
            self.hold_back(said, None, "", *rules)
        else:
            self.tell(said)

    @rule(which=WHICH, links=st.booleans())
    def edit(self, which: int, links: bool) -> None:
        self.change(self.pick(which, self.may_edit), links=links)

    def change(self, said: Said, *, links: bool) -> None:
        word = next(self.words)
        body = word + (f" https://{word}.example/" if links else "")
        refused = not self.may_edit(said)

        try:
            writing.edit(said.author, self.comment(said), body)
        except writing.Refused:
            assert refused
            return
        assert not refused
        said.word, said.body = word, body
        said.edition += 1
        if not links or self.of_studio(said.author):
            return
        if said.state == PUBLISHED:
            self.hold_back(said, None, "", "links")
        elif "links" not in said.held_for:
            said.held_for = [*said.held_for, "links"]
            said.decided(Act.HELD, None, "", "links")

    @rule(which=WHICH)
    def take_back(self, which: int) -> None:
        said = self.pick(which, lambda said: said.state != REMOVED)

        moderation.remove(self.comment(said), said.author)

        if said.state != REMOVED:
            self.put_away(said, said.author, "")

    @rule(which=SOME)
    def approve(self, which: set[int]) -> None:
        self.decide_some("approve", which, lambda said: said.state == HELD)

    @rule(which=SOME)
    def approve_what_was_reported(self, which: set[int]) -> None:
        self.decide_some("approve", which, lambda said: said.state == HELD and said.reported_by)

    @rule(which=SOME)
    def hold(self, which: set[int]) -> None:
        self.decide_some("hold", which, lambda said: said.state == PUBLISHED)

    @rule(which=SOME)
    def remove(self, which: set[int]) -> None:
        self.decide_some("remove", which, lambda said: said.state != REMOVED)

    @rule(which=SOME)
    def remove_what_is_pinned(self, which: set[int]) -> None:
        self.decide_some("remove", which, lambda said: said.pinned)

    @rule(which=SOME)
    def restore(self, which: set[int]) -> None:
        self.decide_some("restore", which, lambda said: said.state == REMOVED)

    @rule(which=SOME)
    def restore_what_nobody_heard_of(self, which: set[int]) -> None:
        self.decide_some(
            "restore",
            which,
            lambda said: said.removed_by == self.stage.curator and not said.letters,
        )

    @rule(which=SOME)
    def keep(self, which: set[int]) -> None:
        self.decide_some("keep", which, lambda said: said.reported_by)

    def decide_some(self, how: str, which: set[int], suits: Callable[[Said], Any]) -> None:
        chosen = [self.pick(number, suits) for number in sorted(which)]
        self.decide(how, sorted(set(chosen), key=lambda said: said.pk))

    def decide(self, how: str, some: list[Said]) -> None:
        curator, why = self.stage.curator, next(self.words)
        query = Comment.objects.filter(pk__in=[said.pk for said in some])

        getattr(moderation, how)(query, curator, why)

        for said in some:
            match how, said.state:
                case "approve", "held":
                    self.publish(said, Act.APPROVED, curator, why)
                case "restore", "removed" if not said.taken_back:
                    self.publish(said, Act.RESTORED, curator, why)
                case "hold", "published":
                    self.hold_back(said, curator, why)
                case "remove", "held" | "published":
                    self.put_away(said, curator, why)
                case "keep", _ if said.reported_by:
                    said.decided(Act.KEPT, curator, why)

    @rule(who=REPORTERS, which=WHICH)
    def report(self, who: tuple[int, ...], which: int) -> None:
        self.objections(who, self.pick(which, lambda said: said.state == PUBLISHED))

    @rule(who=REPORTERS, which=WHICH)
    def report_the_studio(self, who: tuple[int, ...], which: int) -> None:
        self.objections(who, self.pick(which, lambda said: self.of_studio(said.author)))

    def objections(self, who: tuple[int, ...], said: Said) -> None:
        for member in (self.stage.people[number] for number in who):
            refused = (
                said.author == member or member in said.ever_reported_by or said.state != PUBLISHED
            )
            try:
                reports.report(member, self.comment(said), Report.Reason.UNKIND)
            except writing.Refused:
                assert refused
                continue
            assert not refused
            said.reported_by.append(member)
            said.ever_reported_by.add(member)
            known = [reporter for reporter in said.reported_by if self.approved(reporter)]
            if len(known) >= 3 and not self.of_studio(said.author):
                self.hold_back(said, None, "", "reports")

    @rule(which=WHICH)
    def pin(self, which: int) -> None:
        said = self.pick(which, lambda said: said.state == PUBLISHED and not said.answers)
        can_be = said.state == PUBLISHED and said.answers is None

        try:
            moderation.pin(self.comment(said))
        except moderation.CannotBePinned:
            assert not can_be
            return
        assert can_be
        for other in self.said:
            if other.place == said.place:
                other.pinned = other is said

    @rule(which=WHICH, is_needed=st.booleans())
    def say_whether_an_answer_is_needed(self, which: int, is_needed: bool) -> None:
        top = self.pick(which, self.waits_since).opens

        if is_needed:
            marking.unsettle(self.comment(top))
            top.settled_at = None
        else:
            marking.settle(self.comment(top), self.stage.teacher)
            top.settled_at = max(said.written_at for said in self.thread(top))

    @rule(who=PEOPLE, until=st.none() | st.integers(min_value=1, max_value=3))
    def stop(self, who: int, until: int | None) -> None:
        """And whoever is stopped tries to say it in the place of something else."""
        member = self.stage.people[who]
        end = timezone.now() + timedelta(days=until) if until else None
        is_news = member not in self.stopped() or self.stops[member] != end

        made = moderation.stop(Member.objects.filter(pk=member.pk), self.stage.curator, end, "Rude")

        if member == self.stage.curator:
            assert not made
            return
        assert len(made) == is_news
        self.stops[member] = end
        for said in self.said:
            if said.author == member:
                self.change(said, links=False)

    @precondition(lambda self: self.stops)
    @rule(who=PEOPLE)
    def let_write_again(self, who: int) -> None:
        members = list(self.stops)
        member = members[who % len(members)]

        moderation.end_stops(Member.objects.filter(pk=member.pk), self.stage.curator)

        del self.stops[member]

    @rule(where=PLACES)
    def close_or_reopen(self, where: int) -> None:
        place = self.stage.classes[where]

        if place in self.closed:
            moderation.reopen(place)
        else:
            moderation.close(place, self.stage.curator)

        self.closed ^= {place}

    @rule()
    def the_post_goes_out(self) -> None:
        before = len(mail.outbox)

        for pk in outbox.due_ids(100):
            outbox.send(pk)

        sent = {(letter.to[0], word_in(letter)) for letter in mail.outbox[before:]}
        expected = []
        for said in self.said:
            for member, letter in said.letters.items():
                if letter.state == DUE:
                    letter.state = SENT if said.state == PUBLISHED else UNWANTED
                    expected += [(member.email, said.word)] if letter.state == SENT else []
        assert len(mail.outbox) - before == len(expected)
        assert sent == set(expected)

    # --- What must be so

    @invariant()
    def everything_stands_as_told(self) -> None:
        columns = ("pk", "body", "edition", "state", "held_for", "is_pinned", "removed_by")
        stands = Comment.objects.filter(workout_class__in=self.stage.classes).order_by("pk")
        assert list(stands.values_list(*columns)) == [
            (
                said.pk,
                said.body,
                said.edition,
                said.state,
                said.held_for,
                said.pinned,
                said.removed_by and said.removed_by.pk,
            )
            for said in self.said
        ]

    @invariant()
    def what_is_published_is_counted(self) -> None:
        for place in self.stage.classes:
            place.refresh_from_db(fields=["comment_count"])
            assert place.comment_count == sum(
                said.state == PUBLISHED and said.place == place for said in self.said
            )

    @invariant()
    def threads_wait_for_whoever_teaches(self) -> None:
        waiting = dict(
            Comment.objects.filter(workout_class__in=self.stage.classes).values_list(
                "pk", "waiting_since"
            )
        )
        assert waiting == {
            said.pk: None if said.answers else self.waits_since(said) for said in self.said
        }

    @invariant()
    def mail_is_due_to_whom_it_concerns(self) -> None:
        notices = Notice.objects.values_list("comment", "recipient", "kind", "state")
        assert sorted(notices) == sorted(
            (said.pk, member.pk, letter.kind, letter.state)
            for said in self.said
            for member, letter in said.letters.items()
        )

    @invariant()
    def reports_are_open_until_somebody_decides(self) -> None:
        rows = Report.objects.values_list("comment", "member", "settled_at")
        assert sorted((pk, member, settled is None) for pk, member, settled in rows) == sorted(
            (said.pk, member.pk, member in said.reported_by)
            for said in self.said
            for member in said.ever_reported_by
        )

    @invariant()
    def decisions_say_who_and_why(self) -> None:
        rows = Decision.objects.order_by("comment", "pk")
        assert list(rows.values_list("comment", "act", "by", "reason", "rules")) == [
            (said.pk, act, by and by.pk, why, rules)
            for said in self.said
            for act, by, why, rules in said.decisions
        ]

    @invariant()
    def only_who_may_can_write(self) -> None:
        stopped = self.stopped()
        running = Stop.objects.running().values_list("member", "ends_at")
        assert sorted(running, key=str) == sorted(
            ((member.pk, self.stops[member]) for member in stopped), key=str
        )
        if not self.is_news("may write", (stopped, set(self.closed))):
            return
        for place in self.stage.classes:
            for member in self.stage.people:
                assert may_write(member, place) == self.may_write(member, place)

    @invariant()
    def everybody_reads_what_is_theirs_to_read(self) -> None:
        for place in self.stage.classes:
            here = [said for said in self.said if said.place == place]
            if not self.is_news(place, [(said.word, said.state, said.pinned) for said in here]):
                continue
            waits = {said.author for said in here if said.state == HELD}
            for reader in [None, self.stage.curator, *waits]:
                self.sees(reader, place, shown_to(reader, place))

    @invariant()
    def the_desk_shows_what_waits(self) -> None:
        expected = []
        for top in self.said:
            if top.answers or not (since := self.waits_since(top)):
                continue
            there = [said for said in self.thread(top) if said is top or said.state != REMOVED]
            new = [said.pk for said in self.unanswered(top) if said.written_at >= since]
            before = [said.pk for said in there if said.pk not in new]
            expected.append((since, top.pk, before, new))
        if not self.is_news("desk", expected):
            return
        found = board.board(self.stage.teacher, board.Place())
        assert [
            (
                thread.opening.waiting_since,
                thread.opening.pk,
                [said.comment.pk for said in thread.earlier],
                [said.comment.pk for said in thread.new],
            )
            for thread in found.threads
        ] == sorted(expected)

    def sees(self, reader: Member | None, place: WorkoutClass, page: str) -> None:
        for said in self.said:
            own = said.state == HELD and said.author == reader
            seen = said.place == place and (said.state == PUBLISHED or own)
            assert (said.word in page) == seen, (said.word, reader)

    def everybody_opens_the_pages(self) -> None:
        waits = [said.author for said in self.said if said.state == HELD]
        for reader in {None, self.stage.teacher, self.stage.curator, *waits[:1]}:
            client = Client()
            if reader:
                client.force_login(reader)
            for place in self.stage.classes:
                self.sees(reader, place, client.get(place.get_absolute_url()).content.decode())
            desk = client.get(reverse("comments:desk")).content.decode()
            at_desk = reader is not None and self.of_studio(reader)
            for said in self.said:
                waits = self.waits_since(said.opens) is not None
                if at_desk and waits:
                    assert (said.word in desk) == (said.state != REMOVED)
                elif said.state != PUBLISHED or not at_desk:
                    assert said.word not in desk


def word_in(letter: Any) -> str:
    """The one that the mail is about: what it answers comes after it."""
    found = re.search(r"word\d+x", letter.body)
    assert found
    return found[0]


def may_write(member: Member, place: WorkoutClass) -> bool:
    try:
        writing.refuse_writing(member, place)
    except writing.Refused:
        return False
    return True


def shown_to(reader: Member | None, place: WorkoutClass) -> str:
    """What stands under a class, without the page around it."""
    request = RequestFactory().get(place.get_absolute_url())
    request.user = reader or AnonymousUser()
    return what_is_said(ClassPage(request, place, csrf_token="one"))


@pytest.mark.django_db
def test_the_site_agrees_with_a_plain_account_of_it(settings) -> None:
    settings.HOLD_FIRST_COMMENTS = True
    Conversation.stage = set_the_stage()

    run_state_machine_as_test(
        Conversation,
        settings=Runs(
            max_examples=30,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
