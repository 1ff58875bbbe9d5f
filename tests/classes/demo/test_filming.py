from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from classes.demo import filming
from classes.demo.filming import shoot_films, waiting_shoots
from classes.demo.library import fill_library
from classes.demo.studio import read_studio
from classes.demo.tasks import draw_demo_films, enqueue_films
from classes.library.continuing import to_continue
from classes.models import Variant, Video
from classes.tasks import enqueue_for
from classes.video.ffmpeg import FfmpegFailed, Stopped
from classes.video.processing import first_look, make_ladder
from tests.factories import make_checked_class, make_class, make_member, make_variant, make_video

pytestmark = pytest.mark.django_db

DEMO = read_studio().classes[0]


def demo_class(**attrs):
    """The back-pain class as it is before its films are there."""
    workout_class = make_checked_class(slug=DEMO.slug, variant=False, **attrs)
    for film in DEMO.variants:
        make_variant(workout_class, ready=False, tempo=film.tempo, language=film.language)
    return workout_class


@pytest.fixture
def drawing(monkeypatch):
    """Draws nothing; returns what would have been drawn."""
    asked = []

    def make_film(path: Path, **film) -> None:
        asked.append(film)
        path.write_bytes(b"a film")

    monkeypatch.setattr(filming, "make_film", make_film)
    monkeypatch.setattr(filming, "lengthen", lambda clip, path, minutes, binary: None)
    return asked


def test_shoots_wait_for_every_variant_without_a_film_in_the_order_of_the_demo():
    demo_class()
    make_class(slug="somebody-elses")

    assert [shoot.film for shoot in waiting_shoots()] == list(DEMO.variants)


def test_a_film_that_was_brought_in_is_not_made_again_even_if_it_failed():
    workout_class = demo_class()
    failed, ready, _ = workout_class.variants.order_by("pk")
    make_video(failed, state=Video.State.FAILED, duration=None)
    make_video(ready)

    assert [shoot.film for shoot in waiting_shoots()] == [DEMO.variants[2]]


def test_a_tiny_film_plays_at_its_first_look_and_the_check_of_its_class_stands():
    workout_class = demo_class()
    [*_, shoot] = waiting_shoots()
    tiny = replace(shoot, film=replace(shoot.film, seconds=2, minutes=1))

    [(shot, video)] = shoot_films([tiny])
    first_look(str(video.pk))

    video.refresh_from_db()
    assert video.error == ""
    assert video.plays_as == Video.PlaysAs.COPY
    assert Variant.objects.get(pk=shot.variant.pk).video == video
    assert video.poster is not None
    assert abs(video.duration - timedelta(minutes=1)) < timedelta(seconds=1)
    workout_class.refresh_from_db()
    assert workout_class.checked_at is not None


def test_members_go_on_in_a_film_that_was_drawn_after_they_watched_it(drawing):
    demo_class()
    [account] = [each for each in read_studio().accounts if each.email == "member@example.org"]
    begun = [each for each in account.watched if each.slug == DEMO.slug]
    member = make_member()
    fill_library(member, replace(account, saved=(), watched=begun), now=timezone.now())
    assert to_continue(member) == []

    for _shoot, video in shoot_films(waiting_shoots()):
        Variant.objects.filter(pk=video.variant_id).update(video=video)

    [where] = to_continue(member)
    assert where.second == begun[0].stopped_at.total_seconds()


def test_a_ladder_leaves_the_check_of_a_demo_class_alone(settings):
    settings.FILM_PRESET = "ultrafast"
    workout_class = demo_class()
    shoot = waiting_shoots()[0]
    tiny = replace(shoot, film=replace(shoot.film, seconds=2, minutes=None))
    [(_, video)] = shoot_films([tiny])
    first_look(str(video.pk))

    make_ladder(str(video.pk))

    video.refresh_from_db()
    assert (video.state, video.error) == (Video.State.READY, "")
    assert {rendition["name"] for rendition in video.renditions} == {"720p", "480p", "240p"}
    workout_class.refresh_from_db()
    assert workout_class.checked_at is not None


def test_films_name_their_exercises_in_the_language_that_is_spoken(drawing):
    demo_class()

    list(shoot_films(waiting_shoots()))

    first_names = sorted(film["exercises"][0] for film in drawing)
    assert first_names == ["Deslizamiento de talones", "Heel Slides", "Heel Slides"]


def test_each_film_of_a_class_looks_different(drawing):
    demo_class()

    list(shoot_films(waiting_shoots()))

    assert len({film["seed"] for film in drawing}) == len(DEMO.variants)


def test_a_worker_that_is_told_to_stop_leaves_what_is_not_drawn_for_the_next_start(
    monkeypatch, drawing, settings
):
    def stopped(path: Path, **film) -> None:
        raise Stopped

    monkeypatch.setattr(filming, "make_film", stopped)
    demo_class()
    waiting = waiting_shoots()

    draw_demo_films.call([shoot.variant.pk for shoot in waiting])

    assert not Video.objects.exists()
    assert not settings.MASTERS_ROOT.exists()
    assert waiting_shoots() == waiting


def test_a_film_that_cannot_be_drawn_does_not_keep_others_from_it(monkeypatch, drawing):
    draw = filming.make_film

    def make_film(path: Path, **film) -> None:
        if film["exercises"][0] == "Heel Slides":
            raise FfmpegFailed("out of luck", "")
        draw(path, **film)

    monkeypatch.setattr(filming, "make_film", make_film)
    demo_class()

    shot = list(shoot_films(waiting_shoots()))

    assert len(shot) == 3
    assert [video.original_name for _, video in shot if video] == [
        "slow-gentle-mat-for-back-pain.workout-tempo.es.mp4"
    ]


def test_the_task_brings_in_only_the_films_that_were_asked_for(drawing):
    demo_class()
    first, *_ = waiting_shoots()

    draw_demo_films.call([first.variant.pk, 999_999])

    assert [film["exercises"][0] for film in drawing] == ["Heel Slides"]
    video = Video.objects.get()
    assert (video.variant, video.keeps_check) == (first.variant, True)


def test_films_are_drawn_before_any_ladder_is_made():
    demo_class()
    urgent = make_variant(make_class(variant=False), ready=False)
    enqueue_for(make_video(urgent, state=Video.State.UPLOADED))

    enqueue_films(waiting_shoots()[:1])

    films = DBTaskResult.objects.ready().filter(queue_name="films")
    assert [task.task_path.rpartition(".")[2] for task in films] == ["draw_demo_films", "make_film"]


def test_a_class_that_moved_is_left_alone():
    demo_class().move_to("kind-mat")

    assert waiting_shoots() == []
