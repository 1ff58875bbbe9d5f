"""What a player is told of a film."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import translation

from classes.models import Captions, Video
from classes.watch.passes import EVERYONE, new_pass
from classes.watch.playback import Source, mp4_url, playback_of, preview_url
from classes.watch.watching import Decision, Reason
from tests.factories import make_class, make_member, make_variant

pytestmark = pytest.mark.django_db

YES = Decision(True, Reason.MEMBERSHIP)
FREE = Decision(True, Reason.FREE)
NO = Decision(False, Reason.SIGN_IN)


@pytest.fixture
def variant():
    return make_class().variants.select_related("video", "workout_class").get()


@pytest.fixture
def play(rf, variant):
    """What a member, or a visitor, is told about the variant's film."""

    def play(decision: Decision, member=None):
        request = rf.get("/")
        request.user = member or AnonymousUser()
        return playback_of(request, variant, decision)

    return play


def test_ladder_plays_through_its_playlist_or_as_one_file(play, variant):
    member = make_member()
    folder = f"/v/{new_pass(member.pk).token(variant.video_id)}/{variant.video_id}"

    playback = play(YES, member)

    assert playback.video_id == variant.video_id
    assert playback.sources == (
        Source(f"{folder}/master.m3u8", "application/vnd.apple.mpegurl"),
        Source(f"{folder}/film.mp4", "video/mp4"),
    )
    assert playback.mp4_url == f"{folder}/film.mp4"
    assert playback.storyboard_url == f"{folder}/storyboard.vtt"
    assert playback.pass_url == f"/v/{variant.video_id}/pass"
    assert not playback.preview


def test_page_without_a_player_shows_one_file(rf, variant, django_assert_num_queries):
    request = rf.get("/")
    request.user = make_member()

    with django_assert_num_queries(0):
        address = mp4_url(request, variant, YES)

    assert address == playback_of(request, variant, YES).mp4_url
    assert request.film_pass == new_pass(request.user.pk)


def test_film_is_opened_for_nobody_whom_the_decision_refuses(rf, variant):
    request = rf.get("/")
    request.user = AnonymousUser()

    with pytest.raises(ValueError, match="not for whoever asks"):
        mp4_url(request, variant, NO)
    with pytest.raises(ValueError, match="not for whoever asks"):
        playback_of(request, variant, YES)


def test_copy_plays_as_one_file_without_a_storyboard(play, variant):
    variant.video.plays_as = Video.PlaysAs.COPY

    playback = play(YES, make_member())

    assert [source.url.rpartition("/")[2] for source in playback.sources] == ["copy.mp4"]
    assert playback.storyboard_url == ""


def test_who_may_not_watch_is_told_of_the_preview_alone(play, variant, django_assert_num_queries):
    Captions.objects.create(variant=variant, language="es", text="WEBVTT")

    with django_assert_num_queries(0):
        playback = play(NO)

    assert playback.sources == (Source(preview_url(variant.video), "video/mp4"),)
    assert playback.preview
    assert (playback.tracks, playback.storyboard_url, playback.pass_url) == ((), "", "")


def test_free_film_has_the_same_addresses_for_all(play, variant):
    playback = play(FREE, make_member())

    assert playback == play(FREE)
    assert new_pass(EVERYONE).token(variant.video_id) in playback.mp4_url


def test_a_preview_that_was_cut_anew_has_another_address(variant):
    before = preview_url(variant.video)
    variant.video.preview_version += 1

    assert preview_url(variant.video) != before


def test_a_variant_without_a_film_is_a_fault_of_the_caller(rf, variant):
    without = make_variant(variant.workout_class, language="es", ready=False)

    with pytest.raises(ValueError, match="no film"):
        playback_of(rf.get("/"), without, NO)


@pytest.mark.parametrize(
    ("reads", "spoken", "captions", "expected"),
    [
        ("es", "en", ["de", "en", "es"], ["es*", "de", "en"]),
        ("es", "en", ["en", "es-AR", "es-MX"], ["es-AR*", "es-MX", "en"]),
        ("en", "en", ["de", "en"], ["en", "de"]),
        ("en", "en-GB", ["en-GB"], ["en-GB"]),
        ("es", "en", ["de", "en"], ["de", "en"]),
    ],
)
def test_captions_in_the_readers_language_come_first_and_show_where_needed(
    play, variant, reads, spoken, captions, expected
):
    variant.language = spoken
    for language in captions:
        Captions.objects.create(variant=variant, language=language, text="WEBVTT")

    with translation.override(reads):
        tracks = play(YES, make_member()).tracks

    assert [track.language + "*" * track.is_default for track in tracks] == expected


def test_captions_are_named_in_their_own_language(play, variant):
    Captions.objects.create(variant=variant, language="es", text="WEBVTT")

    (track,) = play(YES, make_member()).tracks

    assert track.label == "Español"
    assert track.url.endswith(f"/{variant.video_id}/captions.es.vtt")
