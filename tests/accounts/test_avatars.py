"""A picture of oneself: what is kept of it, and what is refused."""

import struct
import zlib
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts import avatars
from accounts.avatars import SIDE, make_avatar

SECRET = b"48.8583701,2.2944813 home"


def picture(width=60, height=40, mode="RGB", colour="teal") -> Image.Image:
    return Image.new(mode, (width, height), colour)


def upload(image: Image.Image, kind: str, **options) -> SimpleUploadedFile:
    content = BytesIO()
    image.save(content, kind, **options)
    return SimpleUploadedFile("holiday.jpg", content.getvalue())


def made_of(upload: SimpleUploadedFile) -> Image.Image:
    return Image.open(make_avatar(upload))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
def test_a_picture_becomes_a_square_webp(kind):
    avatar = made_of(upload(picture(600, 400), kind))

    assert (avatar.format, avatar.size) == ("WEBP", (SIDE, SIDE))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_pictures_of_all_modes_are_read(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"

    assert made_of(upload(Image.new(mode, (40, 60)), kind)).size == (SIDE, SIDE)


def test_the_server_names_the_file():
    first, second = (make_avatar(upload(picture(), "PNG")) for _number in range(2))

    assert first.name != second.name
    assert first.name.endswith(".webp")
    assert "holiday" not in first.name


def test_nothing_of_the_original_is_kept_but_what_one_sees():
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(0x8825)[29] = SECRET.decode()
    original = upload(picture(), "JPEG", exif=exif, comment=SECRET, xmp=SECRET, icc_profile=SECRET)
    assert original.read().count(SECRET) >= 4  # the picture did carry it

    written = make_avatar(original).read()

    assert SECRET not in written
    for chunk in (b"EXIF", b"XMP ", b"ICCP"):
        assert chunk not in written


def test_a_picture_taken_on_its_side_is_turned_upright():
    # Left half red, right half blue, and a note that the camera was turned by a quarter.
    image = picture(80, 80, colour="blue")
    image.paste("red", (0, 0, 40, 80))
    exif = Image.Exif()
    exif[0x0112] = 6  # rotate by 90° clockwise to see it upright

    avatar = made_of(upload(image, "JPEG", exif=exif, quality=95)).convert("RGB")

    red, _green, blue = avatar.getpixel((SIDE // 2, 20))
    assert red > 200 > blue  # red is at the top now
    red, _green, blue = avatar.getpixel((SIDE // 2, SIDE - 20))
    assert blue > 200 > red


def test_transparency_is_kept():
    avatar = made_of(upload(Image.new("RGBA", (40, 40), (0, 0, 0, 0)), "PNG"))

    assert avatar.getpixel((5, 5))[3] == 0


def refusal(upload: SimpleUploadedFile) -> str:
    with pytest.raises(ValidationError) as refused:
        make_avatar(upload)
    return refused.value.code


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_a_moving_picture_is_refused(kind):
    frames = [picture(colour="red"), picture(colour="blue")]

    assert refusal(upload(frames[0], kind, save_all=True, append_images=frames[1:])) == "animated"


def test_a_telephones_double_picture_stands_still():
    assert made_of(upload(picture(), "MPO", save_all=True, append_images=[picture()]))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        b"\xff\xd8\xff\xe0" + b"\x00" * 500,
        b"\x89PNG\r\n\x1a\n" + b"\xff" * 100,
    ],
)
def test_what_is_no_picture_is_refused(content):
    assert refusal(SimpleUploadedFile("me.png", content, "image/png")) == "unreadable"


def test_a_picture_that_was_cut_short_is_refused():
    whole = upload(picture(900, 900), "JPEG").read()

    assert refusal(SimpleUploadedFile("me.jpg", whole[: len(whole) // 2])) == "unreadable"


def test_a_file_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(avatars, "MAX_BYTES", 100)

    assert refusal(upload(picture(), "PNG")) == "bytes"


@pytest.mark.parametrize("side", [9_000, 60_000])
def test_a_bomb_is_refused_before_it_is_unpacked(side):
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    # Says how large it is, and holds not one pixel.
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")

    assert refusal(SimpleUploadedFile("me.png", bomb)) == "pixels"


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "PPM", "ICO"])
def test_formats_of_other_trades_are_refused(kind):
    assert refusal(upload(picture(), kind)) == "unreadable"
