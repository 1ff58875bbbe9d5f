"""My version: a film that asks, or goes on, where it comes to what somebody avoids."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from classes.models import Variant
from tests.browser.films import SECONDS, put_ladder, put_timeline
from tests.browser.visits import DESK, PHONE, REACHES, sign_in

# Keeps an ear on the film: the seconds that were played, as far as it tells them.
LISTEN = """video => {
    window.heard = [];
    const hear = () => { if (!video.paused && !video.seeking) heard.push(video.currentTime); };
    const look = () => { hear(); video.requestVideoFrameCallback(look); };
    video.addEventListener("timeupdate", hear);
    look();
}"""
ENDS = """video => new Promise((resolve, reject) => {
    const look = () => { if (video.ended) resolve(video.currentTime); };
    video.addEventListener("ended", look);
    setTimeout(() => reject(`not over at ${video.currentTime}`), 20_000);
    look();
})"""


@pytest.fixture
def variant(studio, settings) -> Variant:
    """Twisting from 0:04 and rolling right after it until 0:12; kneeling from 0:34 to the end."""
    variant = studio.back_class.first_variant
    put_ladder(variant, settings.FILMS_ROOT)
    put_timeline(variant, checked_by=studio.curator)
    return variant


@pytest.fixture
def open_page(new_context, live_server, studio, variant) -> Callable[..., Page]:
    """The page of the class for a member, or a visitor, who avoids twisting and rolling."""

    def opened(query: str = "", *, avoids="twisting rolling", signed_in=True, **options) -> Page:
        options.setdefault("viewport", DESK)
        page = new_context(base_url=live_server.url, **options).new_page()
        if signed_in:
            sign_in(page, studio.member.email)
        avoided = "&".join(f"avoid={slug}" for slug in avoids.split())
        page.goto(f"{studio.back_class.get_absolute_url()}?{avoided}{query}")
        return page

    return opened


def film(page: Page) -> Locator:
    return page.locator("video")


def second(page: Page) -> float:
    return film(page).evaluate("video => video.currentTime")


def choose(page: Page, words: str) -> None:
    page.get_by_role("radio", name=words).check()


def start(page: Page) -> None:
    page.get_by_role("button", name="Play", exact=True).click()


def seek(page: Page, to: float) -> None:
    film(page).evaluate("(video, to) => { video.currentTime = to; }", to)


def heard(page: Page, since: float, until: float) -> list[float]:
    """Which seconds between these were played; needs LISTEN."""
    return [at for at in page.evaluate("heard") if since < at < until]


def question(page: Page) -> Locator:
    return page.get_by_role("group", name=re.compile("Now comes what you avoid"))


def is_asked(page: Page) -> None:
    expect(question(page)).to_be_visible(timeout=20_000)
    assert film(page).evaluate("video => video.paused")


def skipped(page: Page) -> Locator:
    return page.locator(".player-skipped")


# --- What the page says --------------------------------------------------------------------------


def test_page_says_how_much_is_touched_and_asks_by_default(open_page):
    page = open_page()
    section = page.get_by_role("region", name="My version")

    expect(section).to_contain_text("2 parts have movements you avoid (0:08 of 0:40)")
    expect(page.get_by_role("radio", name="Ask me each time")).to_be_checked()
    expect(section.get_by_role("note")).to_have_count(0)


def test_page_warns_where_much_would_go(open_page):
    page = open_page(avoids="twisting rolling kneeling wrist-loading")

    expect(page.get_by_role("region", name="My version")).to_contain_text("90% of this film")


def test_who_avoids_nothing_is_told_nothing(open_page):
    page = open_page(avoids="none")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.reload()
    start(page)
    film(page).evaluate(REACHES, 4.5)

    expect(page.get_by_role("region", name="My version")).to_have_count(0)
    assert [url for url in asked if "my_version" in url] == []


def test_links_lead_past_each_part_without_javascript(open_page):
    page = open_page(java_script_enabled=False)
    page.get_by_text("Which parts these are").click()
    expect(page.get_by_role("radio", name="Skip it")).to_be_hidden()

    page.get_by_role("region", name="My version").get_by_role("link", name="0:12").click()

    assert page.url.endswith("?avoid=twisting&avoid=rolling&t=12#t=12")
    assert page.locator("source").first.get_attribute("src").endswith("#t=12")


def test_visitor_with_a_preview_is_promised_nothing(open_page):
    page = open_page(signed_in=False)

    expect(page.get_by_text("The preview plays as it is")).to_be_visible()
    expect(page.get_by_role("radio", name="Skip it")).to_have_count(0)
    start(page)
    film(page).evaluate(REACHES, 0.2)


# --- Skipping ------------------------------------------------------------------------------------


@pytest.mark.parametrize("speed", ["1", "2"])
def test_adjoining_parts_are_skipped_as_one_and_none_of_them_is_played(open_page, speed):
    page = open_page("&t=2")
    choose(page, "Skip it")
    page.locator(".player-settings > summary").click()
    page.locator("[data-set=speed]").select_option(speed)
    film(page).evaluate(LISTEN)

    start(page)
    film(page).evaluate(REACHES, 12.3)

    expect(skipped(page)).to_contain_text("Skipped: Saw, Roll Up")
    assert heard(page, 2, 3.9) != []
    assert heard(page, 4, 11.9) == []
    expect(skipped(page).locator("p")).to_be_hidden(timeout=7_000)


def test_one_file_is_skipped_in_too(open_page):
    page = open_page("&t=2")
    choose(page, "Skip it")
    page.locator(".player-settings > summary").click()
    page.get_by_label("Quality").select_option("One file (MP4)")
    page.keyboard.press("Escape")
    film(page).evaluate(LISTEN)

    start(page)
    film(page).evaluate(REACHES, 12.3)

    assert heard(page, 4, 11.9) == []


def test_what_was_skipped_is_played_after_all_and_not_skipped_again(open_page):
    page = open_page("&t=3")
    choose(page, "Skip it")
    start(page)
    film(page).evaluate(REACHES, 12)

    page.get_by_role("button", name="Play it after all").click()
    expect(skipped(page).locator("p")).to_be_hidden()
    film(page).evaluate("video => { video.playbackRate = 2; }")
    film(page).evaluate(LISTEN)
    film(page).evaluate(REACHES, 4.5)
    film(page).evaluate(REACHES, 12.5)
    assert heard(page, 5, 11) != []

    seek(page, 6)
    page.wait_for_timeout(600)
    assert second(page) < 9

    page.reload()
    start(page)
    expect(skipped(page)).to_contain_text("Saw")


@pytest.mark.parametrize("avoids", ["kneeling"])
def test_film_is_over_where_its_last_part_is_skipped(open_page, avoids):
    page = open_page("&t=32", avoids=avoids)
    choose(page, "Skip it")
    film(page).evaluate(LISTEN)

    start(page)
    film(page).evaluate(ENDS)

    assert heard(page, 34, SECONDS - 0.5) == []
    expect(page.get_by_role("button", name="Play it after all")).to_be_visible()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    start(page)  # from the beginning
    film(page).evaluate("""video => new Promise((resolve) => {
        video.addEventListener("timeupdate", () => { if (video.currentTime < 3) resolve(); });
    })""")


def test_film_begins_behind_a_part_that_it_begins_with(open_page):
    page = open_page(avoids="wrist-loading kneeling")
    choose(page, "Skip it")
    seek_to_start = "?avoid=wrist-loading&t=13"
    page.goto(page.url.partition("?")[0] + seek_to_start)
    film(page).evaluate(LISTEN)

    start(page)
    film(page).evaluate(REACHES, 34.2)

    assert heard(page, 0.1, 33.9) == []


def test_jump_into_a_part_is_skipped_too(open_page):
    page = open_page("&t=20")
    choose(page, "Skip it")
    start(page)
    film(page).evaluate(REACHES, 20.2)
    film(page).evaluate(LISTEN)

    page.locator("[data-timeline] [data-t='8']").click()
    film(page).evaluate(
        """video => new Promise((resolve) => {
            video.addEventListener("timeupdate", () => {
                if (!video.seeking && 12 < video.currentTime && video.currentTime < 15) resolve();
            });
        })"""
    )

    assert heard(page, 4, 11.9) == []


def test_who_goes_back_is_not_caught_behind_a_skipped_part(open_page):
    page = open_page("&t=14")
    choose(page, "Skip it")
    page.get_by_role("slider", name="Place in the film").focus()

    page.keyboard.press("j")  # ten seconds of my version: two of them behind it, eight before

    expect(page.get_by_role("slider", name="Place in the film")).to_have_value("0")


def test_choice_is_remembered_and_nothing_else(open_page):
    page = open_page()
    choose(page, "Skip it")

    page.reload()

    expect(page.get_by_role("radio", name="Skip it")).to_be_checked()
    kept = page.evaluate("JSON.stringify({...localStorage})")
    assert "skip" in kept
    assert "twisting" not in kept


# --- Asking --------------------------------------------------------------------------------------


def test_film_stops_and_asks_and_skips_by_key(open_page):
    page = open_page("&t=3")
    film(page).evaluate(LISTEN)
    start(page)

    is_asked(page)
    assert second(page) == pytest.approx(4, abs=0.1)
    expect(question(page)).to_contain_text("Saw, Roll Up")
    expect(page.get_by_role("button", name="Skip it")).to_be_focused()
    page.keyboard.press("Enter")

    film(page).evaluate(REACHES, 12.2)
    expect(question(page)).to_be_hidden()
    assert heard(page, 4.05, 11.9) == []


def test_film_plays_what_it_is_told_to_and_asks_once(open_page):
    page = open_page("&t=3")
    start(page)
    is_asked(page)

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    film(page).evaluate("video => { video.playbackRate = 2; }")
    film(page).evaluate(REACHES, 12.2)
    seek(page, 5)
    page.wait_for_timeout(500)

    assert not film(page).evaluate("video => video.paused")
    expect(question(page)).to_be_hidden()


def test_film_is_over_where_its_last_part_is_not_wanted(open_page):
    page = open_page("&t=33", avoids="kneeling")
    film(page).evaluate(LISTEN)
    start(page)
    is_asked(page)

    page.get_by_role("button", name="Skip it").click()

    expect(question(page)).to_be_hidden()
    film(page).evaluate(
        """video => new Promise((resolve) => {
            const look = () => (video.ended ? resolve() : setTimeout(look, 50));
            look();
        })"""
    )
    assert film(page).evaluate("video => video.paused")
    assert heard(page, 34.05, SECONDS) == []


def test_question_stands_until_it_is_answered(open_page):
    page = open_page("&t=5")
    start(page)
    is_asked(page)

    page.locator(".player").press("k")  # no answer
    film(page).evaluate("video => { video.play().catch(() => {}); }")  # as a key of the keyboard
    page.wait_for_timeout(300)
    is_asked(page)
    assert second(page) < 5.5

    page.locator("[data-timeline] [data-t='12']").click()
    film(page).evaluate(REACHES, 12.2)
    expect(question(page)).to_be_hidden()


def test_question_takes_no_key_from_who_is_writing(open_page):
    page = open_page("&t=3")
    start(page)
    reply = page.get_by_label("Leave a reply")

    reply.focus()
    is_asked(page)

    expect(reply).to_be_focused()


def test_question_is_asked_in_full_screen(open_page):
    page = open_page("&t=3")
    page.get_by_role("button", name="Full screen", exact=True).click()
    start(page)
    is_asked(page)

    assert page.evaluate("document.fullscreenElement !== null")
    page.get_by_role("button", name="Skip it").click()
    film(page).evaluate(REACHES, 12.2)


def test_film_that_is_to_play_all_plays_all(open_page):
    page = open_page("&t=3")
    choose(page, "Play it")

    start(page)
    film(page).evaluate(REACHES, 5)

    expect(question(page)).to_be_hidden()
    expect(skipped(page).locator("p")).to_be_hidden()


def test_nothing_is_played_where_the_promise_cannot_be_kept(open_page, console):
    console.allow("ERR_FAILED")
    page = open_page("&t=3")
    page.route(re.compile("my_version"), lambda route: route.abort())
    page.reload()

    start(page)

    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    assert film(page).evaluate("video => video.paused")
    expect(page.get_by_role("radio", name="Skip it")).to_be_disabled()


# --- What it looks like --------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_question_breaks_no_rule(open_page, violations, scheme, viewport):
    page = open_page("&t=3", color_scheme=scheme, viewport=viewport)
    page.get_by_text("Which parts these are").click()
    start(page)
    is_asked(page)
    assert violations(page) == []

    choose(page, "Skip it")
    start(page)
    expect(skipped(page)).to_contain_text("Saw")
    assert violations(page) == []


def test_question_fits_a_narrow_phone(open_page):
    page = open_page("&t=3", viewport={"width": 320, "height": 640})
    start(page)
    is_asked(page)

    player = page.locator(".player").bounding_box()
    box = question(page).bounding_box()
    assert player
    assert box
    assert box["height"] <= player["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
