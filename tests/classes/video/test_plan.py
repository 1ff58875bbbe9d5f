from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classes.video.plan import Encoding, Plan, plan_ladder
from classes.video.probe import MAX_PIXELS, MAX_RATIO, MIN_SIDE, Probe

GOOD = Probe(
    container="mov,mp4,m4a,3gp,3g2,mj2",
    duration=60,
    stream_count=2,
    video_codec="h264",
    audio_codec="aac",
    pixel_format="yuv420p",
    width=1920,
    height=1080,
    frame_rate=30,
    decodable=True,
    video_index=0,
    audio_index=1,
    matrix="bt709",
)


DEFAULT = Encoding()


def plan(encoding: Encoding = DEFAULT, **facts) -> Plan:
    return plan_ladder(replace(GOOD, **facts), encoding)


def test_plan_ladder_of_a_film_in_full_hd():
    made = plan()

    assert [(r.name, r.width, r.height, r.max_kbits) for r in made.rungs] == [
        ("1080p", 1920, 1080, 5000),
        ("720p", 1280, 720, 2800),
        ("480p", 854, 480, 1400),
        ("240p", 426, 240, 500),
    ]
    assert (made.frame_rate, made.gop, made.duration) == (30, 60, 60)
    assert (made.video_index, made.audio_index, made.has_audio) == (0, 1, True)
    assert made.encoding == Encoding(preset="faster", crf=22, max_frame_rate=30)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((720, 1280), ["720p 720×1280", "480p 480×854", "240p 240×426"]),
        ((1080, 1080), ["1080p 1080×1080", "720p 720×720", "480p 480×480", "240p 240×240"]),
        # Its own size, for the next smaller rung has less than four fifths of it.
        ((1600, 900), None),
        ((1602, 902), ["902p 1602×902", "720p 1278×720", "480p 852×480", "240p 426×240"]),
        ((3840, 2160), ["2160p 3840×2160", "1080p", "720p", "480p", "240p"]),
        ((2560, 1350), ["1080p 2048×1080", "720p", "480p", "240p"]),
        # Larger than phones can decode.
        ((6000, 6000), ["1080p 1080×1080", "720p", "480p", "240p"]),
        # Smaller than every rung, and odd.
        ((193, 144), ["144p 192×144"]),
        ((17, 23), ["16p 16×22"]),
        ((641, 359), ["358p 640×358", "240p 428×240"]),
    ],
)
def test_plan_ladder_goes_by_the_short_side(size, expected):
    rungs = plan(width=size[0], height=size[1]).rungs
    expected = expected or ["720p 1280×720", "480p 854×480", "240p 426×240"]

    assert len(rungs) == len(expected)
    for rung, words in zip(rungs, expected, strict=True):
        assert f"{rung.name} {rung.width}×{rung.height}".startswith(words)


@given(width=st.integers(MIN_SIDE, 12_000), height=st.integers(MIN_SIDE, 12_000))
def test_plan_ladder_never_makes_a_picture_larger(width, height):
    if width * height > MAX_PIXELS or max(width, height) > MAX_RATIO * min(width, height):
        return

    rungs = plan(width=width, height=height).rungs

    assert rungs
    assert [min(r.width, r.height) for r in rungs] == sorted(
        {min(r.width, r.height) for r in rungs}, reverse=True
    )
    for rung in rungs:
        assert rung.width % 2 == rung.height % 2 == 0
        assert 0 < rung.width <= width
        assert 0 < rung.height <= height
        assert rung.name == f"{min(rung.width, rung.height)}p"
        # Even sizes cannot keep the ratio any better than to a pixel.
        assert abs(rung.width * height - rung.height * width) <= 2 * max(width, height)


@pytest.mark.parametrize(
    ("average", "most", "expected", "gop"),
    [
        (24, 30, Fraction(24), 48),
        (23.976, 30, Fraction(24_000, 1001), 48),
        (29.97, 30, Fraction(30_000, 1001), 60),
        (30.02, 30, Fraction(30), 60),  # of a phone that cannot keep its time
        (50, 30, Fraction(25), 50),
        (59.94, 30, Fraction(30_000, 1001), 60),
        (60, 30, Fraction(30), 60),
        (60, 60, Fraction(60), 120),
        (120, 60, Fraction(60), 120),
        (1000, 30, Fraction(125, 8), 32),
        (18.5, 30, Fraction(37, 2), 37),
        (5, 30, Fraction(10), 20),
        (60, 15, Fraction(15), 30),
    ],
)
def test_plan_ladder_halves_the_frame_rate_until_it_is_low_enough(average, most, expected, gop):
    made = plan(Encoding(max_frame_rate=most), frame_rate=average)

    assert (made.frame_rate, made.gop) == (expected, gop)
    assert any(filter.startswith(f"fps={expected}") for filter in made.prelude)


def test_plan_ladder_converts_no_colours_that_are_right():
    assert [f.partition("=")[0] for f in plan().prelude] == ["fps", "trim", "setparams"]


@pytest.mark.parametrize(
    ("facts", "source"),
    [
        ({"matrix": "bt601"}, "in_color_matrix=bt601:in_range=tv"),
        ({"matrix": "", "height": 576, "width": 768}, "in_color_matrix=bt601:in_range=tv"),
        ({"matrix": "", "pixel_format": "yuv444p"}, "in_color_matrix=bt709:in_range=tv"),
        ({"is_full_range": True}, "in_color_matrix=bt709:in_range=pc"),
    ],
)
def test_plan_ladder_converts_other_colours(facts, source):
    _fps, _trim, convert, form, tags = plan(**facts).prelude

    assert convert == f"scale={source}:out_color_matrix=bt709:out_range=tv"
    assert form == "format=yuv420p"
    assert tags.startswith("setparams=")


def test_plan_ladder_takes_lines_apart_before_it_drops_frames():
    deinterlace, fps, *_ = plan(is_interlaced=True).prelude

    assert deinterlace.startswith("bwdif=mode=send_frame")
    assert fps.startswith("fps=")


def test_plan_ladder_maps_high_dynamic_range():
    filters = ",".join(plan(transfer="arib-std-b67", pixel_format="yuv420p10le").prelude)

    assert "setparams=color_trc=arib-std-b67" in filters
    assert "tonemap=mobius" in filters


def test_plan_ladder_cuts_off_what_goes_on_for_much_longer_than_it_claims():
    made = plan(duration=60)

    assert made.cut_off == 71
    assert "trim=end=71.000" in made.prelude


def test_plan_ladder_of_a_silent_film():
    assert not plan(audio_codec=None, audio_index=None).has_audio


@pytest.mark.parametrize(("pixels", "kbits"), [((3840, 2160), 14142), ((16, 16), 100)])
def test_plan_ladder_limits_sizes_between_its_rungs_by_their_pixels(pixels, kbits):
    assert plan(width=pixels[0], height=pixels[1]).rungs[0].max_kbits == kbits
