"""The demo's films: light that wanders, a circle that breathes, the exercises' names as they come.

ffmpeg makes what moves, out of formulas; Pillow draws what stands still. All of it is cheap: 24
seconds cost about seven seconds of CPU and a megabyte and a half.
"""

import math
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

from classes.video.ffmpeg import find_ffmpeg, run_ffmpeg, time_limit
from classes.video.whole_files import renamed_when_whole

from .lettering import can_be_set, set_name

WIDTH, HEIGHT, FRAME_RATE = 1280, 720, 25

# The light is computed this small, in sixteen bits, and made large: it has no edges to lose.
_LIGHT_WIDTH, _LIGHT_HEIGHT = 48, 27
_KEYFRAME_SECONDS = 4
# What soft pictures that move slowly can do without; with `subme=0` too the circle's edge frays.
_X264 = (
    "aq-mode=3:rc-lookahead=10:subme=1:me=dia:ref=1:bframes=3:partitions=none:trellis=0:weightp=0"
    ":chroma-qp-offset=-3"
)
_BREATH_SECONDS = 10
_CIRCLE_SIZE = 600
_PIXELS_PER_LEVEL = 1.2  # a level of the distance map, which has 256 of them
_EMPTIED, _FILLED = 146, 214  # the circle's radius at the two ends of a breath

_Colour = tuple[int, int, int]


@dataclass(frozen=True)
class _Layout:
    """Where the circle's centre is, and where the name: its middle or its edge, and its box."""

    circle: tuple[int, int]
    name: tuple[int, int]
    anchor: str  # as Pillow has it: left, middle or right
    box: tuple[int, int]
    over_hills: bool = False


_WIDE, _NARROW = (1060, 144), (484, 288)
_LAYOUTS = (
    _Layout(circle=(640, 300), name=(640, 622), anchor="m", box=_WIDE),
    _Layout(circle=(396, 360), name=(716, 360), anchor="l", box=_NARROW),
    _Layout(circle=(884, 360), name=(564, 360), anchor="r", box=_NARROW),
    _Layout(circle=(640, 330), name=(640, 622), anchor="m", box=_WIDE, over_hills=True),
    _Layout(circle=(884, 330), name=(110, 622), anchor="l", box=_WIDE, over_hills=True),
    _Layout(circle=(396, 330), name=(1170, 622), anchor="r", box=_WIDE, over_hills=True),
)


def make_film(
    path: Path,
    *,
    palette: Sequence[str],
    exercises: Sequence[str],
    seconds: int,
    seed: int,
    binary: str | None = None,
) -> None:
    """Write an MP4 of 1280×720 with H.264 and AAC, a keyframe every four seconds.

    `palette` is five colours, `#rrggbb`, from dark to light; the names of `exercises` share the
    time evenly, but for those that the typeface has no letters for (`can_be_set`). The same
    arguments make the same film. It ends as it began, so that `lengthen` shows no seam.
    """
    chance = random.Random(seed)  # noqa: S311 - nothing to guess here
    layout = chance.choice(_LAYOUTS)
    by_day = chance.random() < 0.5
    colours = [_rgb(colour) for colour in palette]
    ink = colours[0] if by_day and not layout.over_hills else colours[4]
    with tempfile.TemporaryDirectory() as folder, renamed_when_whole(path) as unfinished:
        drawn = Path(folder)
        _distance_map().save(drawn / "distance.png")
        _circle_fill(colours, by_day).save(drawn / "fill.png")
        names = [name for name in exercises if can_be_set(name)]
        for number, name in enumerate(names):
            lettering = set_name(name, ink, box=layout.box, anchor=layout.anchor)
            lettering.save(drawn / f"name{number}.png")
        _ground(colours, by_day, layout, chance).save(drawn / "ground.png")
        inputs = ["distance.png", "fill.png", "ground.png"]
        inputs += [f"name{number}.png" for number in range(len(names))]
        graph = [
            _light(colours, by_day, layout, seconds, chance),
            *_breathing_circle(seconds, layout),
            *_names(len(names), seconds, layout),
        ]
        run_ffmpeg(
            [
                *(part for name in inputs for part in ("-i", str(drawn / name))),
                *("-f", "lavfi", "-i", _chord(seconds, chance)),
                *("-filter_complex", ";".join(graph)),
                *("-map", "[film]", "-map", f"{len(inputs)}:a", "-t", str(seconds)),
                *("-c:v", "libx264", "-preset", "veryfast", "-crf", "24"),
                *(
                    "-x264-params",
                    _X264,
                ),
                *("-g", str(_KEYFRAME_SECONDS * FRAME_RATE), "-pix_fmt", "yuv420p"),
                *("-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"),
                *("-c:a", "aac", "-b:a", "96k", "-ar", "44100"),
                *("-map_metadata", "-1", "-fflags", "+bitexact", "-movflags", "+faststart"),
                *("-f", "mp4", str(unfinished)),
            ],
            binary=binary or find_ffmpeg(),
            timeout=time_limit(seconds),
        )


def lengthen(clip: Path, path: Path, minutes: int, *, binary: str | None = None) -> None:
    """Repeat `clip` by stream copy until it lasts that many minutes; takes a second or two."""
    with renamed_when_whole(path) as unfinished:
        run_ffmpeg(
            [
                *("-stream_loop", "-1", "-i", str(clip), "-t", str(minutes * 60)),
                *("-map", "0:v:0", "-map", "0:a:0?", "-c", "copy", "-map_metadata", "-1"),
                *("-movflags", "+faststart", "-f", "mp4", str(unfinished)),
            ],
            binary=binary or find_ffmpeg(),
            timeout=time_limit(60),
        )


# Light -------------------------------------------------------------------------------------------


def _light(
    colours: list[_Colour], by_day: bool, layout: _Layout, seconds: int, chance: random.Random
) -> str:
    """Three clouds of colour on closed paths over a slope of two more."""
    above, below, *clouds = (4, 3, 2, 4, 3) if by_day else (1, 0, 0, 2, 3)
    # By night the names are in the lightest colour; without hills, light wanders behind them.
    strengths = (0.9, 0.9, 0.7) if by_day or layout.over_hills else (0.9, 0.5, 0.22)
    paths, weights = [], []
    for cloud, strength in enumerate(strengths):
        x, y = chance.uniform(0.1, 0.9), chance.uniform(0.1, 0.9)
        swing_x, swing_y = chance.uniform(0.18, 0.34), chance.uniform(0.15, 0.3)
        turn_x, turn_y = chance.choice([(1, 1), (1, -1), (-1, 1), (1, 2)])
        size = chance.uniform(0.3, 0.46) * _LIGHT_WIDTH
        angle_x = f"2*PI*({turn_x}*T/{seconds}+{chance.random():.3f})"
        angle_y = f"2*PI*({turn_y}*T/{seconds}+{chance.random():.3f})"
        paths += [
            f"st({2 * cloud},{_LIGHT_WIDTH}*({x:.3f}+{swing_x:.3f}*sin({angle_x})))",
            f"st({2 * cloud + 1},{_LIGHT_HEIGHT}*({y:.3f}+{swing_y:.3f}*sin({angle_y})))",
        ]
        distance = f"(X-ld({2 * cloud}))^2+(Y-ld({2 * cloud + 1}))^2"
        weights.append(f"{strength}*exp(-({distance})/{size * size:.2f})")
    tilt = chance.uniform(-0.4, 0.4)
    slope = f"clip((Y+{tilt:.2f}*(X-{_LIGHT_WIDTH / 2}))/{_LIGHT_HEIGHT},0,1)"

    def plane(channel: int) -> str:
        level = [colour[channel] * 257 for colour in colours]
        mixed = f"lerp({level[above]},{level[below]},{slope})"
        for colour, weight in zip(clouds, weights, strict=True):
            mixed = f"lerp({mixed},{level[colour]},{weight})"
        # What `st` keeps outlives the pixel, so paths are followed once a line, not once a pixel.
        return f"0*if(eq(X,0),{'+'.join(paths)})+{mixed}"

    return (
        f"nullsrc=s={_LIGHT_WIDTH}x{_LIGHT_HEIGHT}:r={FRAME_RATE}:d={seconds},format=gbrp16,"
        f"geq=r='{plane(0)}':g='{plane(1)}':b='{plane(2)}',"
        # Bicubic as a B-spline: the usual curve shows the forty-eight columns.
        f"scale={WIDTH}:{HEIGHT}:flags=bicubic:param0=1:param1=0:"
        "out_color_matrix=bt709:out_range=tv,"
        "format=yuv420p[light]"
    )


# Circle ------------------------------------------------------------------------------------------


def _distance_map() -> Image.Image:
    """How far each pixel is from the middle, in levels."""
    half = _CIRCLE_SIZE / 2
    return Image.frombytes(
        "L",
        (_CIRCLE_SIZE, _CIRCLE_SIZE),
        bytes(
            min(255, round(math.hypot(x + 0.5 - half, y + 0.5 - half) / _PIXELS_PER_LEVEL))
            for y in range(_CIRCLE_SIZE)
            for x in range(_CIRCLE_SIZE)
        ),
    )


def _circle_fill(colours: list[_Colour], by_day: bool) -> Image.Image:
    top, bottom = (colours[2], _between(colours[2], colours[3])) if by_day else colours[:-3:-1]
    size = (_CIRCLE_SIZE, _CIRCLE_SIZE)
    fade = Image.linear_gradient("L").resize(size, Image.Resampling.BICUBIC)
    return Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), fade)


def _breathing_circle(seconds: int, layout: _Layout) -> list[str]:
    """Moves the distance map by the radius, then reads off how solid each distance is.

    A picture that is scaled for every frame trembles, for it is a whole number of pixels wide; here
    only levels change, and the edge moves by fractions of a pixel.
    """
    breaths = max(1, round(seconds / _BREATH_SECONDS))
    middle, swing = (_EMPTIED + _FILLED) / 2, (_FILLED - _EMPTIED) / 2
    radius = f"({middle}-{swing}*cos(2*PI*{breaths}*t/{seconds}))/{_PIXELS_PER_LEVEL}"
    # 128 is the edge; lower is inside. A soft disc, a glow around it, and a thin ring in the glow.
    disc = "0.94*clip((131-val)/5,0,1)"
    glow = "0.30*pow(clip((188-val)/60,0,1),2)"
    ring = "0.34*clip(1.8-abs(val-158)/1.4,0,1)"
    x, y = (centre - _CIRCLE_SIZE // 2 for centre in layout.circle)
    return [
        f"[0:v]format=gray,loop=-1:1,fps={FRAME_RATE},trim=duration={seconds},"
        f"eq=brightness='(128-{radius})/255':eval=frame,"
        f"lutyuv=y='255*clip(max({disc},{glow}+{ring}),0,1)'[solid]",
        f"[1:v]format=yuv420p,loop=-1:1,fps={FRAME_RATE},trim=duration={seconds}[fill]",
        "[fill][solid]alphamerge[circle]",
        f"[light][circle]overlay={x}:{y}:format=yuv420[breathing]",
        "[breathing][2:v]overlay=format=yuv420[grounded]",
    ]


def _ground(
    colours: list[_Colour], by_day: bool, layout: _Layout, chance: random.Random
) -> Image.Image:
    """Folds of land before the circle, nearer ones darker; nothing where the layout has none."""
    ground = Image.new("RGBA", (WIDTH, HEIGHT), (*colours[0], 0))
    if not layout.over_hills:
        return ground
    folds = (2, 1, 0) if by_day else (1, 1, 0)
    for number, colour in enumerate(folds):
        phase, length = chance.uniform(0, math.tau), chance.uniform(0.5, 0.9)
        height, swing = HEIGHT * (0.66 + 0.075 * number), chance.uniform(16, 40) / (1 + number)
        land = Image.new("L", (2 * WIDTH, 2 * HEIGHT))  # twice as large, for a smooth edge
        wave = [
            (2 * x, 2 * (height + swing * math.sin(phase + math.tau * length * x / WIDTH)))
            for x in range(0, WIDTH + 4, 4)
        ]
        ImageDraw.Draw(land).polygon([*wave, (2 * WIDTH, 2 * HEIGHT), (0, 2 * HEIGHT)], fill=255)
        mask = land.resize(ground.size, Image.Resampling.BOX)
        ground.paste((*colours[colour], (150, 205, 255)[number]), mask=mask)
    return ground


# Names -------------------------------------------------------------------------------------------

_FADE_SECONDS = 0.9


def _names(count: int, seconds: int, layout: _Layout) -> list[str]:
    """Each name for its share of the time, fading in and out, and grain over all of it."""
    # Without grain the slopes of colour show as bands once they are compressed.
    finish = f"noise=c0s=2:c0f=u:c0_seed=7,trim=duration={seconds}[film]"
    if not count:
        return [f"[grounded]{finish}"]
    share = seconds / count
    fading_out = max(share / 2, share - _FADE_SECONDS - 0.1)
    graph = [
        f"[{number + 3}:v]format=yuva420p,loop=-1:1,fps={FRAME_RATE},trim=duration={share:.4f},"
        f"fade=in:st=0.1:d={_FADE_SECONDS}:alpha=1,"
        f"fade=out:st={fading_out:.3f}:d={_FADE_SECONDS}:alpha=1[name{number}]"
        for number in range(count)
    ]
    box_width, box_height = layout.box
    x = layout.name[0] - {"l": 0, "m": box_width // 2, "r": box_width}[layout.anchor]
    y = layout.name[1] - box_height // 2
    return [
        *graph,
        f"{''.join(f'[name{number}]' for number in range(count))}concat=n={count}:v=1[names]",
        f"[grounded][names]overlay={x}:{y}:format=yuv420:eof_action=pass,{finish}",
    ]


# Sound -------------------------------------------------------------------------------------------

_ROOTS = (98.0, 110.0, 116.54, 130.81, 146.83)  # G, A, B flat, C and D, low
_CHORDS = (
    (1, 3 / 2, 2, 5 / 2, 3, 15 / 4),  # major seventh, open
    (1, 3 / 2, 2, 9 / 4, 3, 5),  # with the ninth
    (1, 4 / 3, 2, 9 / 4, 3, 4),  # suspended
)


def _chord(seconds: int, chance: random.Random) -> str:
    """A source of sound: voices that swell and ebb, each at its own pace."""
    root, chord = chance.choice(_ROOTS), chance.choice(_CHORDS)
    left: list[str] = []
    right: list[str] = []
    for number, ratio in enumerate(chord):
        loudness = 0.05 / (1 + 0.55 * number)
        # Whole numbers of swings in the whole film: its end meets its beginning.
        swells = chance.choice((1, 2, 3))
        phase = chance.random()
        for side, detuned in ((left, 0.9988), (right, 1.0012)):
            pitch = round(root * ratio * detuned * seconds) / seconds
            phase += 0.15
            side.append(
                f"{loudness:.4f}*(0.55-0.45*cos(2*PI*({swells}*t/{seconds}+{phase:.3f})))"
                f"*sin(2*PI*{pitch:.5f}*t)"
            )
    # Nothing in it is above 800 Hz, so sixteen thousand samples are plenty to compute.
    return (
        f"aevalsrc='{'+'.join(left)}|{'+'.join(right)}':s=16000:d={seconds},"
        "aecho=0.8:0.5:240|410:0.28|0.2,lowpass=f=1800,aresample=44100,"
        f"afade=in:d=1.2,afade=out:st={seconds - 1.2}:d=1.2"
    )


def _between(one: _Colour, other: _Colour) -> _Colour:
    red, green, blue = ((a + b) // 2 for a, b in zip(one, other, strict=True))
    return red, green, blue


def _rgb(colour: str) -> _Colour:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
