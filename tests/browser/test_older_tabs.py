"""Pages that were opened before something changed elsewhere: they go on, and say what is so now."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, expect

from classes.library.saving import save_class, saved_classes
from classes.models import SavedClass, Variant, Viewing
from tests.browser.films import put_ladder
from tests.browser.studio import Studio
from tests.browser.test_progress import BEACON, pause, seconds, watch, written
from tests.browser.visits import DESK, REACHES, sign_in
from tests.factories import make_class


@pytest.fixture
def variant(studio, settings) -> Variant:
    variant = studio.back_class.first_variant
    put_ladder(variant, settings.FILMS_ROOT)
    return variant


@pytest.fixture
def open_page(new_context, live_server, studio) -> Callable[[str], Page]:
    """A page of the site for the member."""

    def opened(address: str) -> Page:
        page = new_context(base_url=live_server.url, viewport=DESK).new_page()
        sign_in(page, studio.member.email)
        page.goto(address)
        return page

    return opened


def sign_in_anew(page: Page, studio: Studio) -> None:
    """In another tab of the same browser, which renews the token of every form."""
    other = page.context.new_page()
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    sign_in(other, studio.member.email)
    other.close()


def the_button(page: Page, title: str):
    return page.locator("[data-save]").filter(has_text=title).first


def test_film_is_still_told_of_after_a_sign_in_in_another_tab(open_page, studio, variant):
    page = open_page(studio.back_class.get_absolute_url() + "?t=14")
    watch(page, 15.2)
    sign_in_anew(page, studio)

    pause(page)

    assert Viewing.objects.get().member == studio.member


def test_what_was_refused_while_signed_out_is_told_after_signing_in_again(
    open_page, studio, variant, console
):
    console.allow("Failed to load resource")
    page = open_page(studio.back_class.get_absolute_url() + "?t=14")
    watch(page, 17)
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    with page.expect_response(BEACON) as heard:
        page.get_by_role("button", name="Pause", exact=True).click()
    assert heard.value.status == 403

    sign_in_anew(page, studio)
    page.goto("/classes/")

    assert {14, 15, 16} <= seconds(written(page))


def test_seconds_that_were_jumped_over_are_not_told_as_played(open_page, studio, variant):
    page = open_page(studio.back_class.get_absolute_url() + "?t=14")
    watch(page, 15.2)
    # The browser may say that time went on before it says that somebody jumps.
    page.locator("video").evaluate(
        "(video) => { video.currentTime = 30; video.dispatchEvent(new Event('timeupdate')); }"
    )
    page.locator("video").evaluate(REACHES, 30.8)

    pause(page)

    assert seconds(Viewing.objects.get()).isdisjoint(range(18, 29))


@pytest.mark.parametrize("address", ["/", "/classes/", "/classes/slow-gentle-mat-for-back-pain/"])
def test_class_is_saved_after_a_sign_in_in_another_tab(open_page, studio, address):
    page = open_page(address)
    sign_in_anew(page, studio)

    the_button(page, studio.back_class.title).click()

    expect(page.locator("[data-save-said]")).to_contain_text("is saved")
    assert SavedClass.objects.get().workout_class == studio.back_class


def test_who_comes_back_sees_what_is_saved_now(open_page, studio):
    page = open_page(studio.back_class.get_absolute_url())
    button = the_button(page, studio.back_class.title)
    expect(button).to_have_attribute("aria-pressed", "false")
    page.goto("/classes/")
    save_class(studio.member, studio.back_class.pk)

    page.go_back()

    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(page.locator("[data-save-said]")).to_contain_text("is not saved any more")
    assert not SavedClass.objects.exists()


def test_button_in_results_that_came_later_saves(open_page, studio):
    page = open_page("/classes/")
    with page.expect_response("**/classes/?**"):
        page.locator("select[name=sort]").select_option("shortest")
    expect(page).to_have_url(re.compile("sort=shortest"))

    the_button(page, studio.back_class.title).click()

    expect(page.locator("[data-save-said]")).to_contain_text("is saved")
    assert SavedClass.objects.get().workout_class == studio.back_class


def test_class_is_put_back_where_it_stood(open_page, studio):
    long_ago = timezone.now() - timedelta(days=30)
    save_class(studio.member, studio.back_class.pk, saved_at=long_ago)
    save_class(studio.member, make_class(slug="undo-the-desk").pk)
    page = open_page("/my/saved/")
    button = the_button(page, studio.back_class.title)

    button.click()
    expect(button).to_contain_text("Put back")
    expect(button).not_to_have_attribute("aria-busy", "true")
    button.click()
    expect(button).to_contain_text("Saved")
    expect(button).not_to_have_attribute("aria-busy", "true")

    assert [each.slug for each in saved_classes(studio.member, 0, 9)] == [
        "undo-the-desk",
        studio.back_class.slug,
    ]


def test_place_is_found_again_on_the_way_back(open_page, studio, variant):
    """The browser may show the page that it kept, which knows the place of then."""
    page = open_page(studio.back_class.get_absolute_url())
    watch(page, 0.5)
    page.get_by_role("slider", name="Place in the film").fill("21")
    page.locator("video").evaluate("(video) => new Promise((stop) => setTimeout(stop, 1500))")
    pause(page)
    assert Viewing.objects.get().second >= 20
    page.goto("/classes/")

    page.go_back()

    slider = page.get_by_role("slider", name="Place in the film")
    expect(slider).to_have_value(str(Viewing.objects.get().second - 5))
