"""Portraits for teachers who do not exist: a sun over folded ground, never a face.

Each is drawn from the palette of its teacher, and the same seed draws the same picture.
"""

import math
import random
from io import BytesIO

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from .studio import Palette

SIZE = 640
_OVERSAMPLED = SIZE * 2  # Pillow draws hard edges; drawn twice as large they come out smooth
_FOLDS = 4


def draw_portrait(palette: Palette, *, seed: str) -> BytesIO:
    """A square PNG. Costs about a third of a second of CPU."""
    chance = random.Random(seed)  # noqa: S311 - beauty, not secrecy
    deepest, deep, middle, pale, lightest = palette
    picture = _gradient(lightest, pale)

    centre = (_OVERSAMPLED * chance.uniform(0.36, 0.64), _OVERSAMPLED * chance.uniform(0.34, 0.46))
    radius = _OVERSAMPLED * chance.uniform(0.2, 0.27)
    for ring in (2.15, 1.75, 1.35):
        _lay(picture, _disc(centre, radius * ring), Image.new("RGB", picture.size, middle), 0.1)
    _lay(picture, _disc(centre, radius), _gradient(middle, deep), 1.0)

    ground = (pale, middle, deep, deepest)
    for fold, colour in enumerate(ground, start=1):
        height = 0.5 + 0.5 * fold / (_FOLDS + 1)
        edge = _folded_edge(chance, height * _OVERSAMPLED)
        _lay(picture, edge.filter(ImageFilter.GaussianBlur(40)), _plain(deepest), 0.16)
        _lay(picture, edge, _plain(colour), 0.94)

    smooth = picture.resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    portrait = BytesIO()
    _with_grain(smooth, chance).save(portrait, "PNG")
    portrait.seek(0)
    return portrait


def _gradient(top: str, bottom: str) -> Image.Image:
    fade = Image.linear_gradient("L").resize((_OVERSAMPLED, _OVERSAMPLED))
    return Image.composite(_plain(bottom), _plain(top), fade)


def _plain(colour: str) -> Image.Image:
    return Image.new("RGB", (_OVERSAMPLED, _OVERSAMPLED), colour)


def _disc(centre: tuple[float, float], radius: float) -> Image.Image:
    mask = Image.new("L", (_OVERSAMPLED, _OVERSAMPLED))
    ImageDraw.Draw(mask).circle(centre, radius, fill=255)
    return mask


def _folded_edge(chance: random.Random, height: float) -> Image.Image:
    """All that lies below a slow wave around `height`."""
    phase, length = chance.uniform(0, math.tau), chance.uniform(0.6, 1.1)
    swing = _OVERSAMPLED * chance.uniform(0.035, 0.075)
    wave = [
        (x, height + swing * math.sin(phase + math.tau * length * x / _OVERSAMPLED))
        for x in range(0, _OVERSAMPLED + 8, 8)
    ]
    mask = Image.new("L", (_OVERSAMPLED, _OVERSAMPLED))
    corners = [(_OVERSAMPLED, _OVERSAMPLED), (0, _OVERSAMPLED)]
    ImageDraw.Draw(mask).polygon([*wave, *corners], fill=255)
    return mask


def _lay(picture: Image.Image, mask: Image.Image, colour: Image.Image, strength: float) -> None:
    picture.paste(colour, mask=mask.point(lambda light: round(light * strength)))


def _with_grain(picture: Image.Image, chance: random.Random) -> Image.Image:
    """A breath of paper, which also keeps the gradients from showing bands."""
    noise = Image.frombytes("L", picture.size, chance.randbytes(picture.width * picture.height))
    grain = noise.point(lambda light: 118 + light * 20 // 255)
    return ImageChops.soft_light(picture, grain.convert("RGB"))
