"""Films and masters in a bucket: how they get there, and who is led to them."""

import http.client
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.exceptions import ClientError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.urls import reverse

from classes.models import Video
from classes.video import layout, s3_store
from classes.video.bringing_in import bring_in
from classes.video.clearing import remove_files
from classes.video.ffmpeg import Stopped
from classes.video.processing import first_look, make_ladder
from classes.video.s3_store import BucketStore, MasterStorage
from classes.video.stores import film_store
from classes.watch.passes import EVERYONE, new_pass
from tests.bucket import Bucket, running_bucket, use
from tests.classes.video.clips import make_clip
from tests.factories import make_class, make_member, make_variant

FILM = bytes(range(256)) * 40
PLAYLIST = """#EXTM3U
#EXT-X-MAP:URI="480p.mp4",BYTERANGE="800@0"
#EXTINF:4.0,
#EXT-X-BYTERANGE:5000@800
480p.mp4
#EXTINF:4.0,
#EXT-X-BYTERANGE:4440@5800
480p.mp4
#EXT-X-ENDLIST
"""
MASTER = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n480p.m3u8\n"


# --- A bucket that may be out of order ----------------------------------------------------------


@pytest.fixture(scope="module")
def server() -> Iterator[Bucket]:
    with running_bucket() as server:
        yield server


@pytest.fixture
def storage(server, settings, monkeypatch) -> Bucket:
    """The site with an empty bucket; what answers for it."""
    use(server, settings, monkeypatch)
    return server


@pytest.fixture
def store(storage) -> BucketStore:
    made = film_store()
    assert isinstance(made, BucketStore)
    return made


def in_bucket(settings) -> list[str]:
    return sorted(name for name, _size in s3_store._listed(""))


def fetch(link: str, **headers: str) -> tuple[int, bytes, http.client.HTTPMessage]:
    """As a browser, which knows nothing but the link."""
    parts = urlsplit(link)
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    connection.request("GET", f"{parts.path}?{parts.query}", headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body, answer.headers


# --- Films in and out ---------------------------------------------------------------------------


@pytest.fixture
def ladder(tmp_path) -> Path:
    folder = tmp_path / "ladder"
    folder.mkdir()
    (folder / "master.m3u8").write_text(MASTER)
    (folder / "480p.m3u8").write_text(PLAYLIST)
    (folder / "480p.mp4").write_bytes(FILM)
    (folder / "film.mp4").write_bytes(FILM)
    (folder / "storyboard.vtt").write_text("WEBVTT\n")
    (folder / "storyboard-1.jpg").write_bytes(b"picture")
    return folder


def test_folder_moves_into_the_bucket(store, ladder, settings):
    names = [path.name for path in ladder.iterdir()]

    store.put_folder(ladder, "8c2e/ladder")

    assert in_bucket(settings) == sorted(f"films/8c2e/ladder/{name}" for name in names)
    assert not ladder.exists()
    with store.local("8c2e/ladder/480p.mp4") as path:
        assert path.name == "480p.mp4"
        assert path.read_bytes() == FILM
    assert not path.exists()
    assert store.size("8c2e/ladder/480p.mp4") == len(FILM)


def test_folder_takes_the_place_of_what_a_dead_worker_left(store, ladder, tmp_path, settings):
    left = tmp_path / "left"
    left.mkdir()
    (left / "1080p.mp4").write_bytes(b"half")
    store.put_folder(left, "8c2e/ladder")

    store.put_folder(ladder, "8c2e/ladder")

    assert "films/8c2e/ladder/1080p.mp4" not in in_bucket(settings)
    assert len(in_bucket(settings)) == 6


def test_file_moves_over_the_one_that_was_there(store, tmp_path):
    for content in (b"before", b"after"):
        (tmp_path / "preview.mp4").write_bytes(content)
        store.put_file(tmp_path / "preview.mp4", "8c2e/preview.mp4")

    assert not (tmp_path / "preview.mp4").exists()
    with store.local("8c2e/preview.mp4") as path:
        assert path.read_bytes() == b"after"


def test_what_is_not_in_the_bucket(store):
    assert store.size("8c2e/preview.mp4") is None
    with pytest.raises(FileNotFoundError), store.local("8c2e/preview.mp4"):
        pass
    store.remove("8c2e")


def test_removing_a_film_leaves_its_neighbours(store, ladder, settings):
    shutil.copytree(ladder, ladder.with_name("other"))
    store.put_folder(ladder, "8c2e/ladder")
    store.put_folder(ladder.with_name("other"), "8c2e-other/ladder")

    store.remove("8c2e")

    assert {name.split("/")[1] for name in in_bucket(settings)} == {"8c2e-other"}


# --- Masters ------------------------------------------------------------------------------------


def test_master_is_stored_and_read_in_pieces(storage, monkeypatch):
    monkeypatch.setattr(s3_store, "_PIECE", 1000)
    masters = MasterStorage()

    name = masters.save("8c2e/master", ContentFile(FILM))

    assert name == "8c2e/master"
    assert (masters.exists(name), masters.size(name)) == (True, len(FILM))
    with masters.open(name) as file:
        assert file.read() == FILM
        file.seek(-300, 2)
        assert file.read(100) == FILM[-300:-200]
    masters.delete(name)
    assert not masters.exists(name)


def test_master_that_is_gone_is_said_to_be(storage):
    masters = MasterStorage()

    with pytest.raises(FileNotFoundError):
        masters.open("8c2e/master")
    with pytest.raises(FileNotFoundError):
        masters.size("8c2e/master")
    masters.delete("8c2e/master")


def test_master_has_neither_address_nor_path(storage):
    for ask in (MasterStorage().url, MasterStorage().path):
        with pytest.raises(NotImplementedError):
            ask("8c2e/master")


def test_upload_stays_open_for_who_sent_it(storage):
    upload = TemporaryUploadedFile("film.mp4", "video/mp4", len(FILM), None)
    upload.write(FILM)

    MasterStorage().save("8c2e/master", upload)

    assert not upload.file.closed
    upload.close()


# --- Out of order -------------------------------------------------------------------------------


def test_folder_waits_for_a_bucket_that_answers_500_for_a_while(store, storage, ladder, settings):
    storage.faults = 40

    store.put_folder(ladder, "8c2e/ladder")

    assert storage.faults == 0
    assert len(in_bucket(settings)) == 6


def test_master_is_read_from_a_bucket_that_answers_500_for_a_while(storage, monkeypatch):
    masters = MasterStorage()
    masters.save("8c2e/master", ContentFile(FILM))
    with masters.open("8c2e/master") as file:
        storage.faults = 20
        assert file.read() == FILM


def test_nobody_waits_for_ever(store, storage, ladder, monkeypatch):
    monkeypatch.setattr(s3_store, "PATIENCE", -1)
    storage.faults = 10_000

    with pytest.raises(s3_store._FAULTS):
        store.put_folder(ladder, "8c2e/ladder")

    assert ladder.exists()


def test_who_is_told_to_stop_does_not_wait(store, storage, ladder, monkeypatch):
    def stopped(seconds):
        raise Stopped

    monkeypatch.setattr(s3_store, "pause", stopped)
    storage.faults = 10_000

    with pytest.raises(Stopped):
        store.put_folder(ladder, "8c2e/ladder")


def test_a_wrong_bucket_is_no_reason_to_wait(store, tmp_path, settings, monkeypatch):
    monkeypatch.setattr(s3_store, "pause", lambda seconds: pytest.fail("It waited"))
    settings.S3_BUCKET = "nobody-made-this-one"
    (tmp_path / "preview.mp4").write_bytes(FILM)

    with pytest.raises(Exception, match="NoSuchBucket"):
        store.put_file(tmp_path / "preview.mp4", "8c2e/preview.mp4")
    with pytest.raises(ClientError):
        MasterStorage().save("8c2e/master", ContentFile(FILM))


def test_removing_is_not_an_error_where_the_bucket_does_not_answer(store, storage, caplog):
    storage.faults = 10

    store.remove("8c2e")

    assert "Could not remove 8c2e" in caplog.text


# --- The whole way ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def clip(tmp_path_factory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "film.mp4")


@pytest.fixture
def coming(db, storage, settings, clip) -> Video:
    """A film that was brought in, its master in the bucket."""
    settings.FILM_PRESET = "ultrafast"
    variant = make_variant(make_class(variant=False, is_free=True), ready=False)
    return bring_in(variant, clip, name="film.mp4")


def local_files(settings) -> list[Path]:
    return [
        path
        for root in (settings.FILMS_ROOT, settings.MASTERS_ROOT, settings.FILE_UPLOAD_TEMP_DIR)
        for path in root.rglob("*")
        if path.is_file()
    ]


def test_film_is_made_from_a_bucket_into_the_bucket_while_that_fails_now_and_then(
    client, coming, storage, settings
):
    assert in_bucket(settings) == [f"masters/{coming.pk}/master"]

    storage.faults = 20
    first_look(str(coming.pk))
    coming.refresh_from_db()
    assert coming.plays_as == Video.PlaysAs.COPY
    storage.faults = 20
    make_ladder(str(coming.pk))

    coming.refresh_from_db()
    assert (coming.state, coming.plays_as) == (Video.State.READY, Video.PlaysAs.LADDER)
    below = f"films/{coming.pk}"
    assert {f"{below}/ladder/{name}" for name in coming.files} <= set(in_bucket(settings))
    assert {f"{below}/preview.mp4", f"{below}/copy/copy.mp4"} <= set(in_bucket(settings))
    assert local_files(settings) == []
    token = new_pass(EVERYONE).token(coming.pk)
    name = f"{coming.renditions[0]['name']}.m3u8"
    playlist = client.get(reverse("classes:film", args=[token, coming.pk, name]))
    links = set(re.findall(r"^http.*", playlist.content.decode(), re.MULTILINE))
    assert len(links) == 1
    status, body, headers = fetch(links.pop())
    assert (status, len(body)) == (200, coming.files[name.replace("m3u8", "mp4")])
    assert headers["Content-Type"] == "video/mp4"
    assert headers["Cache-Control"] == "private, max-age=21600, immutable"


def test_film_whose_bucket_stays_out_of_order_waits_and_shows_nothing(
    coming, storage, settings, monkeypatch
):
    first_look(str(coming.pk))
    monkeypatch.setattr(s3_store, "PATIENCE", -1)
    real = BucketStore._upload

    def breaks_in_the_middle(self, path, key):
        if key.endswith("film.mp4"):
            storage.faults = 10_000
        real(self, path, key)

    monkeypatch.setattr(BucketStore, "_upload", breaks_in_the_middle)
    make_ladder(str(coming.pk))

    coming.refresh_from_db()
    assert (coming.state, coming.step) == (Video.State.UPLOADED, Video.Step.LADDER)
    assert (coming.plays_as, coming.files) == (Video.PlaysAs.COPY, {})
    assert coming.variant.video == coming  # as it was uploaded, as before


def test_film_that_is_deleted_leaves_nothing_in_the_bucket(coming, settings):
    first_look(str(coming.pk))
    Video.objects.all().delete()

    remove_files([coming])

    assert in_bucket(settings) == []


# --- Who is led there ---------------------------------------------------------------------------


@pytest.fixture
def video(db, store, ladder, tmp_path) -> Video:
    video = make_class().variants.get().video
    store.put_folder(ladder, f"{video.pk}/ladder")
    (tmp_path / "preview.mp4").write_bytes(FILM[:100])
    store.put_file(tmp_path / "preview.mp4", layout.key(video.pk, layout.PREVIEW))
    return video


@pytest.fixture
def ask(client, video, time_machine):
    """Asks for a file of the film with a pass for everyone, three hours before it ends."""
    time_machine.move_to(datetime(2050, 11, 22, 8, 30, tzinfo=UTC))
    film_pass = new_pass(EVERYONE)

    def ask(name: str, *, before_the_end: timedelta = timedelta(hours=9)):
        moment = datetime.fromtimestamp(film_pass.expires, UTC) - before_the_end
        time_machine.move_to(moment, tick=False)
        address = reverse("classes:film", args=[film_pass.token(video.pk), video.pk, name])
        return client.get(address)

    return ask


def seconds_of(link: str) -> int:
    return int(parse_qs(urlsplit(link).query)["X-Amz-Expires"][0])


def test_playlist_names_the_media_in_the_bucket(ask, video, settings):
    response = ask("480p.m3u8")

    text = response.content.decode()
    link = re.search(r'URI="([^"]+)"', text)[1]
    assert text == PLAYLIST.replace("480p.mp4", link)
    bucket = f"{settings.S3_ENDPOINT_URL}/{settings.S3_BUCKET}/"
    assert link.startswith(f"{bucket}films/{video.pk}/ladder/480p.mp4?")
    status, body, _ = fetch(link, Range="bytes=800-5799")
    assert (status, body) == (206, FILM[800:5800])


def test_master_playlist_leads_on_to_the_site(ask):
    assert ask("master.m3u8").content.decode() == MASTER


def test_text_beside_the_film_comes_from_the_site(ask):
    assert ask("storyboard.vtt").content == b"WEBVTT\n"


@pytest.mark.parametrize("name", ["film.mp4", "480p.mp4", "storyboard-1.jpg"])
def test_other_files_are_a_redirect_away(ask, ladder, name):
    response = ask(name)

    assert response.status_code == 302
    assert fetch(response["Location"])[0] == 200


@pytest.mark.parametrize(
    ("before_the_end", "works", "kept"),
    [
        (timedelta(hours=9), 6 * 3600, 3600),
        (timedelta(hours=2), 2 * 3600, 3600),
        (timedelta(minutes=5), 300, 300),
    ],
)
def test_link_works_for_six_hours_and_never_longer_than_the_pass(ask, before_the_end, works, kept):
    film = ask("film.mp4", before_the_end=before_the_end)
    playlist = ask("480p.m3u8", before_the_end=before_the_end)

    link = re.search(r'URI="([^"]+)"', playlist.content.decode())[1]
    assert seconds_of(film["Location"]) == seconds_of(link) == works
    assert film["Cache-Control"] == playlist["Cache-Control"] == f"private, max-age={kept}"


def test_nobody_is_led_to_the_bucket_without_a_pass(client, video):
    token = new_pass(make_member().pk).token(video.pk)

    for name in ("480p.m3u8", "film.mp4"):
        response = client.get(reverse("classes:film", args=[token, video.pk, name]))
        assert response.status_code == 403
        assert "Location" not in response


def test_preview_is_a_public_redirect_away(client, video):
    response = client.get(reverse("classes:preview", args=[video.pk]))

    assert (response.status_code, response["Cache-Control"]) == (302, "public, max-age=3600")
    status, body, headers = fetch(response["Location"])
    assert (status, body) == (200, FILM[:100])
    assert headers["Cache-Control"] == "public, max-age=3600"


def test_playlist_that_is_missing_is_404(ask):
    assert ask("720p.m3u8").status_code == 404
