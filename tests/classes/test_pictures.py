"""The tag that writes `<picture>`."""

import pytest
from django.template import Context, Template

from classes.models import Picture


def render(widths: list[int], options: str = "") -> str:
    picture = Picture(width=1280, height=720, widths=widths)
    template = Template("{% load pictures %}{% picture picture " + options + " %}")
    return template.render(Context({"picture": picture}))


def test_picture_offers_every_width_in_both_modern_formats():
    html = render([320, 640])

    assert 'type="image/avif"' in html
    assert 'type="image/webp"' in html
    assert all(f"/{name} " in html for name in ("320.avif", "640.avif", "320.webp", "640.webp"))


def test_picture_leaves_out_what_no_screen_would_ask_for():
    html = render([320, 640, 1280], "largest=640")

    assert "/320.avif 320w" in html
    assert "/640.webp 640w" in html
    assert "1280w" not in html


def test_picture_that_is_larger_than_asked_for_is_offered_all_the_same():
    assert "/640.avif 640w" in render([640, 1280], "largest=320")


@pytest.mark.parametrize(("widths", "width"), [([320, 640, 960], 640), ([320], 320)])
def test_picture_falls_back_on_one_middling_jpeg(widths, width):
    html = render(widths)

    assert html.count(".jpg") == 1
    assert f"/{width}.jpg" in html


def test_picture_keeps_its_place_before_it_arrives():
    html = render([320])

    assert 'width="1280" height="720"' in html


def test_picture_that_is_seen_first_is_not_lazy():
    assert 'loading="lazy"' in render([320])
    assert 'loading="lazy"' not in render([320], "priority=True")
