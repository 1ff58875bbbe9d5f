"""Films as curators bring them in: from the form to the film that plays."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings as site
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from classes.admin.films import begins_like_a_film
from classes.models import State, Video, WorkoutClass
from classes.uploads import SPARE_BYTES
from classes.video import layout
from classes.video.processing import first_look
from tests.classes.video.clips import real_clip
from tests.factories import (
    make_checked_class,
    make_class,
    make_focus_tag,
    make_member,
    make_movement,
    make_variant,
    make_video,
)

from .conftest import errors_of, messages_of, submitted

REFUSAL = "This file cannot be read as a film. MP4, MOV, MKV, WebM, AVI and MPEG-TS files can be."


def page_of(workout_class: WorkoutClass) -> str:
    return reverse("admin:classes_workoutclass_change", args=[workout_class.pk])


def make_draft(**attrs) -> WorkoutClass:
    return make_class(state=State.DRAFT, published_at=None, **attrs)


def real_film() -> SimpleUploadedFile:
    content = real_clip("bikes.mp4").read_bytes()
    return SimpleUploadedFile("bikes.mp4", content, "video/mp4")


def like_a_film(name: str = "morning.mp4") -> SimpleUploadedFile:
    """Begins as an MP4 does, and ends there."""
    return SimpleUploadedFile(name, b"\0\0\0\x18ftypmp42" + b"\0" * 64, "video/mp4")


def lay_on_disk(video: Video) -> Path:
    """One of the files that were made of a film."""
    path = Path(site.FILMS_ROOT) / layout.key(video.pk, layout.FALLBACK)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"film")
    return path


def masters() -> list[Path]:
    return [path for path in Path(site.MASTERS_ROOT).rglob("*") if path.is_file()]


def uploads() -> list[Path]:
    return list(Path(site.FILE_UPLOAD_TEMP_DIR).iterdir())


def test_uploaded_film_plays_once_it_was_prepared(desk, django_capture_on_commit_callbacks):
    draft = make_draft(variant=False)

    with django_capture_on_commit_callbacks(execute=True):
        response = desk.post(
            page_of(draft), submitted(draft, **{"variants-0-film": real_film()}), follow=True
        )
    video = Video.objects.get()
    assert DBTaskResult.objects.get().args_kwargs["args"] == [str(video.pk)]
    assert "is being prepared" in messages_of(response)
    first_look(str(video.pk))

    [variant] = draft.variants.ready()
    assert variant.video == video
    assert (video.original_name, variant.language) == ("bikes.mp4", "en")
    assert variant.video.plays_as == Video.PlaysAs.COPY
    assert f"/{video.pk}/copy.mp4" in desk.get(draft.get_absolute_url()).content.decode()


def test_film_row_says_who_brought_it(desk, curator):
    draft = make_draft(variant=False)

    desk.post(page_of(draft), submitted(draft, **{"variants-0-film": like_a_film()}))

    assert Video.objects.get().uploaded_by == curator


def test_text_with_the_name_of_a_film_is_refused_and_leaves_nothing(desk):
    draft = make_draft(variant=False)
    words = SimpleUploadedFile("morning.mp4", b"these are only words", "video/mp4")

    response = desk.post(
        page_of(draft), submitted(draft, title="Evening", **{"variants-0-film": words})
    )

    assert REFUSAL in errors_of(response)
    assert 'value="Evening"' in response.content.decode()
    assert not Video.objects.exists()
    assert masters() == []


def test_what_only_begins_like_a_film_fails_in_words_and_leaves_nothing(desk):
    draft = make_draft(variant=False)
    desk.post(page_of(draft), submitted(draft, **{"variants-0-film": like_a_film()}))

    first_look(str(Video.objects.get().pk))

    assert "cannot be read as a film" in desk.get(page_of(draft)).content.decode()
    assert masters() == []


@pytest.mark.parametrize(
    ("head", "is_film"),
    [
        (b"\0\0\0\x20ftypisom", True),
        (b"\0\0\0\x08wide\0\0", True),
        (b"\x1a\x45\xdf\xa3\x01\0", True),
        (b"RIFF\0\0\0\0AVI ", True),
        (b"\x47\x40\0\x10", True),
        (b"#EXTM3U\n", False),
        (b"\x89PNG\r\n\x1a\n", False),
        (b"<html>", False),
        (b"", False),
    ],
)
def test_first_look_tells_films_from_other_files(head, is_film):
    assert begins_like_a_film(head) == is_film


def test_new_film_takes_the_check_back_and_says_so(desk):
    tag = make_focus_tag(name="Spine Safe", forbids=[make_movement()])
    workout_class = make_checked_class(focus_tags=[tag])

    response = desk.post(
        page_of(workout_class),
        submitted(workout_class, **{"variants-0-film": like_a_film()}),
        follow=True,
    )

    workout_class.refresh_from_db()
    assert not workout_class.is_checked
    assert "A new film was brought in" in messages_of(response)
    assert workout_class.variants.get().is_ready  # the old film plays on


def test_new_variant_takes_the_check_back(desk):
    workout_class = make_checked_class()

    desk.post(page_of(workout_class), submitted(workout_class, **{"variants-1-language": "es"}))

    workout_class.refresh_from_db()
    assert "A variant was added" in workout_class.check_withdrawn


def test_saving_without_a_film_keeps_films_and_check(desk):
    workout_class = make_checked_class()

    desk.post(page_of(workout_class), submitted(workout_class))

    workout_class.refresh_from_db()
    assert workout_class.is_checked
    assert Video.objects.count() == 1


def test_language_is_written_the_one_way_that_is_stored(desk):
    draft = make_draft()

    desk.post(page_of(draft), submitted(draft, **{"variants-1-language": "PT-br"}))

    assert draft.variants.filter(language="pt-BR").exists()


def test_word_that_is_no_language_is_refused(desk):
    draft = make_draft()

    response = desk.post(page_of(draft), submitted(draft, **{"variants-1-language": "Spanish!"}))

    assert "is no language tag" in errors_of(response)


def test_same_tempo_and_language_twice_is_refused(desk):
    draft = make_draft()
    make_variant(draft, language="es")

    response = desk.post(page_of(draft), submitted(draft, **{"variants-1-language": "en"}))

    assert "duplicate" in errors_of(response)


def test_film_larger_than_the_site_takes_is_refused_and_the_rest_survives(desk, settings):
    settings.UPLOAD_LIMIT_BYTES = 1000
    draft = make_draft(variant=False)
    large = SimpleUploadedFile("long.mp4", b"\0\0\0\x18ftypmp42" + b"\0" * 3000, "video/mp4")

    response = desk.post(
        page_of(draft), submitted(draft, title="Evening", **{"variants-0-film": large})
    )

    assert "too large" in errors_of(response)
    assert 'value="Evening"' in response.content.decode()
    assert masters() == []


def test_film_for_which_the_disk_has_no_room_is_refused(desk, monkeypatch):
    draft = make_draft(variant=False)
    monkeypatch.setattr(
        "classes.uploads.shutil.disk_usage", lambda path: SimpleNamespace(free=SPARE_BYTES + 10)
    )

    response = desk.post(page_of(draft), submitted(draft, **{"variants-0-film": like_a_film()}))

    assert "no room for this file" in errors_of(response)
    assert masters() == []


def test_large_upload_waits_on_the_disk_of_the_masters_and_moves(desk, settings):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 10
    draft = make_draft(variant=False)
    before = uploads()

    response = desk.post(page_of(draft), submitted(draft, **{"variants-0-film": like_a_film()}))

    assert response.status_code == 302, errors_of(response)
    assert len(masters()) == 1
    assert uploads() == before


def test_files_are_gone_when_saving_fails(desk, monkeypatch):
    draft = make_draft(variant=False)
    monkeypatch.setattr("classes.admin.history._write_line", lambda obj: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        desk.post(page_of(draft), submitted(draft, **{"variants-0-film": like_a_film()}))

    assert masters() == []
    assert not Video.objects.exists()


def test_variant_that_is_taken_away_takes_its_files_along(desk, django_capture_on_commit_callbacks):
    draft = make_draft()
    video = Video.objects.get()
    film = lay_on_disk(video)

    with django_capture_on_commit_callbacks(execute=True):
        desk.post(page_of(draft), submitted(draft, **{"variants-0-DELETE": "on"}))

    assert not film.exists()
    assert not Video.objects.exists()


def test_deleted_draft_takes_its_files_along(desk, django_capture_on_commit_callbacks):
    draft = make_draft()
    film = lay_on_disk(Video.objects.get())

    with django_capture_on_commit_callbacks(execute=True):
        address = reverse("admin:classes_workoutclass_delete", args=[draft.pk])
        desk.post(address, {"post": "yes"})

    assert not film.exists()


def test_panels_tell_how_far_each_film_is(desk):
    draft = make_draft()
    [variant] = draft.variants.all()
    make_video(variant, state=Video.State.PROCESSING, duration=None, progress=43)

    panels = desk.get(reverse("admin:classes_films", args=[draft.pk])).json()

    assert "43" in panels[str(variant.pk)]
    assert "data-film-working" in panels[str(variant.pk)]


def test_variant_is_looked_at_and_not_changed_on_its_own_page(desk):
    variant = make_draft().variants.get()

    page = desk.get(reverse("admin:classes_variant_change", args=[variant.pk]))

    assert page.status_code == 200
    assert b'name="_save"' not in page.content


def test_variant_is_not_deleted_on_its_own_page(desk):
    variant = make_draft().variants.get()

    response = desk.post(
        reverse("admin:classes_variant_delete", args=[variant.pk]), {"post": "yes"}
    )

    assert response.status_code == 403


def test_history_of_a_variant_is_kept(desk):
    draft = make_draft()
    desk.post(page_of(draft), submitted(draft, **{"variants-0-language": "es"}))

    page = desk.get(reverse("admin:classes_variant_history", args=[draft.variants.get().pk]))

    assert "es" in page.content.decode()


# --- Before a film travels ------------------------------------------------------------------------


def may_send(client, size: int, head: bytes) -> str:
    address = reverse("admin:classes_may_send")
    data = {"bytes": size, "head": SimpleUploadedFile("head", head)}
    return client.post(address, data).json()["refusal"]


def test_film_may_be_sent(desk):
    assert may_send(desk, 5_000_000, b"\0\0\0\x18ftypmp42") == ""


def test_what_is_no_film_is_refused_by_its_first_bytes(desk):
    assert may_send(desk, 5_000_000, b"these are only w") == REFUSAL


def test_film_that_is_too_large_is_refused_by_its_size(desk, settings):
    settings.UPLOAD_LIMIT_BYTES = 1000

    assert "too large" in may_send(desk, 5_000_000, b"\0\0\0\x18ftypmp42")


def test_film_without_room_is_refused_by_its_size(desk, monkeypatch):
    monkeypatch.setattr(
        "classes.uploads.shutil.disk_usage", lambda path: SimpleNamespace(free=SPARE_BYTES + 10)
    )

    assert "no room" in may_send(desk, 5_000_000, b"\0\0\0\x18ftypmp42")


def test_only_who_brings_films_is_told_of_the_disk(client, db):
    client.force_login(make_member(is_staff=True))

    assert client.post(reverse("admin:classes_may_send"), {"bytes": "5"}).status_code == 403
