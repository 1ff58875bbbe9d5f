import shutil

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classes.video.playlists import (
    MediaPlaylist,
    Segment,
    read_master_playlist,
    read_media_playlist,
    write_master,
)

PLAYLIST = """\
#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="480p.mp4",BYTERANGE="1356@0"
#EXTINF:4.004000,
#EXT-X-BYTERANGE:423194@1356
480p.mp4
#EXTINF:1.301300,
#EXT-X-BYTERANGE:102669@424550
480p.mp4
#EXT-X-ENDLIST
"""


def playlist_of(*segments: tuple[float, int]) -> MediaPlaylist:
    """Segments of so many seconds and bytes, one after the other."""
    listed, offset = [], 1000
    for duration, length in segments:
        listed.append(Segment(duration, offset, length))
        offset += length
    return MediaPlaylist(4, 0, 1000, "480p.mp4", tuple(listed), is_vod=True, is_ended=True)


def test_read_media_playlist_reads_what_ffmpeg_writes():
    assert read_media_playlist(PLAYLIST) == MediaPlaylist(
        target_duration=4,
        map_offset=0,
        map_length=1356,
        uri="480p.mp4",
        segments=(
            Segment(duration=4.004, offset=1356, length=423194),
            Segment(duration=1.3013, offset=424550, length=102669),
        ),
        is_vod=True,
        is_ended=True,
    )


def test_a_playlist_knows_when_its_segments_begin():
    playlist = read_media_playlist(PLAYLIST)

    assert playlist.starts == (0, 4.004)
    assert playlist.duration == pytest.approx(5.3053)
    assert playlist.segments[0].end == playlist.segments[1].offset


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("#EXTM3U\n", "", "Line 1 is not #EXTM3U"),
        ("DURATION:4", "DURATION:4.5", "Line 3, '#EXT-X-TARGETDURATION:4.5', cannot be read"),
        ("1356@0", "1356", "Line 7, .*a byte range is <length>@<offset>"),
        (',BYTERANGE="1356@0"', "", "Line 7, .*BYTERANGE"),
        ("4.004000", "soon", "Line 8, '#EXTINF:soon,', cannot be read"),
        ("4.004000", "nan", "Line 8, .*nan is no length"),
        ("1.301300", "0", "Line 11, .*0 is no length"),
        ("102669@424550", "102669", "Line 12, .*a byte range is <length>@<offset>"),
        ("#EXT-X-BYTERANGE:102669@424550\n", "", "Line 12, '480p.mp4', cannot be read: it has no"),
        ("480p.mp4\n#EXT-X-END", "240p.mp4\n#EXT-X-END", "Line 13, '240p.mp4', cannot be read"),
        ("#EXT-X-TARGETDURATION:4\n", "", "Line 13 is the last"),
    ],
)
def test_read_media_playlist_tells_the_line_at_fault(old, new, fault):
    assert old in PLAYLIST

    with pytest.raises(ValueError, match=fault):
        read_media_playlist(PLAYLIST.replace(old, new, 1))


@pytest.mark.parametrize("text", ["", "#EXTM3U", "\n#EXTM3U", "RIFF\x00"])
def test_read_media_playlist_refuses_what_is_none(text):
    with pytest.raises(ValueError, match="Line 1 is"):
        read_media_playlist(text)


@given(st.integers(0, len(PLAYLIST)), st.integers(0, len(PLAYLIST)), st.text(max_size=10))
def test_read_media_playlist_reads_or_raises_value_error(first, last, between):
    """Whatever a disk did to it."""
    try:
        playlist = read_media_playlist(PLAYLIST[:first] + between + PLAYLIST[last:])
    except ValueError:
        return
    assert playlist.segments
    assert playlist.bandwidth >= 0


def test_the_bandwidth_is_that_of_the_densest_segment():
    assert playlist_of((4, 1000), (4, 3000), (2.5, 500)).bandwidth == 6000


def test_a_last_segment_of_a_few_pictures_counts_with_the_one_before_it():
    """By itself, a keyframe of 50 ms would ask for the bandwidth of another film."""
    playlist = playlist_of((4, 4000), (4, 4000), (0.05, 2000))

    assert playlist.bandwidth == pytest.approx(8 * 6000 / 4.05, abs=1)
    assert playlist.average_bandwidth == pytest.approx(8 * 10_000 / 8.05, abs=1)


def test_the_bandwidth_of_a_film_of_one_second_is_its_average():
    playlist = playlist_of((1, 1000))

    assert (playlist.bandwidth, playlist.average_bandwidth) == (8000, 8000)


@given(st.lists(st.tuples(st.floats(0.04, 6), st.integers(1, 10**7)), min_size=1, max_size=30))
def test_the_average_is_never_above_a_film_of_even_segments(segments):
    even = playlist_of(*((4.0, length) for _, length in segments))

    assert even.average_bandwidth <= even.bandwidth
    assert playlist_of(*segments).bandwidth > 0


def test_write_master_lists_what_was_measured(ladder, tmp_path):
    folder = shutil.copytree(ladder, tmp_path / "ladder")

    renditions = write_master(
        folder, sizes={"180p": (320, 180), "90p": (160, 90)}, frame_rate=29.97002997, has_audio=True
    )

    large, small = renditions
    assert (large.name, large.width, large.height) == ("180p", 320, 180)
    assert large.bytes == (ladder / "180p.mp4").stat().st_size
    assert large.average_bandwidth == pytest.approx(8 * large.bytes / 12, rel=0.01)
    assert (folder / "master.m3u8").read_text() == (
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        f"#EXT-X-STREAM-INF:BANDWIDTH={large.bandwidth},"
        f'AVERAGE-BANDWIDTH={large.average_bandwidth},CODECS="{large.codecs}",'
        "RESOLUTION=320x180,FRAME-RATE=29.970,CLOSED-CAPTIONS=NONE\n180p.m3u8\n"
        f"#EXT-X-STREAM-INF:BANDWIDTH={small.bandwidth},"
        f'AVERAGE-BANDWIDTH={small.average_bandwidth},CODECS="{small.codecs}",'
        "RESOLUTION=160x90,FRAME-RATE=29.970,CLOSED-CAPTIONS=NONE\n90p.m3u8\n"
    )


def test_the_codecs_are_those_of_the_file(ladder, tmp_path):
    """Browsers refuse a rendition whose profile or level they do not know."""
    folder = shutil.copytree(ladder, tmp_path / "ladder")
    sizes = {"180p": (320, 180)}

    (with_sound,) = write_master(folder, sizes=sizes, frame_rate=25, has_audio=True)
    (silent,) = write_master(folder, sizes=sizes, frame_rate=25, has_audio=False)

    with av.open(folder / "180p.mp4") as film:
        context = film.streams.video[0].codec_context
        sps = context.extradata[8:]  # after the avcC's own head
    assert with_sound.codecs == f"avc1.{sps[1:4].hex()},mp4a.40.2"
    assert silent.codecs == f"avc1.{sps[1:4].hex()}"


@pytest.mark.parametrize(
    ("names", "order"),
    [
        (["1080p", "720p", "480p", "240p"], ["480p", "1080p", "720p", "240p"]),
        (["720p", "480p", "240p"], ["480p", "720p", "240p"]),
        (["360p", "240p"], ["360p", "240p"]),
        (["720p", "240p"], ["240p", "720p"]),
        (["180p"], ["180p"]),
    ],
)
def test_players_are_to_begin_near_480p(ladder, tmp_path, names, order):
    """Sizes are of films held upright, so that it is the short side that counts."""
    for name in names:
        shutil.copy(ladder / "90p.mp4", tmp_path / f"{name}.mp4")
        shutil.copy(ladder / "90p.m3u8", tmp_path / f"{name}.m3u8")
    sizes = {name: (int(name[:-1]), 2 * int(name[:-1])) for name in names}

    renditions = write_master(tmp_path, sizes=sizes, frame_rate=25, has_audio=True)

    assert [rendition.name for rendition in renditions] == order
    listed = read_master_playlist((tmp_path / "master.m3u8").read_text())
    assert list(listed) == [f"{name}.m3u8" for name in order]


def test_a_row_can_keep_what_was_measured(ladder, tmp_path):
    folder = shutil.copytree(ladder, tmp_path / "ladder")

    (rendition,) = write_master(folder, sizes={"180p": (320, 180)}, frame_rate=25, has_audio=True)

    assert rendition.as_dict() == {
        "name": "180p",
        "width": 320,
        "height": 180,
        "bytes": rendition.bytes,
        "bandwidth": rendition.bandwidth,
        "average_bandwidth": rendition.average_bandwidth,
    }


def test_write_master_says_which_playlist_it_cannot_read(ladder, tmp_path):
    folder = shutil.copytree(ladder, tmp_path / "ladder")
    (folder / "180p.m3u8").write_text("#EXTM3U\n#EXTINF:x,\n")

    with pytest.raises(ValueError, match="Line 2"):
        write_master(folder, sizes={"180p": (320, 180)}, frame_rate=25, has_audio=True)


def test_read_master_playlist_keeps_commas_within_quotes():
    text = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="avc1.64001f,mp4a.40.2"\n480p.m3u8\n'

    assert read_master_playlist(text) == {
        "480p.m3u8": {"BANDWIDTH": "1", "CODECS": "avc1.64001f,mp4a.40.2"}
    }
