"""The player: what it plays, how it is steered, and what it does when the film stops."""

import re
import time
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, Route, expect

from accounts.models import Membership
from classes.models import Variant
from tests.browser.films import SECONDS, put_captions, put_ladder
from tests.browser.visits import DESK, PHONE, REACHES, reaches_without_promises, sign_in

FILM = re.compile(r"/v/[^/]+-[^/]+/")

# As REACHES, for a size of the picture.
IS_WIDE = """(video, width) => new Promise((resolve, reject) => {
    const look = () => { if (video.videoWidth === width) resolve(); };
    video.addEventListener("resize", look);
    video.addEventListener("timeupdate", look);
    setTimeout(() => reject(`${video.videoWidth} wide`), 20_000);
    look();
})"""


@pytest.fixture
def variant(studio, settings) -> Variant:
    """The film of the class for sore backs, in two sizes and with captions in two languages."""
    variant = studio.back_class.first_variant
    put_ladder(variant, settings.FILMS_ROOT)
    put_captions(variant, "en")
    put_captions(variant, "es")
    return variant


def film(page: Page) -> Locator:
    return page.locator("video")


def second(page: Page) -> float:
    return film(page).evaluate("video => video.currentTime")


def start(page: Page) -> None:
    page.get_by_role("button", name="Play", exact=True).click()
    film(page).evaluate(REACHES, second(page) + 0.2)


def pause(page: Page) -> None:
    page.get_by_role("button", name="Pause", exact=True).click()


def line(page: Page) -> Locator:
    return page.get_by_role("slider", name="Place in the film")


def open_settings(page: Page) -> None:
    page.locator(".player-settings > summary").click()


# --- What plays ----------------------------------------------------------------------------------


def test_member_watches_the_ladder_through_hls(open_page):
    page = open_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    assert not film(page).get_attribute("controls")
    assert [url for url in asked if "hls" in url or FILM.search(url)] == []

    start(page)

    assert film(page).evaluate("video => video.currentSrc").startswith("blob:")
    assert any(url.endswith("/master.m3u8") for url in asked)
    film(page).evaluate(IS_WIDE, 854)


def test_visitor_watches_the_preview_and_fetches_no_hls(open_page):
    page = open_page(signed_in=False)
    asked = []
    page.on("request", lambda request: asked.append(request.url))

    start(page)

    assert "/preview.mp4?v=" in film(page).evaluate("video => video.currentSrc")
    assert [url for url in asked if "hls" in url] == []


def test_browser_plays_by_itself_where_hls_js_was_not_fetched(open_page, settings):
    settings.VENDORED_FILES = {}
    page = open_page()

    start(page)

    assert not film(page).evaluate("video => video.currentSrc").startswith("blob:")


def test_film_plays_without_javascript(open_page):
    page = open_page(java_script_enabled=False)
    expect(page.get_by_role("button", name="Play", exact=True)).to_have_count(0)

    film(page).evaluate("video => { video.play(); }")  # as the browser's own button does

    assert reaches_without_promises(page, 0.3)
    assert film(page).evaluate("video => video.videoWidth") in (854, 428)


def test_place_of_the_address_is_found_without_javascript(open_page):
    page = open_page("?t=21", java_script_enabled=False)

    film(page).evaluate("video => { video.play(); }")

    assert reaches_without_promises(page, 21.2)


def test_quality_can_be_chosen(open_page):
    page = open_page()
    start(page)
    film(page).evaluate(IS_WIDE, 854)
    open_settings(page)
    quality = page.get_by_label("Quality")
    assert quality.locator("option").all_text_contents() == [
        "Automatic",
        "480p",
        "240p",
        "One file (MP4)",
    ]

    quality.select_option("240p")

    film(page).evaluate(IS_WIDE, 428)


def test_one_file_goes_on_at_the_same_place_and_back_again(open_page):
    page = open_page("?t=12")
    start(page)
    open_settings(page)

    page.get_by_label("Quality").select_option("One file (MP4)")
    film(page).evaluate(REACHES, 12.5)
    assert film(page).evaluate("video => video.currentSrc").endswith("/film.mp4")

    page.get_by_label("Quality").select_option("Automatic")
    film(page).evaluate(REACHES, second(page) + 0.3)
    assert film(page).evaluate("video => video.currentSrc").startswith("blob:")
    assert 12 < second(page) < SECONDS - 5


def test_other_variant_plays_too(open_page, studio, settings):
    other = studio.back_class.variants.get(tempo="observe-and-learn")
    put_ladder(other, settings.FILMS_ROOT)
    page = open_page()
    start(page)

    page.get_by_role("link", name="Observe & Learn").click()

    page.wait_for_url("**/observe-and-learn/en/")
    start(page)
    film(page).evaluate(IS_WIDE, 854)


# --- How it is steered ---------------------------------------------------------------------------


def test_every_control_is_reached_by_tab(open_page):
    page = open_page()
    line(page).focus()
    names = [page.evaluate("document.activeElement.ariaLabel")]

    for _ in range(9):
        page.keyboard.press("Tab")
        names.append(page.evaluate("document.activeElement.ariaLabel"))

    assert names == [
        "Place in the film",
        "Play",
        "10 seconds back",
        "10 seconds on",
        "Sound off",
        "Volume",
        "Captions",
        "Settings of the film",
        "Picture in picture",
        "Full screen",
    ]


def test_keys_move_in_the_film_and_say_where(open_page):
    page = open_page("?t=20")
    start(page)
    pause(page)
    line(page).focus()
    at = second(page)

    for key, moved in (("ArrowRight", 5), ("j", -5), ("l", 5), ("ArrowLeft", 0)):
        page.keyboard.press(key)
        assert second(page) == pytest.approx(at + moved, abs=0.2)

    expect(line(page)).to_have_attribute("aria-valuetext", re.compile(r"^0:2\d of 0:40$"))


def test_keys_stop_mute_mirror_and_list_themselves(open_page):
    page = open_page()
    start(page)
    page.get_by_role("button", name="Pause", exact=True).focus()

    page.keyboard.press("k")
    assert film(page).evaluate("video => video.paused")
    page.keyboard.press("m")
    expect(page.get_by_role("button", name="Sound on", exact=True)).to_be_visible()
    assert film(page).evaluate("video => video.muted")
    page.keyboard.press("r")
    assert film(page).evaluate("video => getComputedStyle(video).transform").startswith("matrix(-1")
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keys, while you are in the player")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    expect(page.get_by_role("button", name="Leave full screen")).to_be_visible()
    page.keyboard.press("f")
    expect(page.get_by_role("button", name="Full screen", exact=True)).to_be_visible()


def test_letters_typed_elsewhere_are_letters(open_page):
    page = open_page()
    start(page)

    page.get_by_label("Leave a reply").press_sequentially("kmk?")

    expect(page.get_by_label("Leave a reply")).to_have_value("kmk?")
    assert not film(page).evaluate("video => video.paused || video.muted")


def test_captions_are_shown_and_remembered(open_page):
    page = open_page("?t=2")
    start(page)
    captions = page.locator(".player-captions")
    expect(captions).to_have_text("")

    page.keyboard.press("c")
    expect(captions).to_have_text("Breathe in.")
    assert film(page).evaluate("video => video.textTracks[0].activeCues.length") == 1
    line(page).focus()
    page.keyboard.press("l")
    expect(captions).to_have_text("And out.")

    page.reload()
    start(page)
    expect(captions).to_have_text(re.compile("Breathe in.|And out."))
    open_settings(page)
    page.get_by_label("Captions").last.select_option("")
    expect(captions).to_have_text("")


def test_speed_is_remembered(open_page):
    page = open_page()
    open_settings(page)
    page.get_by_label("Speed").select_option("1.5×")
    start(page)
    assert film(page).evaluate("video => video.playbackRate") == 1.5

    page.reload()
    start(page)

    assert film(page).evaluate("video => video.playbackRate") == 1.5
    expect(page.locator("[data-set=speed]")).to_have_value("1.5")


def test_storyboard_shows_under_the_pointer_and_while_moving_by_key(open_page):
    page = open_page()
    start(page)
    pause(page)
    tip = page.locator(".player-tip")
    box = line(page).bounding_box()
    assert box

    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(tip).to_contain_text(re.compile(r"0:(19|20)"))
    expect(tip.locator("[data-frame]")).to_have_attribute(
        "style", re.compile(r"storyboard-1\.jpg.*-800px|-800px.*storyboard-1\.jpg")
    )
    page.mouse.move(0, 0)
    expect(tip).to_be_hidden()

    line(page).focus()
    page.keyboard.press("ArrowRight")
    expect(tip).to_contain_text("0:05")
    expect(tip.locator("[data-frame]")).to_be_visible()


def test_controls_leave_while_it_plays_and_stay_while_it_does_not(open_page):
    page = open_page()
    start(page)
    bar = page.locator(".player-bar")
    page.mouse.move(5, 5)

    expect(bar).to_have_css("opacity", "0", timeout=8_000)
    page.keyboard.press("Tab")  # from the button that was pressed: what has the focus is seen
    expect(bar).to_have_css("opacity", "1")
    page.keyboard.press("k")
    page.wait_for_timeout(3_500)
    expect(bar).to_have_css("opacity", "1")


def test_finger_brings_controls_and_takes_them_away(open_page):
    page = open_page(viewport=PHONE, has_touch=True)
    page.get_by_role("button", name="Play", exact=True).tap()
    film(page).evaluate(REACHES, 0.2)
    bar = page.locator(".player-bar")

    page.touchscreen.tap(195, 160)
    expect(bar).to_have_css("opacity", "0")
    page.touchscreen.tap(195, 160)
    expect(bar).to_have_css("opacity", "1")
    assert not film(page).evaluate("video => video.paused")


def test_film_goes_on_where_it_was_left_or_from_the_beginning(open_page):
    page = open_page("?t=21")
    start(page)
    film(page).evaluate(REACHES, 21.6)  # a second counts from its middle on
    with page.expect_response("**/my/progress/**"):
        pause(page)

    address = page.url.partition("?")[0]
    page.goto(address)
    told = page.get_by_text(re.compile(r"You stopped at 0:2\d"))
    expect(told).to_be_visible()
    # On a busy machine the film plays on for a moment before it pauses.
    stopped = int(re.findall(r"0:(2\d)", told.inner_text())[0])
    expect(line(page)).to_have_value(str(stopped - 5))
    start(page)
    assert stopped - 5 < second(page) < stopped - 1
    pause(page)

    page.goto(address)
    page.get_by_role("button", name="Start from the beginning").click()
    film(page).evaluate(REACHES, 0.2)
    assert second(page) < 5


def test_film_that_is_done_starts_anew(open_page):
    page = open_page("?t=38")
    start(page)
    film(page).evaluate("video => new Promise((resolve) => (video.onended = resolve))")

    page.goto(page.url.partition("?")[0])

    expect(line(page)).to_have_value("0")
    expect(page.get_by_text("You stopped at")).to_be_hidden()


def test_link_of_the_transcript_moves_the_film(open_page):
    page = open_page()
    link = page.locator("a[data-t]", has_text="And out.").first
    link.evaluate("link => link.closest('details')?.setAttribute('open', '')")

    link.click()

    film(page).evaluate(REACHES, 9.2)
    assert second(page) < 15
    assert "#t=" not in page.url


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_controls_break_no_rule(open_page, violations, scheme, viewport):
    page = open_page(color_scheme=scheme, viewport=viewport)
    start(page)
    pause(page)

    open_settings(page)
    assert violations(page) == []

    page.get_by_role("button", name="Keys").click()
    assert violations(page) == []


def test_controls_fit_a_narrow_phone(open_page):
    page = open_page(viewport={"width": 320, "height": 640})
    start(page)
    open_settings(page)

    for control in page.locator(".player :is(button, select, summary):visible").all():
        box = control.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 320
        assert min(box["width"], box["height"]) >= 24


# --- When it stops -------------------------------------------------------------------------------


@pytest.fixture
def later(monkeypatch) -> Callable[[], None]:
    """Half a day passes for whoever looks at a pass."""
    in_half_a_day = SimpleNamespace(time=lambda: time.time() + 13 * 3600)
    return lambda: monkeypatch.setattr("classes.watch.passes.time", in_half_a_day)


@pytest.mark.parametrize("quality", ["Automatic", "One file (MP4)"])
def test_film_plays_when_its_pass_ran_out_before_it_was_started(open_page, console, later, quality):
    console.allow("403 (Forbidden)")
    page = open_page("?t=7")
    open_settings(page)
    page.get_by_label("Quality").select_option(quality)
    page.keyboard.press("Escape")
    later()

    page.get_by_role("button", name="Play", exact=True).click()

    film(page).evaluate(REACHES, 7.3)
    expect(page.locator("[data-problem]:visible")).to_have_count(0)


def test_place_is_kept_when_the_pass_runs_out_in_the_middle(open_page, console, later):
    console.allow("403 (Forbidden)")
    page = open_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    start(page)
    later()

    line(page).focus()
    page.keyboard.press("End")  # beyond what has been fetched
    page.keyboard.press("j")

    film(page).evaluate(REACHES, SECONDS - 10)
    expect(page.locator("[data-problem]:visible")).to_have_count(0)
    assert [url for url in asked if url.endswith("/pass")] != []


def test_member_whose_membership_ended_is_told(open_page, console, later):
    console.allow("403 (Forbidden)")
    page = open_page()
    start(page)
    later()
    Membership.objects.update(ends_at=timezone.now() - timedelta(minutes=1))

    line(page).focus()
    page.keyboard.press("End")

    expect(page.get_by_role("alert")).to_contain_text("Your membership ended on")
    assert film(page).evaluate("video => video.paused")
    page.get_by_role("alert").get_by_role("link", name="Go on").click()
    expect(page.get_by_text("What you saved, your history and your comments stay")).to_be_visible()


def test_film_waits_for_the_line(open_page, console):
    console.allow("ERR_INTERNET_DISCONNECTED")
    page = open_page()
    start(page)
    page.context.set_offline(True)

    line(page).focus()
    page.keyboard.press("End")
    page.keyboard.press("j")

    expect(page.get_by_role("alert")).to_contain_text("nothing came over the line")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    page.context.set_offline(False)
    film(page).evaluate(REACHES, SECONDS - 10)
    expect(page.locator("[data-problem]:visible")).to_have_count(0)


def test_simpler_file_is_the_way_out_where_the_ladder_is_gone(open_page, console):
    console.allow("404 (Not Found)")
    page = open_page("?t=5")

    def gone(route: Route) -> None:
        route.fulfill(status=404, body="Gone.")

    page.route(re.compile(r"/\d+p\.mp4$"), gone)
    page.get_by_role("button", name="Play", exact=True).click()

    page.get_by_role("alert").get_by_role("button", name="Play the simpler file").click()

    film(page).evaluate(REACHES, 5.3)
    assert film(page).evaluate("video => video.currentSrc").endswith("/film.mp4")


@pytest.mark.slow
def test_thin_line_shows_a_picture_soon_and_does_not_stall(
    new_context, live_server, studio, settings
):
    """900 kbit/s, for somebody of whose line nothing is known yet; hls.js comes over it too."""
    put_ladder(studio.back_class.first_variant, settings.FILMS_ROOT, busy=True)
    page = new_context(viewport=DESK, base_url=live_server.url).new_page()
    sign_in(page, studio.member.email)
    page.goto(studio.back_class.get_absolute_url())
    line_of(page, kilobits=900)
    film(page).evaluate(
        """video => {
            video.stalls = 0;
            video.addEventListener("playing", () => {
                video.addEventListener("waiting", () => (video.stalls += 1));
            }, { once: true });
        }"""
    )

    began = time.monotonic()
    page.get_by_role("button", name="Play", exact=True).click()
    film(page).evaluate(REACHES, 0.05)
    took = time.monotonic() - began
    film(page).evaluate(
        """(video, until) => new Promise((resolve) => {
            const look = () => { if (video.currentTime > until || video.ended) resolve(); };
            video.addEventListener("timeupdate", look);
        })""",
        SECONDS - 10,
    )

    assert took <= 10
    assert film(page).evaluate("video => video.stalls") == 0


def line_of(page: Page, *, kilobits: int) -> None:
    page.context.new_cdp_session(page).send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": 60,
            "downloadThroughput": kilobits * 1000 / 8,
            "uploadThroughput": kilobits * 1000 / 8,
        },
    )
