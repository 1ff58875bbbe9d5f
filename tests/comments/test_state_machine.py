"""Everything that can happen to comments, in any order, against a plain account of it.

The account below knows no database: lists, sets, and the rules as one would tell them. After every
step the site must agree with it about what stands where, what counts, which threads wait, who is
told by mail, what was reported and what was decided; at the end, about what each reader sees.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.core.cache import caches
from django.db import transaction
from django.test import Client
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
from classes.models import WorkoutClass
from comments import moderation, reports, writing
from comments.models import Comment, Decision, Notice, Report, Stop
from tests.factories import make_class, make_comment, make_instructor, make_member

HELD, REMOVED, PUBLISHED = Comment.State.HELD, Comment.State.REMOVED, Comment.State.PUBLISHED
Act = Decision.Act
ANSWER, NEWS = Notice.Kind.ANSWER, Notice.Kind.COMMENT

MOST_COMMENTS = 7  # few, so that much happens to each of them


@dataclass
class Stage:
    """Who there is, and where: the same for every run."""

    people: list[Member]
    known: set[Member]  # something of theirs stands elsewhere
    teacher: Member  # of the first class, and of no other
    curator: Member
    classes: list[WorkoutClass]


@dataclass(eq=False)
class Said:
    """A comment, as one would tell of it."""

    pk: int
    word: str  # that stands in no other comment
    author: Member
    place: WorkoutClass
    answers: "Said | None"
    written_at: datetime
    state: str
    held_for: list[str]
    pinned: bool = False
    taken_back: bool = False
    decisions: list[str] = field(default_factory=list)
    reported_by: list[Member] = field(default_factory=list)  # and nobody has looked
    ever_reported_by: set[Member] = field(default_factory=set)
    told: set[tuple[Member, str]] = field(default_factory=set)

    @property
    def opens(self) -> "Said":
        return self.answers.opens if self.answers else self


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


PEOPLE = st.integers(min_value=0, max_value=6)
PLACES = st.integers(min_value=0, max_value=1)
WHICH = st.integers(min_value=0, max_value=MOST_COMMENTS - 1)
SOME = st.sets(WHICH, min_size=1, max_size=4)


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
        self.said: list[Said] = []
        self.stopped: set[Member] = set()
        self.closed: set[WorkoutClass] = set()
        self.words = (f"word{number}x" for number in count())

    def teardown(self) -> None:
        try:
            self.everybody_reads_what_is_theirs_to_read()
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
        return not (
            self.approved(member)
            or any(said.taken_back and not said.held_for for said in own)
            or any({Act.APPROVED, Act.RESTORED} & set(said.decisions) for said in own)
        )

    def comment(self, said: Said) -> Comment:
        return Comment.objects.select_related("author", "workout_class").get(pk=said.pk)

    def query(self, chosen: list[Said]) -> Any:
        return Comment.objects.filter(pk__in=[said.pk for said in chosen])

    def publish(self, said: Said, act: str) -> None:
        said.state, said.held_for, said.taken_back = PUBLISHED, [], False
        said.decisions.append(act)
        said.reported_by.clear()
        self.tell(said)

    def tell(self, said: Said) -> None:
        answered = set()
        if said.answers:
            asked = {said.answers, said.opens}
            answered = {other.author for other in asked if other.state != REMOVED} - {said.author}
        taught = {self.stage.teacher} if said.place == self.stage.classes[0] else set()
        said.told |= {(member, ANSWER) for member in answered}
        said.told |= {(member, NEWS) for member in taught - answered - {said.author}}

    def put_away(self, said: Said, state: str, act: str) -> None:
        said.state, said.pinned = state, False
        said.decisions.append(act)
        if state == REMOVED:
            said.reported_by.clear()

    # --- What happens

    @initialize()
    def somebody_has_spoken(self) -> None:
        """Else most runs are over before there is much to decide about."""
        self.post(who=5, where=0, which=0, replies=False, links=False)  # held: she is new
        self.post(who=2, where=0, which=0, replies=False, links=False)
        self.post(who=3, where=0, which=1, replies=True, links=True)  # held: a link
        self.post(who=2, where=1, which=0, replies=False, links=False)

    @rule(seconds=st.integers(min_value=60, max_value=600))
    def time_goes_by(self, seconds: int) -> None:
        self.hands.shift(timedelta(seconds=seconds))

    @precondition(lambda self: len(self.said) < MOST_COMMENTS)
    @rule(who=PEOPLE, where=PLACES, which=WHICH, replies=st.booleans(), links=st.booleans())
    def post(self, who: int, where: int, which: int, replies: bool, links: bool) -> None:
        self.hands.shift(timedelta(minutes=2))  # nobody writes too much
        member = self.stage.people[who]
        parent = self.said[which % len(self.said)] if replies and self.said else None
        place = parent.place if parent else self.stage.classes[where]
        answered = self.comment(parent) if parent else None
        word = next(self.words)

        leads = self.leads(member, place)
        closed = place in self.closed and not leads
        gone = parent and (parent.state == REMOVED or (parent.state == HELD and not leads))
        suspected = {"first": self.is_new(member), "links": links}
        rules = [name for name, suspects in suspected.items() if suspects]

        try:
            posted = writing.post(
                member,
                place,
                body=word + (f" https://{word}.example/" if links else ""),
                parent=answered,
                parent_seen=answered.edition if answered else None,
                submission=str(uuid4()),
            )
        except writing.Refused:
            assert member in self.stopped or closed or gone
            return
        assert not (member in self.stopped or closed or gone)
        if parent and parent.state == HELD:
            self.publish(parent, Act.APPROVED)
        said = Said(
            pk=posted.pk,
            word=word,
            author=member,
            place=place,
            answers=parent,
            written_at=timezone.now(),
            state=PUBLISHED,
            held_for=[],
        )
        self.said.append(said)
        if rules and not self.of_studio(member):
            said.state, said.held_for = HELD, rules
            said.decisions.append(Act.HELD)
        else:
            self.tell(said)

    @precondition(lambda self: self.said)
    @rule(which=WHICH, links=st.booleans())
    def edit(self, which: int, links: bool) -> None:
        said = self.said[which % len(self.said)]
        word = next(self.words)
        late = timezone.now() >= said.written_at + Comment.EDITABLE_FOR
        refused = said.state == REMOVED or late or said.author in self.stopped

        try:
            body = word + (f" https://{word}.example/" if links else "")
            writing.edit(said.author, self.comment(said), body)
        except writing.Refused:
            assert refused
            return
        assert not refused
        said.word = word
        if not links or self.of_studio(said.author):
            return
        if said.state == PUBLISHED:
            said.held_for = ["links"]
            self.put_away(said, HELD, Act.HELD)
        elif "links" not in said.held_for:
            said.held_for = [*said.held_for, "links"]
            said.decisions.append(Act.HELD)

    @precondition(lambda self: self.said)
    @rule(which=WHICH)
    def take_back(self, which: int) -> None:
        said = self.said[which % len(self.said)]

        moderation.remove(self.comment(said), said.author)

        if said.state != REMOVED:
            said.taken_back = True
            self.put_away(said, REMOVED, Act.REMOVED)

    @precondition(lambda self: self.said)
    @rule(which=SOME)
    def approve(self, which: set[int]) -> None:
        self.decide("approve", which)

    @precondition(lambda self: self.said)
    @rule(which=SOME)
    def hold(self, which: set[int]) -> None:
        self.decide("hold", which)

    @precondition(lambda self: self.said)
    @rule(which=SOME)
    def remove(self, which: set[int]) -> None:
        self.decide("remove", which)

    @precondition(lambda self: self.said)
    @rule(which=SOME)
    def restore(self, which: set[int]) -> None:
        self.decide("restore", which)

    @precondition(lambda self: self.said)
    @rule(which=SOME)
    def keep(self, which: set[int]) -> None:
        self.decide("keep", which)

    def decide(self, how: str, which: set[int]) -> None:
        chosen = list({number % len(self.said) for number in which})
        some = [self.said[number] for number in sorted(chosen)]

        getattr(moderation, how)(self.query(some), self.stage.curator, "Because")

        for said in some:
            match how, said.state:
                case "approve", "held":
                    self.publish(said, Act.APPROVED)
                case "restore", "removed" if not said.taken_back:
                    self.publish(said, Act.RESTORED)
                case "hold", "published":
                    said.held_for = []
                    self.put_away(said, HELD, Act.HELD)
                case "remove", "held" | "published":
                    # Staff who remove their own words have taken them back.
                    said.taken_back = said.author == self.stage.curator
                    self.put_away(said, REMOVED, Act.REMOVED)
                case "keep", _ if said.reported_by:
                    said.reported_by.clear()
                    said.decisions.append(Act.KEPT)

    @precondition(lambda self: self.said)
    @rule(who=PEOPLE, which=WHICH)
    def report(self, who: int, which: int) -> None:
        member, said = self.stage.people[who], self.said[which % len(self.said)]
        refused = (
            said.author == member or member in said.ever_reported_by or said.state != PUBLISHED
        )

        try:
            reports.report(member, self.comment(said), Report.Reason.UNKIND)
        except writing.Refused:
            assert refused
            return
        assert not refused
        said.reported_by.append(member)
        said.ever_reported_by.add(member)
        known = [reporter for reporter in said.reported_by if self.approved(reporter)]
        if len(known) >= 3 and not self.of_studio(said.author):
            said.held_for = ["reports"]
            self.put_away(said, HELD, Act.HELD)

    @precondition(lambda self: self.said)
    @rule(which=WHICH)
    def everybody_reports(self, which: int) -> None:
        """Else three seldom meet at one comment."""
        for who in range(2, 5):
            self.report(who, which)

    @precondition(lambda self: self.said)
    @rule(which=WHICH)
    def pin(self, which: int) -> None:
        said = self.said[which % len(self.said)]
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

    @precondition(lambda self: len(self.stopped) < 2)
    @rule(who=PEOPLE, until=st.none() | st.integers(min_value=1, max_value=3))
    def stop(self, who: int, until: int | None) -> None:
        member = self.stage.people[who]
        end = timezone.now() + timedelta(days=until) if until else None

        moderation.stop(Member.objects.filter(pk=member.pk), self.stage.curator, end, "Rude")

        if member != self.stage.curator:
            self.stopped.add(member)

    @precondition(lambda self: self.stopped)
    @rule(who=PEOPLE)
    def let_write_again(self, who: int) -> None:
        member = sorted(self.stopped, key=lambda member: member.pk)[who % len(self.stopped)]

        moderation.end_stops(Member.objects.filter(pk=member.pk), self.stage.curator)

        self.stopped.discard(member)

    @rule(where=PLACES)
    def close_or_reopen(self, where: int) -> None:
        place = self.stage.classes[where]

        if place in self.closed:
            moderation.reopen(place)
        else:
            moderation.close(place, self.stage.curator)

        self.closed ^= {place}

    # --- What must be so

    @invariant()
    def everything_stands_as_told(self) -> None:
        columns = ("pk", "state", "held_for", "is_pinned")
        assert list(self.query(self.said).order_by("pk").values_list(*columns)) == [
            (said.pk, said.state, said.held_for, said.pinned) for said in self.said
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
            Comment.objects.filter(workout_class__in=self.stage.classes, thread=None).values_list(
                "pk", "waiting_since"
            )
        )
        assert waiting == {
            said.pk: self.waits_since(said) for said in self.said if said.answers is None
        }

    def waits_since(self, top: Said) -> datetime | None:
        if top.place != self.stage.classes[0]:
            return None  # nobody is there to answer
        thread = [said for said in self.said if said.opens is top]
        answers = [
            said.written_at
            for said in thread
            if said.author == self.stage.teacher and said.state == PUBLISHED
        ]
        open_ones = [
            said.written_at
            for said in thread
            if said.author != self.stage.teacher
            and said.state != REMOVED
            and all(said.written_at > answered for answered in answers)
        ]
        return min(open_ones, default=None)

    @invariant()
    def mail_is_due_to_whom_it_concerns(self) -> None:
        notices = Notice.objects.values_list("comment", "recipient", "kind")
        assert sorted(notices) == sorted(
            (said.pk, member.pk, kind) for said in self.said for member, kind in said.told
        )

    @invariant()
    def reports_and_decisions_are_kept(self) -> None:
        open_reports = Report.objects.open().values_list("comment", "member")
        assert sorted(open_reports) == sorted(
            (said.pk, member.pk) for said in self.said for member in said.reported_by
        )
        decisions = Decision.objects.order_by("comment", "pk").values_list("comment", "act")
        assert list(decisions) == [(said.pk, act) for said in self.said for act in said.decisions]

    @invariant()
    def whoever_is_stopped_is_stopped_once(self) -> None:
        running = Stop.objects.running().values_list("member", flat=True)
        assert sorted(running) == sorted(member.pk for member in self.stopped)

    def everybody_reads_what_is_theirs_to_read(self) -> None:
        readers = [None, self.stage.curator, *{said.author for said in self.said}]
        for reader in readers:
            client = Client()
            if reader:
                client.force_login(reader)
            for place in self.stage.classes:
                page = client.get(place.get_absolute_url()).content.decode()
                for said in self.said:
                    own = said.state == HELD and said.author == reader
                    seen = said.place == place and (said.state == PUBLISHED or own)
                    assert (f"{said.word} " in page or f"{said.word}<" in page) == seen, said.word


@pytest.mark.django_db
def test_the_site_agrees_with_a_plain_account_of_it(settings) -> None:
    settings.HOLD_FIRST_COMMENTS = True
    Conversation.stage = set_the_stage()

    run_state_machine_as_test(
        Conversation,
        settings=Runs(
            max_examples=60,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
