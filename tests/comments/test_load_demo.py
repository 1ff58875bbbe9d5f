"""`load_demo` without films; how one film is made is tested in tests/classes/demo."""

import re
import stat
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core.management import CommandError, call_command
from django.test import TestCase, override_settings
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import Member
from classes.body.vouching import unvouched_tags, vouched_tags
from classes.demo.filming import waiting_shoots
from classes.demo.load import draw_portraits
from classes.demo.studio import read_studio
from classes.demo.tasks import enqueue_films
from classes.models import Captions, FocusTag, Instructor, Prop, State, Variant, WorkoutClass
from comments.models import ClassRequest, Comment, Decision, Report, TimeCode
from tests.factories import make_class

pytestmark = pytest.mark.django_db

BACK_PAIN = "slow-gentle-mat-for-back-pain"
DRAW_PORTRAITS = "comments.management.commands.load_demo.draw_portraits"


@pytest.fixture(autouse=True)
def var_dir(settings, tmp_path, monkeypatch):
    settings.VAR_DIR = tmp_path
    # Four seconds of drawing, for pictures that only one of these tests looks at.
    monkeypatch.setattr(DRAW_PORTRAITS, dict)
    return tmp_path


def load_demo() -> str:
    said = StringIO()
    call_command("load_demo", without_films=True, stdout=said)
    return said.getvalue()


def every_row() -> dict[str, list[tuple]]:
    return {
        model._meta.label: sorted(model._base_manager.values_list(), key=repr)
        for model in apps.get_models(include_auto_created=True)
    }


def test_load_demo_fills_the_catalogue(monkeypatch, settings):
    monkeypatch.setattr(DRAW_PORTRAITS, draw_portraits)

    load_demo()

    assert WorkoutClass.objects.listed().count() == 24
    scheduled = WorkoutClass.objects.get(state=State.PUBLISHED, published_at__gt=timezone.now())
    assert scheduled.is_scheduled
    assert Comment.objects.count() == 60
    assert Instructor.objects.count() == 6
    for instructor in Instructor.objects.all():
        folder = settings.MEDIA_ROOT / "pictures" / str(instructor.portrait_id)
        assert {path.name for path in folder.iterdir()} >= {"320.avif", "640.webp", "640.jpg"}


def test_load_demo_twice_changes_nothing():
    load_demo()
    before = every_row()

    load_demo()

    after = every_row()
    assert after.keys() == before.keys()
    assert {label for label in after if after[label] != before[label]} == set()


def test_load_demo_again_keeps_what_was_changed():
    load_demo()
    WorkoutClass.objects.get(slug=BACK_PAIN).move_to("kind-mat")
    FocusTag.objects.filter(slug="spine-safe").update(name="Careful backs")
    Prop.objects.all().delete()
    Comment.objects.filter(author__display_name="Greta H.").delete()
    before = every_row()

    load_demo()

    assert every_row() == before


def test_load_demo_leaves_the_classes_of_a_studio_alone():
    make_class()
    before = every_row()

    with pytest.raises(CommandError, match="holds the classes of a studio"):
        load_demo()

    assert every_row() == before


def test_passwords_are_printed_every_time_and_kept_for_the_owner_alone(var_dir):
    first, second = load_demo(), load_demo()

    printed = dict(re.findall(r"(\S+@example\.org) +(\S+)", first))
    assert len(printed) == 5
    assert dict(re.findall(r"(\S+@example\.org) +(\S+)", second)) == printed
    for email, password in printed.items():
        assert Member.objects.get(email=email).check_password(password)
    assert stat.S_IMODE((var_dir / "demo-accounts.json").stat().st_mode) == 0o600


def test_a_password_that_was_changed_is_not_printed():
    load_demo()
    curator = Member.objects.get(email="curator@example.org")
    curator.set_password("my own now")
    curator.save()

    assert "curator@example.org       (a password of your own)" in load_demo()


def test_back_pain_class_is_filmed_at_once_and_the_newest_class_first_of_all_others(monkeypatch):
    filmed = []

    def shoot_films(shoots):
        filmed.extend(shoot.demo.slug for shoot in shoots)
        return []

    monkeypatch.setattr("comments.management.commands.load_demo.shoot_films", shoot_films)

    call_command("load_demo", stdout=StringIO())

    assert filmed == [BACK_PAIN] * 3
    first = DBTaskResult.objects.order_by("enqueued_at").first()
    variant = Variant.objects.get(pk=first.args_kwargs["args"][0][0])
    assert variant.workout_class == WorkoutClass.objects.listed().latest("published_at")


class WhatTheDemoHolds(TestCase):
    """Looked at by each test, and loaded once for all of them: that takes a second."""

    @classmethod
    def setUpTestData(cls):
        with (
            TemporaryDirectory() as folder,
            override_settings(VAR_DIR=Path(folder)),
            patch(DRAW_PORTRAITS, dict),
        ):
            load_demo()

    def test_people_who_wrote_comments_cannot_be_signed_in_as(self):
        accounts = [account.email for account in read_studio().accounts]
        others = Member.objects.exclude(email__in=accounts)

        assert others.count() > 20
        assert not any(member.has_usable_password() for member in others)
        assert EmailAddress.objects.filter(verified=True).count() == Member.objects.count()

    def test_curator_is_staff_by_group_and_instructor_teaches_the_back_pain_class(self):
        curator = Member.objects.get(email="curator@example.org")
        instructor = Member.objects.get(email="instructor@example.org")
        assert (curator.is_staff, curator.is_superuser) == (True, False)
        assert curator.has_perm("classes.change_workoutclass")
        assert WorkoutClass.objects.get(slug=BACK_PAIN).instructors.get().member == instructor

    def test_three_classes_have_captions_in_two_languages(self):
        captions: dict[str, set[str]] = {}
        for slug, language in Captions.objects.values_list(
            "variant__workout_class__slug", "language"
        ):
            captions.setdefault(slug, set()).add(language)

        assert len(captions) == 3
        assert captions[BACK_PAIN] == {"en", "es"}
        assert all(len(languages) == 2 for languages in captions.values())

    def test_memberships_run_or_are_over(self):
        runs = {
            email: Member.objects.get(email=f"{email}@example.org").memberships.running().exists()
            for email in ("member", "trial", "trial-ended", "curator")
        }

        assert runs == {"member": True, "trial": True, "trial-ended": False, "curator": False}

    def test_two_members_find_a_library(self):
        for email, saved, seen in (("member", 4, 4), ("trial-ended", 2, 2)):
            member = Member.objects.get(email=f"{email}@example.org")
            assert member.saved_classes.count() == saved
            assert member.viewings.count() == seen
            assert member.viewings.filter(continues=True, second__gt=0).count() == 1
            assert member.viewings.exclude(done_at=None).filter(times_done__gt=0).exists()

    def test_checks_of_the_past_vouch_for_tags_and_unchecked_classes_do_not(self):
        back_pain = WorkoutClass.objects.get(slug=BACK_PAIN)
        sciatica = WorkoutClass.objects.get(slug="sciatica-room-for-the-leg")
        assert len(vouched_tags(back_pain)) == back_pain.focus_tags.count() == 4
        assert vouched_tags(sciatica) == []
        assert len(unvouched_tags(sciatica)) == 2

    def test_back_pain_class_has_five_threads_of_which_its_instructor_answered_four(self):
        workout_class = WorkoutClass.objects.get(slug=BACK_PAIN)
        teacher = workout_class.instructors.get().member

        threads = workout_class.comments.top_level()

        assert threads.count() == 5
        assert threads.filter(replies__author=teacher).distinct().count() == 4
        assert workout_class.comments.filter(
            author=teacher, body__contains="/classes/?focus=spine-safe"
        ).exists()

    def test_comments_come_after_their_class_and_replies_after_what_they_answer(self):
        dated = Comment.objects.exclude(written_at=None).select_related("workout_class", "parent")

        assert Comment.objects.filter(written_at=None).count() == 5
        for comment in dated:
            assert comment.workout_class.published_at < comment.written_at < timezone.now()
            assert comment.author.date_joined <= comment.written_at
            if comment.parent:
                assert comment.parent.written_at < comment.written_at

    def test_comments_come_in_every_state_and_counts_are_of_published_ones(self):
        elsewhere = Comment.objects.filter(author=None)

        [removed] = Comment.objects.filter(state=Comment.State.REMOVED)
        assert removed.replies.count() == 2
        held = Comment.objects.filter(state=Comment.State.HELD)
        assert sorted(held.values_list("held_for", flat=True)) == [["first"], ["first", "links"]]
        assert Decision.objects.filter(comment__in=held, act=Decision.Act.HELD).count() == 2
        assert Comment.objects.filter(parent__thread__isnull=False).exists()
        assert {each.author_name for each in elsewhere} == {"Elsie M.", "Lola F.", "Mr. Abernethy"}
        for workout_class in WorkoutClass.objects.all():
            assert workout_class.comment_count == workout_class.comments.published().count()

    def test_demo_instructor_finds_three_threads_on_her_desk(self):
        teacher = Member.objects.get(email="instructor@example.org")
        waiting = Comment.objects.filter(
            waiting_since__isnull=False, workout_class__instructors__member=teacher
        )

        assert list(waiting.order_by("waiting_since").values_list("state", flat=True)) == [
            Comment.State.PUBLISHED,
            Comment.State.PUBLISHED,
            Comment.State.HELD,
        ]

    def test_there_is_something_to_decide_to_want_and_to_read_first(self):
        [report] = Report.objects.open()
        assert report.comment.is_published
        assert report.member != report.comment.author
        [request] = ClassRequest.objects.open()
        assert request.votes.exclude(member=request.comment.author).count() == 3
        pinned = Comment.objects.get(is_pinned=True)
        assert pinned.workout_class.slug == BACK_PAIN

    def test_questions_speak_of_moments_and_an_answer_shows_a_class(self):
        said = TimeCode.objects.filter(variant__workout_class__slug=BACK_PAIN)
        assert set(said.values_list("second", flat=True)) == {17 * 60 + 45}
        assert said.count() == 2
        answers = Comment.objects.filter(author__instructor__isnull=False)
        assert any("\n/classes/undo-the-desk/" in answer.body for answer in answers)

    def test_each_film_is_left_to_the_worker_once(self):
        shoots = waiting_shoots()

        enqueue_films(shoots)
        enqueue_films(shoots)

        on_the_list = [
            pk for row in DBTaskResult.objects.all() for pk in row.args_kwargs["args"][0]
        ]
        assert sorted(on_the_list) == sorted(shoot.variant.pk for shoot in shoots)
