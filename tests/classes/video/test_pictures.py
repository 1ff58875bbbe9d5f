import io
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from classes.video.errors import PictureRefused
from classes.video.pictures import make_renditions, open_picture

GPS_AND_ORIENTATION = {274: 6, 34853: {1: "N", 2: (52.0, 31.0, 12.0)}}


def encoded(image: Image.Image, form: str = "JPEG", **options) -> io.BytesIO:
    file = io.BytesIO()
    image.save(file, form, **options)
    file.seek(0)
    return file


def landscape(width: int = 1600, height: int = 900) -> Image.Image:
    return Image.linear_gradient("L").resize((width, height)).convert("RGB")


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_make_renditions_writes_three_formats_at_four_widths(tmp_path):
    renditions = make_renditions(encoded(landscape()), tmp_path)

    assert (renditions.width, renditions.height) == (1600, 900)
    assert renditions.widths == (320, 640, 960, 1280)
    assert files(tmp_path) == sorted(
        f"{renditions.name}/{width}.{extension}"
        for width in renditions.widths
        for extension in ("avif", "webp", "jpg")
    )
    for path in (tmp_path / renditions.name).iterdir():
        with Image.open(path) as image:
            assert image.width == int(path.stem)
            assert image.height == round(image.width * 9 / 16)


@pytest.mark.parametrize(
    ("width", "widths"), [(700, (320, 640)), (640, (320, 640)), (319, (319,)), (1, (1,))]
)
def test_make_renditions_never_makes_a_picture_larger(tmp_path, width, widths):
    assert make_renditions(encoded(landscape(width, 300)), tmp_path).widths == widths


def test_make_renditions_takes_the_name_it_is_given(tmp_path):
    make_renditions(encoded(landscape(320, 320)), tmp_path, name="portrait")

    assert files(tmp_path) == ["portrait/320.avif", "portrait/320.jpg", "portrait/320.webp"]


def test_make_renditions_turns_upright_and_forgets_where_it_was(tmp_path):
    exif = Image.Exif()
    exif.update(GPS_AND_ORIENTATION)

    renditions = make_renditions(encoded(landscape(800, 400), exif=exif), tmp_path)

    assert (renditions.width, renditions.height) == (400, 800)
    for path in (tmp_path / renditions.name).iterdir():
        with Image.open(path) as image:
            assert image.size == (320, 640)
            assert not image.getexif()
        assert b"Exif" not in path.read_bytes()


@pytest.mark.parametrize("form", ["PNG", "WEBP", "AVIF"])
def test_open_picture_reads_other_formats(form):
    assert open_picture(encoded(landscape(64, 64), form)).size == (64, 64)


def test_open_picture_puts_transparency_on_white():
    glass = Image.new("RGBA", (8, 8), (255, 0, 0, 0))

    assert open_picture(encoded(glass, "PNG")).getpixel((4, 4)) == (255, 255, 255)


def test_open_picture_reads_print_colours():
    cyan = Image.new("CMYK", (8, 8), (255, 0, 0, 0))

    assert open_picture(encoded(cyan)).mode == "RGB"


def test_open_picture_keeps_sixteen_bit_grey():
    grey = Image.new("I;16", (8, 8), 32768)

    assert open_picture(encoded(grey, "PNG")).getpixel((4, 4)) == (128, 128, 128)


def test_open_picture_converts_to_srgb_and_drops_the_profile():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    red = Image.new("RGB", (8, 8), (200, 30, 30))

    fitting = open_picture(encoded(red, "PNG", icc_profile=srgb))
    unfitting = open_picture(encoded(red, "PNG", icc_profile=profile))

    assert fitting.getpixel((4, 4)) == pytest.approx((200, 30, 30), abs=2)
    assert unfitting.getpixel((4, 4)) == (200, 30, 30)
    assert "icc_profile" not in fitting.info


def test_make_renditions_refuses_what_is_no_picture(tmp_path):
    with pytest.raises(PictureRefused, match="This file is no picture"):
        make_renditions(io.BytesIO(b"<svg onload='alert(1)'></svg>"), tmp_path)

    assert files(tmp_path) == []


def test_make_renditions_refuses_a_picture_that_was_cut_off(tmp_path):
    whole = encoded(landscape()).getvalue()

    with pytest.raises(PictureRefused, match="damaged or cut off"):
        make_renditions(io.BytesIO(whole[: len(whole) // 2]), tmp_path)

    assert files(tmp_path) == []


def png_claiming(width: int, height: int) -> io.BytesIO:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    size = width.to_bytes(4) + height.to_bytes(4)
    return io.BytesIO(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", size + b"\x08\x02\x00\x00\x00")
        + chunk(b"IDAT", zlib.compress(b"\x00" * 1000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("size", "sentence"),
    [
        ((8000, 5000), "8000 × 5000, which is 40 megapixels; at most 36"),
        ((60000, 60000), "more than 36 megapixels"),
    ],
)
def test_make_renditions_decodes_no_bomb(tmp_path, size, sentence):
    with pytest.raises(PictureRefused, match=sentence):
        make_renditions(png_claiming(*size), tmp_path)


def test_make_renditions_refuses_too_many_bytes(tmp_path):
    heavy = encoded(landscape(320, 320))
    heavy.seek(0, io.SEEK_END)
    heavy.write(b"\0" * 21_000_000)

    with pytest.raises(PictureRefused, match="21 MB; at most 20"):
        make_renditions(heavy, tmp_path)


def test_make_renditions_leaves_nothing_when_the_disk_is_full(tmp_path, monkeypatch):
    def disk_is_full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    picture = encoded(landscape())
    monkeypatch.setattr(Image.Image, "save", disk_is_full)

    with pytest.raises(OSError, match="No space left"):
        make_renditions(picture, tmp_path / "pictures")

    assert list((tmp_path / "pictures").iterdir()) == []
