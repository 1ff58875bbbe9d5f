"""The names of exercises as pictures, in the one typeface that is there on every machine."""

import unicodedata
from typing import cast

from PIL import Image, ImageDraw, ImageFont

_TYPE_SIZE = 58
_TRACKING = 1.5  # pixels between letters: light type on soft ground wants air
_LINE_HEIGHT = 72
_FINER = 4  # names are drawn this much larger, for Pillow's strokes have no soft edges
# Pillow's own typeface has no more letters than these.
_LETTERS = frozenset(map(chr, range(32, 127))) | set("’‘“”")
# So accents are drawn: strokes around the letter's middle, upwards from above its top, in ems.
_ACCENTS: dict[str, list[list[tuple[float, float]]]] = {
    "\u0300": [[(0.05, 0.0), (-0.07, 0.13)]],
    "\u0301": [[(-0.05, 0.0), (0.07, 0.13)]],
    "\u0302": [[(-0.11, 0.0), (0.0, 0.12), (0.11, 0.0)]],
    "\u0303": [[(-0.14, 0.02), (-0.07, 0.08), (0.07, 0.02), (0.14, 0.08)]],
    "\u0308": [[(-0.1, 0.05)], [(0.1, 0.05)]],
}


def can_be_set(name: str) -> bool:
    """Whether there is a shape for every letter: better no name than a row of boxes."""
    parts = unicodedata.normalize("NFD", name)
    return bool(name.strip()) and all(part in _LETTERS or part in _ACCENTS for part in parts)


def set_name(
    name: str, ink: tuple[int, int, int], *, box: tuple[int, int], anchor: str
) -> Image.Image:
    """The name on a clear ground of that width and height, in as many lines as it takes.

    `anchor` is `l`, `m` or `r`: lines begin at the left edge, lie in the middle, or end at the
    right one. From top to bottom they are centred.
    """
    width, height = box[0] * _FINER, box[1] * _FINER
    letters = Image.new("L", (width, height))
    draw = ImageDraw.Draw(letters)
    font = cast(ImageFont.FreeTypeFont, ImageFont.load_default(_TYPE_SIZE * _FINER))
    lines = _balanced(unicodedata.normalize("NFC", name), font, width)
    line_height = _LINE_HEIGHT * _FINER
    # Half of what capitals rise above the baseline: they, not the descenders, look centred.
    baseline = height / 2 - line_height * (len(lines) - 1) / 2 + font.size * 0.36
    for number, line in enumerate(lines):
        spare = width - _width(line, font)
        x = {"l": 0.0, "m": spare / 2, "r": spare}[anchor]
        for letter, following in zip(line, [*line[1:], ""], strict=True):
            _draw_letter(draw, (x, baseline + number * line_height), letter, font)
            x += _advance(letter, following, font)
    image = Image.new("RGBA", box, (*ink, 0))
    image.putalpha(letters.reduce(_FINER))
    return image


def _draw_letter(
    draw: ImageDraw.ImageDraw,
    origin: tuple[float, float],
    letter: str,
    font: ImageFont.FreeTypeFont,
) -> None:
    """A letter with its left end on the baseline at `origin`, and its accents."""
    base, *accents = list(unicodedata.normalize("NFD", letter))
    draw.text(origin, base, 255, font, anchor="ls")
    if not accents:
        return
    left, top, right, _bottom = draw.textbbox(origin, base, font, anchor="ls")
    if base in "ij":  # the accent stands instead of the dot
        dotted_top, top = top, draw.textbbox(origin, "x", font, anchor="ls")[1]
        draw.rectangle((left, dotted_top, right, top - 1), fill=0)
    stroke = font.size * 0.078
    middle, foot = (left + right) / 2, top - font.size * 0.11
    for line in (line for accent in accents for line in _ACCENTS[accent]):
        points = [(middle + x * font.size, foot - y * font.size) for x, y in line]
        draw.line(points, 255, round(stroke), joint="curve")
        for end in (points[0], points[-1]):
            draw.circle(end, stroke * (0.5 if len(points) > 1 else 0.65), 255)


def _balanced(name: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """The fewest lines that fit, as even as they can be: no word is left alone on the last."""
    lines = _broken(name, font, width)
    while len(narrower := _broken(name, font, width * 0.95)) == len(lines):
        width *= 0.95
        if max(_width(line, font) for line in narrower) > width:
            break  # a single word is wider than that
        lines = narrower
    return lines


def _broken(name: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    lines = [""]
    for word in name.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and _width(longer, font) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _width(line: str, font: ImageFont.FreeTypeFont) -> float:
    pairs = zip(line, [*line[1:], ""], strict=True)
    advances = sum(_advance(letter, following, font) for letter, following in pairs)
    return advances - _TRACKING * _FINER


def _advance(letter: str, following: str, font: ImageFont.FreeTypeFont) -> float:
    """To where the next letter begins, kerning included."""
    pair = [unicodedata.normalize("NFD", each)[:1] for each in (letter, following)]
    return font.getlength("".join(pair)) - font.getlength(pair[1]) + _TRACKING * _FINER
