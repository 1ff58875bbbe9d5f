"""What will be made of a film: in which sizes, at how many pictures a second, in which colours."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from .probe import Probe

# Short side in pixels -> the most that a second may take, in kbit, picture alone.
_LADDER = {1080: 5000, 720: 2800, 480: 1400, 240: 500}
# A source between two rungs keeps its own size if the next smaller one would lose that much.
_WORTH_A_RUNG = Fraction(5, 4)
# H.264's level 5.1, which is what phones decode: nothing larger gets a rung.
_MOST_PIXELS = 36_864 * 16 * 16

_KEYFRAME_SECONDS = 2
_LEAST_FRAME_RATE = 10
_COMMON_FRAME_RATES = (
    *(Fraction(24_000, 1001), Fraction(24), Fraction(25)),
    *(Fraction(30_000, 1001), Fraction(30), Fraction(50)),
    *(Fraction(60_000, 1001), Fraction(60)),
)
_NEARLY = Fraction(1, 100)

_HD_SHORT_SIDE = 720
_BT709 = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"


@dataclass(frozen=True)
class Encoding:
    """What the studio chose for all its films."""

    preset: str = "faster"  # of x264
    crf: int = 22
    max_frame_rate: int = 30


@dataclass(frozen=True)
class Rung:
    name: str  # by its short side, e.g. "480p"
    width: int  # even, as seen
    height: int
    max_kbits: int  # a second, picture alone


@dataclass(frozen=True)
class Plan:
    rungs: tuple[Rung, ...]  # largest first
    frame_rate: Fraction
    gop: int  # the most frames from one keyframe to the next
    duration: float  # seconds, as the file claims
    video_index: int
    audio_index: int | None
    prelude: tuple[str, ...]  # filters that all rungs share
    encoding: Encoding

    @property
    def has_audio(self) -> bool:
        return self.audio_index is not None

    @property
    def cut_off(self) -> float:
        """Where to leave a file that goes on for longer than it claims: so late that it shows."""
        return _cut_off(self.duration)


def plan_ladder(probe: Probe, encoding: Encoding) -> Plan:
    """Plan the renditions of a film that `judge_film` let through."""
    frame_rate = _frame_rate(probe.frame_rate, encoding.max_frame_rate)
    return Plan(
        rungs=_rungs(probe.width, probe.height),
        frame_rate=frame_rate,
        gop=ceil(_KEYFRAME_SECONDS * frame_rate),
        duration=probe.duration,
        video_index=probe.video_index,
        audio_index=probe.audio_index,
        prelude=(*_moments(probe, frame_rate), *_colours(probe)),
        encoding=encoding,
    )


def _rungs(width: int, height: int) -> tuple[Rung, ...]:
    """By the short side, so that a film held upright is as sharp as one that lies."""
    own = _even(min(width, height))
    fitting = [side for side in _LADDER if side <= own]
    if not fitting:
        return (_rung(own, width, height),)
    sides = list(fitting)
    if own > _WORTH_A_RUNG * fitting[0]:
        sides.insert(0, own)
    rungs = (_rung(side, width, height) for side in sides)
    return tuple(rung for rung in rungs if rung.width * rung.height <= _MOST_PIXELS)


def _rung(side: int, width: int, height: int) -> Rung:
    shorter, longer = sorted((width, height))
    # Rounded to an even number, but not to one that the source does not have.
    long_side = min(2 * round(side * longer / shorter / 2), _even(longer))
    return Rung(
        name=f"{side}p",
        width=side if width <= height else long_side,
        height=long_side if width <= height else side,
        max_kbits=_LADDER.get(side) or _max_kbits(side * long_side),
    )


def _max_kbits(pixels: int) -> int:
    """The ladder's own figures follow this curve within a tenth; so do sizes between them."""
    return max(100, round(5000 * (pixels / (1920 * 1080)) ** 0.75))


def _even(pixels: int) -> int:
    return pixels // 2 * 2


def _frame_rate(average: float, most: int) -> Fraction:
    """The source's rate, halved until it is low enough: every other frame goes, none is blended.

    Cameras that keep no steady rate average 30.02 or 29.9 where they mean 30.
    """
    rate = Fraction(average).limit_denominator(1001)
    nearest = min(_COMMON_FRAME_RATES, key=lambda common: abs(common - rate))
    if abs(nearest - rate) <= _NEARLY * nearest:
        rate = nearest
    while rate > most:
        rate /= 2
    return max(rate, Fraction(_LEAST_FRAME_RATE))


def _cut_off(duration: float) -> float:
    return 1.1 * duration + 5


def _moments(probe: Probe, frame_rate: Fraction) -> tuple[str, ...]:
    # Only frames that are marked: a film that is interlaced in parts keeps the others as they are.
    deinterlace = ("bwdif=mode=send_frame:deint=interlaced",) if probe.is_interlaced else ()
    return (
        *deinterlace,
        # A picture that begins after its sound stands still until then, so that all begins at zero.
        f"fps={frame_rate}:start_time=0",
        # Two frames a day apart would become millions. Cut off here: older ffmpegs make them all
        # before they look at what the output may last.
        f"trim=end={_cut_off(probe.duration):.3f}",
    )


def _colours(probe: Probe) -> tuple[str, ...]:
    """Filters that end in BT.709, eight bits, 4:2:0: what every browser shows alike."""
    if probe.transfer:
        return (
            # Files of HDR name their transfer but not always the rest, which BT.2100 fixes.
            f"setparams=color_trc={probe.transfer}:color_primaries=bt2020:colorspace=bt2020nc",
            "zscale=t=linear:npl=203",
            "format=gbrpf32le",
            "zscale=p=bt709",
            "tonemap=mobius:desat=0",
            "zscale=t=bt709:m=bt709:r=tv",
            "format=yuv420p",
            _BT709,
        )
    is_hd = min(probe.width, probe.height) >= _HD_SHORT_SIDE
    # What players assume of files that do not say.
    matrix = probe.matrix or ("bt709" if is_hd else "bt601")
    if (matrix, probe.pixel_format, probe.is_full_range) == ("bt709", "yuv420p", False):
        return (_BT709,)
    source_range = "pc" if probe.is_full_range else "tv"
    return (
        f"scale=in_color_matrix={matrix}:in_range={source_range}"
        ":out_color_matrix=bt709:out_range=tv",
        "format=yuv420p",
        _BT709,
    )
