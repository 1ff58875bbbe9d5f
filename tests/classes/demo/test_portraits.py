import pytest
from PIL import Image

from classes.demo.portraits import SIZE, draw_portrait
from classes.demo.studio import read_studio

FIRST, SECOND = read_studio().instructors[:2]


def test_same_teacher_has_the_same_portrait_and_another_has_another():
    again = [draw_portrait(FIRST.palette, seed=FIRST.slug).read() for _ in range(2)]
    other = draw_portrait(FIRST.palette, seed=SECOND.slug).read()

    assert again[0] == again[1]
    assert other != again[0]


@pytest.mark.parametrize("teacher", [FIRST, SECOND])
def test_portrait_is_a_square_in_the_colours_of_its_teacher(teacher):
    with Image.open(draw_portrait(teacher.palette, seed=teacher.slug)) as portrait:
        assert portrait.size == (SIZE, SIZE)
        sky, ground = portrait.getpixel((2, 2)), portrait.getpixel((2, SIZE - 2))

    assert distance(sky, teacher.palette[-1]) < 30
    assert distance(ground, teacher.palette[0]) < 30


def distance(pixel: tuple[int, int, int], colour: str) -> int:
    wanted = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return max(abs(a - b) for a, b in zip(pixel, wanted, strict=True))
