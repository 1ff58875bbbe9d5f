"""Odd but good films, each made on the spot: all come out as every other film does."""

import zipfile
from fractions import Fraction

import pytest

from classes.video.errors import FilmRefused
from classes.video.plan import Encoding
from classes.video.probe import judge_film, probe_film

from .clips import (
    AAC,
    H264,
    MARKS,
    PICTURE,
    SOUND,
    colours_of,
    ffmpeg,
    make_clip,
    marked_clip,
    marks_of,
    real_clip,
)
from .conformance import assert_conformant, make_ladder, sizes

X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1")


@pytest.fixture
def made(tmp_path):
    """Where the renditions go."""
    return tmp_path / "ladder"


def test_a_film_held_sideways_comes_out_upright(tmp_path, made):
    lying, turned = marked_clip(tmp_path / "lying.mp4"), tmp_path / "turned.mp4"
    ffmpeg("-display_rotation", "90", "-i", lying, "-c", "copy", turned)

    plan = make_ladder(turned, made)

    assert_conformant(made, plan)
    assert sizes(plan) == [(180, 320)]
    assert marks_of(made / "180p.mp4") == ["green", "white", "red", "blue"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("turn", "name", "size", "marks"),
    [
        ("180", "turned.mp4", (320, 180), ["white", "blue", "green", "red"]),
        ("270", "turned.mov", (180, 320), ["blue", "red", "white", "green"]),
    ],
)
def test_a_film_turned_otherwise_comes_out_upright(tmp_path, made, turn, name, size, marks):
    lying, turned = marked_clip(tmp_path / "lying.mp4"), tmp_path / name
    ffmpeg("-display_rotation", turn, "-i", lying, "-c", "copy", turned)

    plan = make_ladder(turned, made)

    assert_conformant(made, plan)
    assert sizes(plan) == [size]
    assert marks_of(made / "180p.mp4") == marks


def test_frames_at_uneven_times_become_even_ones(tmp_path, made):
    uneven = make_clip(
        tmp_path / "uneven.mp4",
        seconds=4,
        more=("-vf", "select='not(mod(n,3))+gt(mod(n,50),25)'", "-fps_mode", "vfr"),
    )

    plan = make_ladder(uneven, made)

    assert_conformant(made, plan)
    assert 15 < plan.frame_rate < 19


def test_a_film_that_is_not_quite_thirty_stays_in_step(tmp_path, made):
    """29.97 pictures a second do not fit into two seconds, nor a keyframe onto the clock."""
    clip = make_clip(tmp_path / "film.mp4", seconds=9, picture="testsrc2=s=320x240:r=30000/1001")

    plan = make_ladder(clip, made)

    assert_conformant(made, plan)
    assert (plan.frame_rate, plan.gop) == (Fraction(30000, 1001), 60)


def test_a_silent_film_stays_silent(tmp_path, made):
    plan = make_ladder(make_clip(tmp_path / "film.mp4", sound=False), made)

    assert_conformant(made, plan)
    assert not plan.has_audio


def test_the_sound_of_a_telephone_becomes_that_of_a_studio(tmp_path, made):
    quiet = make_clip(
        tmp_path / "film.mp4", audio=("-c:a", "aac", "-ac", "1", "-ar", "8000", "-b:a", "16k")
    )

    plan = make_ladder(quiet, made)

    assert_conformant(made, plan)
    assert plan.has_audio


def test_sound_that_ends_early_goes_on_in_silence(tmp_path, made):
    clip = tmp_path / "film.mp4"
    ffmpeg(
        *("-f", "lavfi", "-i", f"{PICTURE}:d=5", "-f", "lavfi", "-i", f"{SOUND}:d=1"),
        *(*H264, *AAC, clip),
    )

    assert_conformant(made, make_ladder(clip, made))


def test_a_picture_that_begins_late_stands_still_until_then(tmp_path, made):
    clip = tmp_path / "film.mkv"
    ffmpeg(
        *("-f", "lavfi", "-i", f"{PICTURE}:d=3", "-f", "lavfi", "-i", f"{SOUND}:d=4"),
        *("-filter:v", "setpts=PTS+1/TB", *H264, *AAC, clip),
    )

    assert_conformant(made, make_ladder(clip, made))


@pytest.mark.parametrize(
    "transfer",
    ["smpte2084", pytest.param("arib-std-b67", marks=pytest.mark.slow)],
)
def test_a_film_of_high_dynamic_range_keeps_its_colours(tmp_path, made, transfer):
    """What was red is red, grey has no tint, and white of paper still looks white."""
    to_hdr = (
        "format=gbrp,setparams=color_trc=iec61966-2-1:color_primaries=bt709:colorspace=gbr,"
        "zscale=t=linear:npl=203,format=gbrpf32le,"
        f"zscale=p=bt2020:t={transfer}:m=bt2020nc:r=tv,format=yuv420p10le"
    )
    tags = f"log-level=none:colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc"
    clip = marked_clip(
        tmp_path / "hdr.mp4", filters=to_hdr, video=(*X265, "-x265-params", tags), sound=True
    )

    plan = make_ladder(clip, made)

    assert_conformant(made, plan)
    assert marks_of(made / "180p.mp4") == list(MARKS)
    *_, white, grey = colours_of(made / "180p.mp4")
    assert min(white) > 160
    assert all(85 < level < 145 for level in grey)
    assert max(grey) - min(grey) < 6


@pytest.mark.slow
def test_a_film_that_only_says_how_bright_it_is_counts_as_hdr(tmp_path, made):
    """Some cameras name the transfer and leave the rest to be guessed."""
    clip = marked_clip(
        tmp_path / "hdr.mp4",
        filters="format=yuv420p10le",
        video=(*X265, "-x265-params", "log-level=none:transfer=arib-std-b67"),
    )

    assert_conformant(made, make_ladder(clip, made))


@pytest.mark.parametrize(
    ("filters", "tags"),
    [
        ("scale=out_color_matrix=bt601:out_range=tv,format=yuv420p", ()),
        ("scale=out_color_matrix=bt709:out_range=tv,format=yuv420p", ("-colorspace", "bt709")),
        ("scale=out_color_matrix=bt601:out_range=pc,format=yuvj420p", ("-color_range", "pc")),
    ],
    ids=["not said", "BT.709", "full range"],
)
def test_colours_stay_as_they_were(tmp_path, made, filters, tags):
    clip = marked_clip(tmp_path / "film.mp4", filters=filters, video=(*H264[:4], *tags))

    make_ladder(clip, made)

    assert_colours(made / "180p.mp4")


@pytest.mark.slow
def test_colours_of_a_large_film_that_says_nothing_are_taken_for_those_of_television(
    tmp_path, made
):
    clip = marked_clip(
        tmp_path / "film.mp4",
        size=(1280, 720),
        filters="scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,setparams=colorspace=2",
        video=H264,
    )
    assert probe_film(clip).matrix == ""

    make_ladder(clip, made)

    for name in ("720p", "240p"):
        assert_colours(made / f"{name}.mp4")


@pytest.mark.slow
def test_colours_of_a_recorded_screen_stay_as_they_were(tmp_path, made):
    """Those who record screens do without numbers for colours: red, green and blue."""
    clip = marked_clip(tmp_path / "film.mkv", filters="format=gbrp", video=("-c:v", "ffv1"))

    make_ladder(clip, made)

    assert_colours(made / "180p.mp4")


def assert_colours(film) -> None:
    for shown, painted in zip(colours_of(film), (*MARKS.values(), (128,) * 3), strict=True):
        assert shown == pytest.approx(painted, abs=10)


def test_an_odd_number_of_pixels_becomes_even_and_no_larger(tmp_path, made):
    odd = make_clip(
        tmp_path / "odd.mp4",
        video=("-c:v", "libx264", "-preset", "ultrafast"),
        more=("-vf", "scale=320:180,crop=301:159,format=yuv444p"),
    )
    probe = probe_film(odd)

    plan = make_ladder(odd, made)

    assert_conformant(made, plan)
    assert (probe.width, probe.height, probe.pixel_format) == (301, 159, "yuv444p")
    assert sizes(plan) == [(300, 158)]


def test_pixels_that_are_not_square_become_square(tmp_path, made):
    wide = make_clip(tmp_path / "wide.mp4", more=("-vf", "scale=720:576,setsar=64/45"))

    plan = make_ladder(wide, made)

    assert_conformant(made, plan)
    assert sizes(plan) == [(854, 480), (426, 240)]


def test_an_interlaced_film_becomes_whole_pictures(tmp_path, made):
    interlaced = tmp_path / "film.ts"
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=s=720x576:r=50:d=3,interlace", "-f", "lavfi", "-i", SOUND),
        *("-c:v", "mpeg2video", "-b:v", "4M", "-flags", "+ildct+ilme", "-t", "3", interlaced),
    )

    plan = make_ladder(interlaced, made)

    assert_conformant(made, plan)
    assert plan.prelude[0].startswith("bwdif")
    assert plan.frame_rate == 25
    assert not probe_film(made / "480p.mp4").is_interlaced


def test_a_thousand_pictures_a_second_become_few(tmp_path, made):
    fast = make_clip(tmp_path / "fast.mp4", picture="testsrc2=s=64x64:r=1000", sound=False)

    plan = make_ladder(fast, made)

    assert_conformant(made, plan)
    assert plan.frame_rate == Fraction(1000, 64)


@pytest.mark.slow
def test_sixty_pictures_a_second_stay_where_the_studio_wants_them(tmp_path, made):
    clip = make_clip(tmp_path / "film.mp4", picture="testsrc2=s=320x180:r=60", seconds=5)

    plan = make_ladder(clip, made, Encoding(preset="ultrafast", max_frame_rate=60))

    assert_conformant(made, plan)
    assert (plan.frame_rate, plan.gop) == (60, 120)


def with_streams(count: int, film, path):
    """One picture and so many sounds that it has that many streams."""
    ffmpeg("-i", film, "-map", "0:v", *("-map", "0:a") * (count - 1), "-c", "copy", path)
    return path


def test_one_sound_of_many_is_taken(tmp_path, made, film):
    plan = make_ladder(with_streams(16, film, tmp_path / "film.mkv"), made)

    assert_conformant(made, plan)
    assert (plan.video_index, plan.audio_index) == (0, 1)


def test_forty_streams_are_refused(tmp_path, film):
    crowded = with_streams(40, film, tmp_path / "film.mkv")

    with pytest.raises(FilmRefused, match="This file has 40 streams; films may have at most 16"):
        judge_film(probe_film(crowded))


def test_streams_are_taken_by_their_place(tmp_path, made, film):
    """The sound first, as some programs write it, and with a cover."""
    cover, clip = tmp_path / "cover.png", tmp_path / "film.mp4"
    ffmpeg("-i", film, "-frames:v", "1", cover)
    ffmpeg(
        *("-i", film, "-i", cover, "-map", "0:a", "-map", "1:v", "-map", "0:v", "-c", "copy"),
        *("-disposition:v:0", "attached_pic", clip),
    )

    plan = make_ladder(clip, made)

    assert_conformant(made, plan)
    assert (plan.video_index, plan.audio_index) == (1, 0)


def test_nothing_of_a_film_that_is_an_archive_too_is_kept(tmp_path, made, film):
    both = tmp_path / "both.mp4"
    both.write_bytes(film.read_bytes())
    with zipfile.ZipFile(both, "a") as archive:
        archive.writestr("page.html", "<script>alert('archive')</script>")
    assert zipfile.is_zipfile(both)

    plan = make_ladder(both, made)

    assert_conformant(made, plan)
    for path in made.iterdir():
        assert not zipfile.is_zipfile(path)
        assert b"archive" not in path.read_bytes()


def test_what_a_phone_wrote_is_dropped(tmp_path, made, film):
    tagged = tmp_path / "tagged.mp4"
    ffmpeg(
        *("-i", film, "-c", "copy", "-metadata", "title=Kitchen", "-metadata"),
        *("location=+52.5200+013.4050/", "-movflags", "use_metadata_tags", tagged),
    )

    make_ladder(tagged, made)

    made = b"".join(path.read_bytes() for path in made.iterdir())
    assert b"+52.5200" not in made
    assert b"Kitchen" not in made


@pytest.mark.parametrize(
    ("name", "expected", "rate"),
    [
        ("carphone_pristine.mp4", [(192, 144)], 30),
        pytest.param("bikes.mp4", [(564, 240)], 25, marks=pytest.mark.slow),
        pytest.param(
            "bigbuckbunny.mp4",
            [(1280, 720), (854, 480), (426, 240)],
            25,
            marks=pytest.mark.slow,
        ),
    ],
)
def test_films_that_nobody_here_made(made, name, expected, rate):
    plan = make_ladder(real_clip(name), made)

    assert_conformant(made, plan)
    assert sizes(plan) == expected
    assert round(plan.frame_rate) == rate
