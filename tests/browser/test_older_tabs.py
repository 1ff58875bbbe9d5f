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
from tests.browser.studio import Studio, open_studio
from tests.browser.test_progress import pause, watch
from tests.browser.visits import DESK, sign_in
from tests.factories import make_class


@pytest.fixture
def studio(settings, transactional_db) -> Studio:
    return open_studio(settings.MEDIA_ROOT, settings.FILMS_ROOT)


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


@pytest.mark.parametrize("address", ["/classes/", "/classes/slow-gentle-mat-for-back-pain/"])
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
