"""Nobody is shown, linked to or led past what they avoid, whatever was written and however.

Judged from the rows themselves: chapters, exercises, ticks and films, and what they were when a
person last checked the class. None of the site's own code is asked what a class contains, nor what
its check is worth. The pages are those that visitors and members get.
"""

import csv
import io
import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import Member
from classes.body import checking
from classes.body.avoiding import keep
from classes.catalogue import bitmaps, keeping, pages, sql
from classes.models import (
    Chapter,
    Exercise,
    FocusTag,
    Movement,
    State,
    Tempo,
    Variant,
    WorkoutClass,
)
from classes.search import catch_up
from tests.classes.admin.conftest import submitted
from tests.classes.catalogue import studios
from tests.factories import (
    make_chapter,
    make_class,
    make_exercise,
    make_focus_tag,
    make_member,
    make_movement,
    make_variant,
    make_video,
)

TICKED = WorkoutClass.ticked_movements.through
ADDED, REMOVED = Chapter.adds.through, Chapter.removes.through
USUAL = Exercise.movements.through
SORTS = ["newest", "shortest", "longest", "discussed", "relevance"]
WARNING = "Not checked for what you avoid"


# --- What is true -------------------------------------------------------------------------------


def contained() -> dict[int, set[str]]:
    """Slugs of movements by class, from ticks and chapters."""
    found: dict[int, set[str]] = {pk: set() for pk in pks(WorkoutClass)}
    for class_id, slug in TICKED.objects.values_list("workoutclass_id", "movement__slug"):
        found[class_id].add(slug)
    for chapter in Chapter.objects.select_related("variant"):
        found[chapter.variant.workout_class_id] |= done_in(chapter)
    return found


def done_in(chapter: Chapter) -> set[str]:
    usual = USUAL.objects.filter(exercise=chapter.exercise_id)
    added = ADDED.objects.filter(chapter=chapter)
    removed = REMOVED.objects.filter(chapter=chapter)
    return {*slugs_of(usual), *slugs_of(added)} - {*slugs_of(removed)}


def slugs_of(rows) -> list[str]:
    return list(rows.values_list("movement__slug", flat=True))


def pks(model) -> list[int]:
    return list(model.objects.order_by("pk").values_list("pk", flat=True))


def looked_at(class_id: int) -> Any:
    """All that somebody who checks the class stands for."""
    films = Variant.objects.filter(workout_class=class_id)
    chapters = Chapter.objects.filter(variant__in=films).order_by("variant", "start")
    return (
        sorted(films.filter(video__isnull=False).values_list("pk", "video_id")),
        [(row.variant_id, row.start, row.end, sorted(done_in(row))) for row in chapters],
        sorted(slugs_of(TICKED.objects.filter(workoutclass=class_id))),
    )


class Checks:
    """What every class was when somebody last checked it, kept apart from the site."""

    def __init__(self) -> None:
        self.seen: dict[int, tuple[datetime, Any]] = {}
        for row in WorkoutClass.objects.filter(checked_at__isnull=False):
            self.note(row.pk, row.checked_at)

    def note(self, class_id: int, moment: datetime) -> None:
        self.seen[class_id] = moment, looked_at(class_id)

    def stand_for(self, class_id: int, slugs: Collection[str]) -> bool:
        """Whether a person who is still here looked for these at what the class is today."""
        moment, seen = self.seen.get(class_id, (None, None))
        row = WorkoutClass.objects.get(pk=class_id)
        return (
            moment is not None
            and seen == looked_at(class_id)
            and row.checked_by_id is not None
            and all(defined <= moment for defined in defined_at(slugs))
        )


def defined_at(slugs: Collection[str]) -> list[datetime]:
    return list(Movement.objects.filter(slug__in=slugs).values_list("defined_at", flat=True))


def safe_for(slugs: Collection[str], checks: Checks) -> set[str]:
    """Addresses of the classes in the catalogue that may be shown to who avoids these."""
    now, inside = timezone.now(), contained()
    return {
        row.slug
        for row in WorkoutClass.objects.filter(state=State.PUBLISHED, published_at__lte=now)
        if (row.retires_at is None or row.retires_at > now)
        and (not slugs or (inside[row.pk].isdisjoint(slugs) and checks.stand_for(row.pk, slugs)))
    }


def seconds_with(slugs: Collection[str], film: Variant) -> set[int]:
    length = film.video.duration.total_seconds()
    return {
        second
        for chapter in Chapter.objects.filter(variant=film)
        if not done_in(chapter).isdisjoint(slugs)
        for second in range(chapter.start, chapter.end)
        if second < length
    }


# --- What is shown ------------------------------------------------------------------------------


class Reader:
    """Somebody's browser, and what its pages have to leave out."""

    def __init__(self, slugs: list[str], *, keeps_them: bool) -> None:
        self.client, self.slugs = Client(), slugs
        self.query: dict[str, Any] = {} if keeps_them else {"avoid": slugs}
        if keeps_them:
            member = make_member()
            keep(member, slugs)
            self.client.force_login(member)

    def page(self, path: str, **query: Any) -> str:
        response = self.client.get(path, {**self.query, **query})
        assert response.status_code == 200, (path, query)
        return response.text


def linked(page: str) -> set[str]:
    """Addresses of all classes to which any link of the page leads."""
    return set(re.findall(r'href="/classes/([\w-]+)/', page))


def announced(page: str) -> set[int]:
    """Seconds that "my version" asks about, or skips."""
    listed = re.search(r'class="my-version-parts".*?</details>', page, re.DOTALL)
    stretches = re.findall(r'data-start="(\d+)" data-end="(\d+)"', listed[0] if listed else "")
    return {second for start, end in stretches for second in range(int(start), int(end))}


@contextmanager
def by_sql_alone() -> Iterator[None]:
    with mock.patch.object(keeping.Keeper, "at", return_value=None):
        yield


@contextmanager
def three_on_a_page() -> Iterator[None]:
    with (
        mock.patch.object(bitmaps, "PAGE_SIZE", 3),
        mock.patch.object(sql, "PAGE_SIZE", 3),
        mock.patch.object(pages, "PAGE_SIZE", 3),
    ):
        yield


def assert_catalogue_holds(reader: Reader, checks: Checks, sort: str = "newest") -> None:
    safe = safe_for(reader.slugs, checks)
    for query in ({"sort": sort}, {"sort": sort, "q": "class"}):
        found: set[str] = set()
        with three_on_a_page():
            for number in range(1, 2 + len(pks(WorkoutClass)) // 3):
                page = reader.page("/classes/", page=number, **query)
                assert linked(page) <= safe, query
                found |= linked(page)
        assert found == safe, query  # nor is anybody kept from what is safe


def assert_unchecked_are_apart(reader: Reader, checks: Checks) -> None:
    page = reader.page("/classes/", unchecked="yes")
    if reader.slugs:
        assert WARNING in page
        assert linked(page).isdisjoint(safe_for(reader.slugs, checks))
    assert linked(page) <= safe_for([], checks)


def assert_landing_pages_hold(reader: Reader, checks: Checks) -> None:
    safe = safe_for(reader.slugs, checks)
    assert linked(reader.page("/")) <= safe
    for tag in FocusTag.objects.all():
        promised = safe_for([movement.slug for movement in tag.forbids.all()], checks)
        carrying = set(tag.classes.values_list("slug", flat=True))
        found = linked(reader.page(f"/focus/{tag.slug}/"))
        assert found == safe & promised & carrying, tag


def assert_class_pages_hold(reader: Reader, checks: Checks) -> None:
    safe = safe_for(reader.slugs, checks)
    public = WorkoutClass.objects.exclude(state=State.DRAFT)
    for row in public.filter(published_at__lte=timezone.now()).for_cards():
        page = reader.page(row.get_absolute_url())
        assert linked(page) - {row.slug} <= safe, row
        if row.first_variant:
            assert announced(page) == seconds_with(reader.slugs, row.first_variant), row


def assert_all_holds(reader: Reader, checks: Checks, sort: str = "newest") -> None:
    assert_catalogue_holds(reader, checks, sort)
    assert_unchecked_are_apart(reader, checks)
    assert_landing_pages_hold(reader, checks)
    assert_class_pages_hold(reader, checks)


# --- What is written ----------------------------------------------------------------------------

# Each makes the class contain the movement, or lets the check of it fall, by a way of its own.
Act = Callable[[WorkoutClass, Movement], object]


def film_of(row: WorkoutClass) -> Variant:
    return row.variants.order_by("pk").first() or make_variant(row, ready=False)


def chapter_of(row: WorkoutClass) -> Chapter:
    film = film_of(row)
    return film.chapters.first() or Chapter.objects.create(
        variant=film, start=0, end=60, title="Legs"
    )


def exercise_with(movement: Movement) -> Exercise:
    exercise, _is_new = Exercise.objects.get_or_create(
        slug=f"with-{movement.slug}", defaults={"name": f"With {movement.name}"}
    )
    if not exercise.movements.filter(pk=movement.pk).exists():
        exercise.movements.add(movement)
    return exercise


def in_sql(statement: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def curator() -> Client:
    member = make_member(is_staff=True)
    member.groups.add(Group.objects.get(name="Curators"))
    client = Client()
    client.force_login(member)
    return client


def save_chapter(row, movement):
    chapter = chapter_of(row)
    chapter.exercise, chapter.title = exercise_with(movement), ""
    chapter.save()


def update_chapters(row, movement):
    chapter = chapter_of(row)
    same = Chapter.objects.filter(pk=chapter.pk)
    same.update(exercise=exercise_with(movement), title="")


def create_chapters_in_bulk(row, movement):
    film = film_of(row)
    start = max([0, *film.chapters.values_list("end", flat=True)])
    chapters = [Chapter(variant=film, start=start, end=start + 9, title="Arms")]
    [chapter] = Chapter.objects.bulk_create(chapters)
    ADDED.objects.bulk_create([ADDED(chapter=chapter, movement=movement)])


def update_chapters_in_bulk(row, movement):
    chapter = chapter_of(row)
    chapter.exercise, chapter.title = exercise_with(movement), ""
    Chapter.objects.bulk_update([chapter], ["exercise", "title"])


def add_in_sql(row, movement):
    chapter = chapter_of(row)
    if not chapter.adds.filter(pk=movement.pk).exists():
        in_sql(
            "INSERT INTO classes_chapter_adds (chapter_id, movement_id) VALUES (%s, %s)",
            chapter.pk,
            movement.pk,
        )


def leave_nothing_out_in_sql(row, movement):
    in_sql("DELETE FROM classes_chapter_removes WHERE movement_id = %s", movement.pk)


def tick(row, movement):
    row.ticked_movements.add(movement)


def tick_in_bulk(row, movement):
    ticks = [TICKED(workoutclass=row, movement=movement)]
    TICKED.objects.bulk_create(ticks, ignore_conflicts=True)


def tick_in_admin(row, movement):
    ticked = [movement.pk, *row.ticked_movements.values_list("pk", flat=True)]
    page = reverse("admin:classes_workoutclass_change", args=[row.pk])
    curator().post(page, submitted(row, ticked_movements=ticked))


def send_timeline(row, movement):
    film = row.variants.ready().first()
    if film:
        exercise_with(movement)
        client, page = curator(), reverse("admin:classes_timeline", args=[film.pk])
        seen = client.get(page).context["page"].seen
        lines = f'0:00 "Legs"\n0:02 With {movement.name}'
        client.post(page, {"text": lines, "seen": seen})


def import_ticks(row, movement):
    ticked = {movement.slug, *slugs_of(TICKED.objects.filter(workoutclass=row))}
    written = io.StringIO()
    csv.writer(written).writerows([["slug", "movements"], [row.slug, ", ".join(sorted(ticked))]])
    upload = SimpleUploadedFile("catalogue.csv", written.getvalue().encode(), "text/csv")
    client = curator()
    tried = client.post(
        reverse("admin:classes_workoutclass_import"),
        {"import_file": upload, "format": "0", "resource": "0"},
    )
    if form := tried.context.get("confirm_form"):
        client.post(reverse("admin:classes_workoutclass_process_import"), form.initial)


def change_exercises(row, movement):
    for exercise in Exercise.objects.filter(chapters__variant__workout_class=row).distinct():
        exercise.movements.add(movement)


def change_exercises_in_bulk(row, movement):
    used = Exercise.objects.filter(chapters__variant__workout_class=row).distinct()
    USUAL.objects.bulk_create(
        [USUAL(exercise=exercise, movement=movement) for exercise in used], ignore_conflicts=True
    )


def redefine(row, movement):
    Movement.objects.filter(pk=movement.pk).update(defined_at=timezone.now())


def replace_film(row, movement):
    film = film_of(row)
    film.video = make_video(film)
    film.save()


def replace_film_in_bulk(row, movement):
    film = film_of(row)
    Variant.objects.filter(pk=film.pk).update(video=make_video(film))


def bring_a_variant(row, movement):
    others = row.variants.filter(language="fr", tempo=Tempo.OBSERVE)
    if not others.exists():
        film = Variant(workout_class=row, language="fr", tempo=Tempo.OBSERVE)
        Variant.objects.bulk_create([film])


def move_a_film_here(row, movement):
    elsewhere = make_class(variant=False, state=State.DRAFT, published_at=None)
    film = make_variant(elsewhere, language="it")
    make_chapter(film, 0, 30, adds=[movement])
    if not row.variants.filter(language="it").exists():
        Variant.objects.filter(pk=film.pk).update(workout_class=row)


def save_what_was_read_before(row, movement):
    read_before = WorkoutClass.objects.get(pk=row.pk)
    tick_in_bulk(row, movement)
    read_before.save()


def lose_who_checked(row, movement):
    Member.objects.filter(pk=row.checked_by_id).delete()


TAKING = [
    *(save_chapter, update_chapters, create_chapters_in_bulk, update_chapters_in_bulk),
    *(add_in_sql, tick, tick_in_bulk, tick_in_admin, send_timeline, import_ticks),
    *(change_exercises, change_exercises_in_bulk, leave_nothing_out_in_sql, redefine),
    *(replace_film, replace_film_in_bulk, bring_a_variant, move_a_film_here),
    *(save_what_was_read_before, lose_who_checked),
]


def promise_more(row, movement):
    for tag in row.focus_tags.all():
        tag.forbids.add(movement)


def tag_in_bulk(row, movement):
    tag = FocusTag.objects.filter(forbids=movement).first()
    if tag and not row.focus_tags.filter(pk=tag.pk).exists():
        tagged = WorkoutClass.focus_tags.through
        tagged.objects.bulk_create([tagged(workoutclass=row, focustag=tag)])


def move_the_class(row, movement):
    row.move_to(f"{row.slug[:60]}-moved")


def lose_a_film(row, movement):
    film_of(row).delete()


def retire_and_bring_back(row, movement):
    state = State.RETIRED if row.state == State.PUBLISHED else State.PUBLISHED
    if row.published_at:
        WorkoutClass.objects.filter(pk=row.pk).update(state=state)


def publish_late(row, movement):
    later = timezone.now() + timedelta(days=1)
    WorkoutClass.objects.filter(pk=row.pk).update(published_at=later, retires_at=None)


def lose_a_movement(row, movement):
    others = Movement.objects.filter(slug__in=["inversion", "jumping"])
    others.delete()


OTHERS = [promise_more, tag_in_bulk, move_the_class, lose_a_film, retire_and_bring_back]
OTHERS += [publish_late, lose_a_movement]


def check_again(row: WorkoutClass, checks: Checks) -> None:
    """A person looks at the class as it is, and stands for it."""
    try:
        checking.check(row, make_member(is_staff=True), watched=row.variants.all())
    except checking.CannotCheck:
        return
    checks.note(row.pk, WorkoutClass.objects.get(pk=row.pk).checked_at)


# --- Every way by itself ------------------------------------------------------------------------


@pytest.fixture
def row_by_row(no_query_per_row, settings) -> None:
    """Imports and the history read so; how pages read is watched elsewhere."""
    settings.ZEAL_ALLOWLIST = [*settings.ZEAL_ALLOWLIST, {"model": "classes.*"}]


@pytest.mark.django_db
@pytest.mark.usefixtures("row_by_row")
@pytest.mark.parametrize("act", TAKING, ids=lambda act: act.__name__)
def test_class_is_gone_at_once_whatever_was_written(act: Act):
    twisting = make_movement(slug="twisting", name="Twisting")
    tag = make_focus_tag(slug="strong")
    saw = make_exercise(name="Saw", movements=[twisting])
    touched, other = make_class(title="Class A"), make_class(title="Class B")
    for row in (touched, other):
        row.focus_tags.add(tag)
    film = touched.variants.get()
    make_chapter(film, 0, 60, exercise=saw, removes=[twisting])
    make_chapter(film, 60, 90, exercise=make_exercise(name="Mermaid"))
    checks = Checks()
    check_again(touched, checks)
    check_again(other, checks)
    catch_up()
    member, visitor = Reader(["twisting"], keeps_them=True), Reader(["twisting"], keeps_them=False)
    for reader in (member, visitor):
        assert linked(reader.page("/classes/")) == {touched.slug, other.slug}
        assert linked(reader.page(other.get_absolute_url())) >= {touched.slug}  # as similar

    touched.refresh_from_db()
    act(touched, twisting)

    left = set() if act is redefine else {other.slug}
    assert safe_for(["twisting"], checks) == left
    assert_all_holds(visitor, checks)
    with by_sql_alone():
        assert_all_holds(member, checks)


# --- All ways together --------------------------------------------------------------------------

timelines = st.lists(
    st.tuples(
        st.integers(1, 9),  # tens of seconds
        st.sampled_from([None, "twisting", "rolling"]),  # what its exercise has
        st.sets(st.integers(0, 2), max_size=1),  # what it adds
        st.sets(st.integers(0, 2), max_size=2),  # and leaves out
    ),
    max_size=3,
)
writes = st.lists(
    st.tuples(
        st.sampled_from([*TAKING, *OTHERS, check_again, check_again]),
        st.integers(0, studios.MOST),
        st.integers(0, 2),
    ),
    max_size=4,
)


def describe_films(chapters: list[list[tuple]], movements: list[Movement]) -> None:
    exercises = {m.slug: make_exercise(name=m.slug, movements=[m]) for m in movements}
    films = list(Variant.objects.order_by("pk").select_related("workout_class"))
    for film, timeline in zip(films, chapters, strict=False):
        start = 0
        for tens, usual, adds, removes in timeline:
            make_chapter(
                film,
                start,
                start + 10 * tens,
                adds=[movements[i] for i in adds],
                removes=[movements[i] for i in removes],
                **({"exercise": exercises[usual]} if usual else {}),
            )
            start += 10 * tens


@pytest.mark.usefixtures("row_by_row")
class Holds(TestCase):
    @settings(
        max_examples=8,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=set(Phase) - {Phase.explain},
    )
    @given(
        studio=st.lists(studios.classes, min_size=2, max_size=5),
        chapters=st.lists(timelines, min_size=3, max_size=6),
        avoided=st.lists(st.sampled_from(["twisting", "rolling", "kneeling"]), unique=True),
        sort=st.sampled_from(SORTS),
        writes=writes,
    )
    def test_over_random_studios_and_writes(self, studio, chapters, avoided, sort, writes):
        studios.build(studio)
        movements = list(Movement.objects.filter(slug__in=["twisting", "rolling", "kneeling"]))
        describe_films(chapters, movements)
        catch_up()
        checks = Checks()
        member = Reader(avoided, keeps_them=True)
        visitor = Reader(avoided, keeps_them=False)
        if not avoided:
            visitor.query = {}
        assert_all_holds(member, checks, sort)
        assert_all_holds(visitor, checks, sort)

        for act, number, which in writes:
            rows = list(WorkoutClass.objects.order_by("pk"))
            row = rows[number % len(rows)]
            if act is check_again:
                check_again(row, checks)
            else:
                act(row, movements[which])

        assert_all_holds(visitor, checks, sort)
        with by_sql_alone():
            assert_all_holds(member, checks, sort)


@pytest.mark.django_db
def test_feed_and_map_are_the_same_for_everybody():
    """Readers fetch them for many: no set of anybody's may leave its mark there."""
    twisting = make_movement(slug="twisting")
    make_class(movements=[twisting])
    reader = Reader(["twisting"], keeps_them=True)

    for path in ("/feed/", "/sitemap.xml"):
        everybodys = Client().get(path).text
        assert "/classes/class-" in everybodys
        assert reader.page(path) == everybodys
        assert Client().get(path, {"avoid": "twisting"}).text == everybodys
