"""Chapters in the player: the one that plays, from one to the next, one over and over."""

import pytest
from playwright.sync_api import Locator, Page, expect

from classes.models import Chapter, Tempo, Variant
from tests.browser.films import put_ladder, put_timeline
from tests.browser.visits import DESK, PHONE, REACHES
from tests.factories import make_exercise

# As REACHES, for a film that goes back.
FALLS_TO = """(video, second) => new Promise((resolve, reject) => {
    const look = () => { if (!video.seeking && video.currentTime < second) resolve(); };
    video.addEventListener("timeupdate", look);
    setTimeout(() => reject(`stayed at ${video.currentTime}`), 20_000);
    look();
})"""


@pytest.fixture
def variant(studio, settings) -> Variant:
    """Chapters from 0:00, 0:04, 0:08, 0:12 and 0:34 on."""
    variant = studio.back_class.first_variant
    put_ladder(variant, settings.FILMS_ROOT)
    put_timeline(variant, checked_by=studio.curator)
    return variant


def film(page: Page) -> Locator:
    return page.locator("video")


def second(page: Page) -> float:
    return film(page).evaluate("video => video.currentTime")


def start(page: Page) -> None:
    page.get_by_role("button", name="Play", exact=True).click()
    film(page).evaluate(REACHES, second(page) + 0.2)


def line(page: Page) -> Locator:
    return page.get_by_role("slider", name="Place in the film")


def current(page: Page) -> Locator:
    return page.locator("[data-timeline] [aria-current=true]")


# --- The one that plays --------------------------------------------------------------------------


def test_chapter_that_plays_is_marked_and_named(open_page):
    page = open_page()
    expect(current(page)).to_have_count(0)

    start(page)
    expect(current(page)).to_have_attribute("data-t", "0")
    film(page).evaluate(REACHES, 4.1)

    expect(current(page)).to_have_count(1)
    expect(current(page)).to_have_attribute("data-t", "4")
    expect(page.locator(".player-chapter")).to_have_text("Saw")


def test_chapters_are_told_at_their_places_on_the_line(open_page):
    page = open_page("?t=20")
    start(page)
    page.get_by_role("button", name="Pause", exact=True).click()
    box = line(page).bounding_box()
    assert box

    page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + box["height"] / 2)
    expect(page.locator(".player-tip")).to_contain_text("Roll Up")
    line(page).focus()
    page.keyboard.press("ArrowRight")
    expect(line(page)).to_have_attribute("aria-valuetext", "0:25 of 0:40 · Hundred")

    marks = page.locator(".player-marks > span")
    expect(marks).to_have_count(5)
    mark = marks.nth(3).bounding_box()
    assert mark
    assert mark["x"] == pytest.approx(box["x"] + 0.3 * box["width"], abs=2)


def test_preview_has_no_chapters(open_page):
    page = open_page(signed_in=False)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    start(page)

    expect(current(page)).to_have_count(0)
    expect(page.get_by_role("button", name="Next chapter")).to_have_count(0)
    assert [url for url in asked if "chapters" in url] == []


# --- From one to the next ------------------------------------------------------------------------


def test_time_of_a_chapter_leads_to_it(open_page):
    page = open_page()

    page.locator("[data-timeline] [data-t='12']").click()

    film(page).evaluate(REACHES, 12.2)
    assert second(page) < 20


def test_time_of_a_chapter_leads_to_it_without_javascript(open_page):
    page = open_page(java_script_enabled=False)

    page.locator("[data-timeline] a[href*='t=12']").first.click()

    source = page.locator("source").first.get_attribute("src")
    assert source
    assert source.endswith("#t=12")


def test_keys_go_from_chapter_to_chapter(open_page):
    page = open_page("?t=10")
    start(page)
    page.get_by_role("button", name="Pause", exact=True).focus()
    page.keyboard.press("k")

    for key, place in (("n", 12), ("n", 34), ("n", 34), ("p", 12), ("p", 8), ("p", 4), ("p", 0)):
        page.keyboard.press(key)
        assert second(page) == place

    page.keyboard.press("?")
    expect(page.get_by_text("Chapter before or next chapter")).to_be_visible()
    expect(page.get_by_text("Loop this chapter").last).to_be_visible()


def test_buttons_go_from_chapter_to_chapter_before_anything_plays(open_page):
    page = open_page()

    page.get_by_role("button", name="Next chapter").click()
    expect(line(page)).to_have_value("4")
    page.get_by_role("button", name="Next chapter").click()
    expect(line(page)).to_have_value("8")
    page.get_by_role("button", name="Chapter before").click()
    expect(line(page)).to_have_value("4")

    assert film(page).evaluate("video => video.paused")


def test_skipped_chapters_are_passed_over(open_page):
    page = open_page("?avoid=twisting&avoid=rolling")
    page.get_by_role("radio", name="Skip it").check()

    page.get_by_role("button", name="Next chapter").click()
    expect(line(page)).to_have_value("12")
    page.get_by_role("button", name="Chapter before").click()

    expect(line(page)).to_have_value("0")


# --- Over and over -------------------------------------------------------------------------------


def loop(page: Page, at: int) -> Locator:
    item = page.locator(f"[data-timeline] [data-start='{at}']")
    return item.get_by_role("button", name="Loop this chapter")


@pytest.mark.parametrize("speed", [1, 2])
def test_chapter_is_played_over_and_over_until_it_is_let_go(open_page, speed):
    page = open_page("?t=11")
    start(page)
    film(page).evaluate("(video, speed) => { video.playbackRate = speed; }", speed)

    loop(page, 8).click()
    expect(loop(page, 8)).to_have_attribute("aria-pressed", "true")
    film(page).evaluate(FALLS_TO, 9)
    assert second(page) >= 8
    film(page).evaluate(REACHES, 11)
    film(page).evaluate(FALLS_TO, 9)

    film(page).evaluate(REACHES, 11)
    loop(page, 8).click()
    film(page).evaluate(REACHES, 12.3)


def test_last_chapter_is_looped_as_any_other(open_page):
    page = open_page("?t=38")
    start(page)

    loop(page, 34).click()

    film(page).evaluate(FALLS_TO, 35)
    assert not film(page).evaluate("video => video.paused")


def test_key_and_setting_loop_the_chapter_that_plays(open_page):
    page = open_page("?t=5")
    start(page)
    page.locator(".player-settings > summary").click()
    setting = page.get_by_role("checkbox", name="Loop this chapter")

    setting.check()
    expect(loop(page, 4)).to_have_attribute("aria-pressed", "true")
    setting.press("o")
    expect(loop(page, 4)).to_have_attribute("aria-pressed", "false")
    expect(setting).not_to_be_checked()


def test_who_goes_elsewhere_has_done_with_the_loop(open_page):
    page = open_page("?t=9")
    start(page)
    loop(page, 8).click()

    page.locator("[data-timeline] [data-t='12']").click()
    film(page).evaluate(REACHES, 12.3)

    expect(loop(page, 8)).to_have_attribute("aria-pressed", "false")


def test_loop_beside_what_is_avoided_plays_none_of_it(open_page):
    page = open_page("?avoid=twisting&t=2")
    page.get_by_role("radio", name="Skip it").check()
    start(page)

    loop(page, 0).click()
    film(page).evaluate(FALLS_TO, 1)
    expect(loop(page, 0)).to_have_attribute("aria-pressed", "true")

    loop(page, 4).click()  # what is skipped is no loop
    film(page).evaluate(REACHES, 8.2)
    expect(loop(page, 4)).to_have_attribute("aria-pressed", "false")


# --- The other film ------------------------------------------------------------------------------


def test_other_film_goes_on_with_the_same_exercise(open_page, studio, variant, settings):
    other = studio.back_class.variants.get(tempo=Tempo.OBSERVE)
    put_ladder(other, settings.FILMS_ROOT)
    saw = make_exercise(name="The Saw itself")
    Chapter.objects.filter(variant=variant, start=4).update(title="", exercise=saw)
    Chapter.objects.create(variant=other, start=20, end=30, exercise=saw)
    page = open_page("?t=5")
    start(page)

    page.get_by_role("link", name="Observe & Learn").click()
    page.wait_for_url("**/observe-and-learn/en/?t=20#t=20")
    expect(line(page)).to_have_value("20")

    page.go_back()
    start(page)
    page.locator("[data-timeline] [data-t='12']").click()
    film(page).evaluate(REACHES, 12.2)
    page.get_by_role("link", name="Observe & Learn").click()

    page.wait_for_url("**/observe-and-learn/en/")


# --- What it looks like --------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_chapters_break_no_rule(open_page, violations, scheme, viewport):
    page = open_page("?t=9&avoid=twisting", color_scheme=scheme, viewport=viewport)
    start(page)
    loop(page, 8).click()

    assert violations(page) == []
