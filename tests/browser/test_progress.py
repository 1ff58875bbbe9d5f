"""Where a member is in a film: told as it plays and when they leave, and found again."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Request, expect

from classes.library.seconds import from_bytes, to_bytes
from classes.models import HistoryPause, Variant, Viewing, WorkoutClass
from tests.browser.films import put_ladder, put_timeline
from tests.browser.visits import REACHES

BEACON = re.compile(r"/my/progress/\d+/")


@pytest.fixture
def variant(studio, settings) -> Variant:
    """Forty seconds; twisting from 0:04 and rolling right after it until 0:12."""
    variant = studio.back_class.first_variant
    put_ladder(variant, settings.FILMS_ROOT)
    put_timeline(variant, checked_by=studio.curator)
    return variant


def begin(variant: Variant, member, *, until: int, second: int = 0) -> Viewing:
    """The member has watched that much of the film, an hour ago."""
    then = timezone.now() - timedelta(hours=1)
    return Viewing.objects.create(
        member=member,
        variant=variant,
        workout_class=variant.workout_class,
        film=variant.video_id,
        second=second,
        covered=to_bytes((1 << until) - 1),
        measured_at=then,
        credited_at=then,
        continues=True,
    )


def watch(page: Page, until: float) -> None:
    page.get_by_role("button", name="Play", exact=True).click()
    page.locator("video").evaluate(REACHES, until)


def pause(page: Page) -> None:
    """And wait until the site has heard of it."""
    with page.expect_response(BEACON) as heard:
        page.get_by_role("button", name="Pause", exact=True).click()
    assert heard.value.status == 204


def seconds(viewing: Viewing) -> set[int]:
    bits = from_bytes(viewing.covered)
    return {second for second in range(bits.bit_length()) if bits >> second & 1}


def written(page: Page) -> Viewing:
    """The line of the history, once it is there: a beacon on leaving is answered to nobody."""
    for _ in range(100):
        if viewing := Viewing.objects.first():
            return viewing
        page.wait_for_timeout(50)
    pytest.fail("nothing was written")


def beacons(page: Page) -> list[str]:
    asked: list[str] = []

    def hear(request: Request) -> None:
        if BEACON.search(request.url):
            asked.append(request.post_data or "")

    page.on("request", hear)
    return asked


def kept_here(page: Page) -> str:
    return page.evaluate("JSON.stringify({...localStorage})")


def test_who_leaves_while_it_plays_finds_the_place_again_five_seconds_earlier(open_page):
    page = open_page("?t=20")
    address = page.url.partition("?")[0]
    watch(page, 22.2)

    page.get_by_role("link", name="Instructors").first.click()
    page.wait_for_url("**/instructors/")

    viewing = written(page)
    assert viewing.second in (22, 23)
    assert {20, 21} <= seconds(viewing) <= {20, 21, 22}
    assert abs(timezone.now() - viewing.measured_at) < timedelta(seconds=20)
    page.goto(address)
    expect(page.get_by_text(f"You stopped at 0:{viewing.second}")).to_be_visible()
    expect(page.get_by_role("slider", name="Place in the film")).to_have_value(
        str(viewing.second - 5)
    )
    watch(page, viewing.second - 4.5)
    assert "film:" not in kept_here(page)


def test_place_is_found_on_another_machine_and_gone_with_the_history(open_page):
    page = open_page("?t=20")
    watch(page, 20.8)
    pause(page)

    elsewhere = open_page()
    expect(elsewhere.get_by_text("You stopped at 0:2")).to_be_visible()

    Viewing.objects.all().delete()
    for each in (page, elsewhere):
        each.goto(each.url.partition("?")[0])
        expect(each.get_by_role("slider", name="Place in the film")).to_have_value("0")
        expect(each.get_by_text("You stopped at")).to_be_hidden()


def test_site_is_told_on_the_way(open_page):
    page = open_page("?t=1")
    page.locator("video").evaluate("video => { video.playbackRate = 2; }")

    with page.expect_response(BEACON, timeout=30_000) as heard:
        page.get_by_role("button", name="Play", exact=True).click()

    assert heard.value.status == 204
    assert not page.locator("video").evaluate("video => video.paused")
    assert len(seconds(Viewing.objects.get())) >= 10


def test_what_my_version_skips_counts(open_page, variant):
    page = open_page("?avoid=twisting&avoid=rolling&t=2")
    page.get_by_role("radio", name="Skip it").check()

    watch(page, 13.7)
    pause(page)

    counted = seconds(Viewing.objects.get())
    assert {2, 3, *range(4, 12), 12} <= counted
    assert 0 not in counted


def test_class_is_done_at_nine_tenths(open_page, studio, variant):
    begin(variant, studio.member, until=34)
    page = open_page("?t=33")

    watch(page, 36.7)
    pause(page)

    viewing = Viewing.objects.get()
    assert (viewing.times_done, viewing.continues) == (1, False)
    assert viewing.done_at is not None


def test_without_javascript_a_link_leads_to_the_place(open_page, studio, variant):
    begin(variant, studio.member, until=20, second=20)
    page = open_page(java_script_enabled=False)

    page.get_by_role("link", name="Go on at 0:15").click()

    assert page.url.endswith("?t=15#t=15")
    assert page.locator("source").first.get_attribute("src").endswith("#t=15")
    expect(page.get_by_role("link", name="Go on at")).to_have_count(0)


def test_place_of_a_visitor_stays_in_their_browser(open_page, studio):
    WorkoutClass.objects.filter(pk=studio.back_class.pk).update(is_free=True)
    page = open_page("?t=21", signed_in=False)
    told = beacons(page)
    watch(page, 21.8)
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()

    page.goto(page.url.partition("?")[0])

    expect(page.get_by_text("You stopped at 0:2")).to_be_visible()
    assert "film:" in kept_here(page)
    assert told == []


def test_member_leaves_no_place_in_the_browser(open_page, variant):
    page = open_page("?t=21")
    at = '{"at": 21}'
    page.evaluate(f"localStorage.setItem('film:{variant.video_id}', '{at}')")

    watch(page, 21.8)
    pause(page)

    assert "film:" not in kept_here(page)


def test_clock_of_the_machine_may_be_wrong(open_page, studio, variant):
    begin(variant, studio.member, until=30, second=25)
    page = open_page()
    page.add_init_script(
        """const [now, origin] = [Date.now, performance.timeOrigin];
        Date.now = () => now() - 86_400_000;
        Object.defineProperty(performance, "timeOrigin", { value: origin - 86_400_000 });"""
    )
    page.goto(page.url + "?t=14")

    watch(page, 15.8)
    pause(page)

    viewing = Viewing.objects.get()
    assert 15 <= viewing.second < 25
    assert abs(timezone.now() - viewing.measured_at) < timedelta(seconds=20)


def test_nothing_is_kept_anywhere_while_the_history_is_paused(open_page, studio):
    HistoryPause.objects.create(member=studio.member)
    page = open_page("?t=20")
    told = beacons(page)

    watch(page, 21.8)
    page.get_by_role("button", name="Pause", exact=True).click()
    page.goto(page.url.partition("?")[0])

    expect(page.get_by_role("slider", name="Place in the film")).to_have_value("0")
    assert "film:" not in kept_here(page)
    assert told == []
    assert not Viewing.objects.exists()


def test_what_did_not_come_through_is_told_with_the_next(open_page, console):
    console.allow("ERR_INTERNET_DISCONNECTED")
    page = open_page("?t=20")
    page.route(BEACON, lambda route: route.abort("internetdisconnected"))
    watch(page, 21.8)
    with page.expect_event("requestfailed"):
        page.get_by_role("button", name="Pause", exact=True).click()
    assert not Viewing.objects.exists()
    page.unroute(BEACON)

    watch(page, 23.2)
    pause(page)

    assert {20, 21, 22} <= seconds(Viewing.objects.get())
