from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django_tasks_db.models import DBTaskResult

from classes.management.commands import reprocess
from classes.models import Variant, Video
from tests.factories import make_class, make_variant

from .uploads import upload

pytestmark = pytest.mark.django_db

Step = Video.Step


@pytest.fixture
def master(tmp_path):
    path = tmp_path / "film.mp4"
    path.write_text("a film")
    return path


def make_playing(slug, master, **attrs):
    """A class whose film plays and can be made anew."""
    variant = make_variant(make_class(slug=slug, variant=False), ready=False)
    attrs = {"duration": timedelta(minutes=5), **attrs}
    attrs = {"state": "ready", "step": "ladder", "plays_as": "ladder", **attrs}
    variant.video = upload(variant, master, ladder_at="2026-01-01T00:00Z", **attrs)
    variant.save()
    return variant


def said(capsys) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_reprocess_queues_films_of_named_classes(master, capsys):
    variant = make_playing("slow-mat", master)
    make_playing("fast-mat", master)

    call_command("reprocess", "slow-mat")

    again = variant.videos.get(state=Video.State.UPLOADED)
    assert (again.step, again.master.name) == (Step.LADDER, variant.video.master.name)
    assert DBTaskResult.objects.get().args_kwargs["args"] == [str(again.pk)]
    assert said(capsys) == ["slow-mat · Workout Tempo · en: queued (5:00)", "1 queued."]


def test_reprocess_queues_every_film_short_ones_first(master, capsys):
    make_playing("long", master, duration=timedelta(minutes=50))
    make_playing("short", master)
    make_class(slug="no-film", variant=False)

    call_command("reprocess", "--all")

    assert [line.split()[0] for line in said(capsys)] == ["short", "long", "2"]
    assert DBTaskResult.objects.count() == 2


def test_reprocess_only_says_what_it_would_do(master, capsys):
    make_playing("slow-mat", master)

    call_command("reprocess", "--all", "--dry-run")

    assert said(capsys) == [
        "slow-mat · Workout Tempo · en: would be queued (5:00)",
        "1 to be made anew.",
    ]
    assert Video.objects.count() == 1
    assert not DBTaskResult.objects.exists()


def test_reprocess_leaves_alone_what_is_in_the_works(master, capsys):
    make_playing("slow-mat", master)
    call_command("reprocess", "--all")
    capsys.readouterr()

    call_command("reprocess", "--all")

    assert "left alone, a film is in the works already." in said(capsys)[0]
    assert Video.objects.count() == 2


@pytest.mark.parametrize("gone", [Video, Variant])
def test_reprocess_goes_on_after_a_film_that_was_deleted_meanwhile(
    master, capsys, monkeypatch, gone
):
    make_playing("slow-mat", master)
    make_playing("fast-mat", master, duration=timedelta(minutes=9))
    remake = reprocess.remake

    def deleted(video):
        if video.duration < timedelta(minutes=9):
            gone.objects.filter(pk=video.pk if gone is Video else video.variant_id).delete()
        return remake(video)

    monkeypatch.setattr(reprocess, "remake", deleted)

    call_command("reprocess", "--all")

    assert [line.partition(":")[2] for line in said(capsys)[:2]] == [
        " left alone, it was deleted just now.",
        " queued (9:00)",
    ]


def test_reprocess_leaves_alone_what_has_no_master(master, capsys):
    variant = make_playing("slow-mat", master)
    variant.video.master.storage.delete(variant.video.master.name)

    call_command("reprocess", "--all")

    assert "left alone, its master is gone: upload it again." in said(capsys)[0]
    assert Video.objects.count() == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Name classes by their slugs, or give --all."),
        (["slow-mat", "--all"], "Name classes by their slugs, or give --all."),
        (["slow-mat", "nowhere"], "There is no class nowhere."),
    ],
)
def test_reprocess_does_nothing_where_it_is_not_told_what(master, arguments, sentence):
    make_playing("slow-mat", master)

    with pytest.raises(CommandError, match=sentence):
        call_command("reprocess", *arguments)

    assert Video.objects.count() == 1
