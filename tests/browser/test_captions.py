"""Captions from the curator's desk to the reader of a transcript, in a browser."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from classes.captioning.webvtt import PlainCue
from classes.models import Captions, Variant
from tests.browser.studio import Studio
from tests.browser.visits import sign_in

BACK_PAIN = "/classes/slow-gentle-mat-for-back-pain/"
WIDTHS = [320, 390, 768, 1440]

# As short as the film that lies on the disk; long words and a script of the other direction too.
ENGLISH = [
    PlainCue(0, 1.5, "Lie down on your back, knees bent,\nfeet as wide as your hips.", "Ana"),
    PlainCue(1.5, 3, "Your head stays down from here to the end, and nothing asks more.", "Ana"),
    PlainCue(3, 4.5, "Counterrevolutionarily-uninterchangeablenesses.", "Ruth"),
    PlainCue(4.5, 6, "Breathe."),
]
ARABIC = [
    PlainCue(0, 3, "استلقِ على ظهرك واثنِ ركبتيك.", "Ana"),
    PlainCue(3, 6, "تنفّس ببطء."),
]


@pytest.fixture
def variant(studio: Studio) -> Variant:
    """The first film of the class for a sore back, with captions in two languages."""
    variant = studio.back_class.variants.get(tempo="workout-tempo", language="en")
    Captions.objects.store(variant, "en", ENGLISH)
    Captions.objects.store(variant, "ar", ARABIC)
    return variant


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_transcript_breaks_no_rule_and_fits(
    new_context, live_server, studio, variant, violations, scheme
):
    page = new_context(color_scheme=scheme, base_url=live_server.url).new_page()
    sign_in(page, studio.member.email)

    for language in ("en", "ar"):
        page.goto(f"{BACK_PAIN}?transcript={language}")
        expect(page.locator(".transcript-lines li").first).to_be_visible()
        assert violations(page) == []
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), width


def test_reader_opens_the_transcript_and_changes_its_language(
    new_context, live_server, studio, variant
):
    context = new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, studio.member.email)
    page.goto(BACK_PAIN)
    expect(page.get_by_text("Breathe.")).not_to_be_visible()

    page.get_by_text("Transcript").click()
    expect(page.get_by_text("Breathe.")).to_be_visible()
    page.get_by_role("link", name="العربيّة").click()

    expect(page.get_by_text("تنفّس ببطء.")).to_be_visible()
    expect(page.locator(".transcript-lines")).to_have_attribute("dir", "rtl")


def test_line_of_the_transcript_takes_the_film_to_its_second(
    new_context, live_server, studio, variant
):
    page = new_context(base_url=live_server.url).new_page()
    sign_in(page, studio.member.email)
    page.goto(f"{BACK_PAIN}?transcript=en")

    page.get_by_role("link", name="0:04").click()

    at = page.locator("video").evaluate("video => new Promise(done => {"
        "const look = () => video.currentTime >= 4 && done(video.currentTime);"
        "video.addEventListener('timeupdate', look); video.addEventListener('seeked', look);"
        "setTimeout(() => done(video.currentTime), 10_000); look(); })")  # fmt: skip
    assert 4 <= at <= 6


@pytest.mark.parametrize("width", [390, 1440])
def test_curator_mends_a_file_by_the_lines_that_are_named(
    new_context, live_server, studio, violations, width
):
    variant = studio.back_class.variants.get(tempo="workout-tempo", language="en")
    context = new_context(viewport={"width": width, "height": 900}, base_url=live_server.url)
    desk: Page = context.new_page()
    sign_in(desk, studio.curator.email)
    desk.goto(reverse("admin:classes_captions", args=[variant.pk]))

    bad = {"name": "film.vtt", "mimeType": "text/vtt", "buffer": b"WEBVTT\n\n1,0 --> 00:02.000\nx"}
    desk.get_by_label("Captions file").set_input_files(bad)
    desk.get_by_role("button", name="Bring them in").click()
    expect(desk.get_by_text("Line 3: “1,0” is no time.")).to_be_visible()
    assert violations(desk) == []
    assert desk.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0

    good = {**bad, "buffer": b"WEBVTT\n\n00:01.000 --> 00:02.000\nx"}
    desk.get_by_label("Captions file").set_input_files(good)
    desk.get_by_role("button", name="Bring them in").click()

    expect(desk.get_by_text("The captions in English are in, with 1 cue.")).to_be_visible()
    assert violations(desk) == []
    assert desk.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    desk.get_by_role("link", name="Delete", exact=True).click()
    expect(desk.get_by_role("button", name="Delete captions")).to_be_visible()
    assert violations(desk) == []
