"""A member's library in a real browser: saving without a reload, and all of it without a script."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from classes.body.avoiding import keep
from classes.library.saving import save_class
from classes.models import SavedClass, Viewing
from tests.browser.faults import sticks_out
from tests.browser.studio import Studio
from tests.browser.visits import DESK, PHONE, sign_in
from tests.factories import make_class, make_viewing

LIBRARY = ["/my/", "/my/saved/", "/my/history/", "/my/history/clear/"]


@pytest.fixture
def lived_in(studio) -> Studio:
    """A member who began a class, saved two, did one, and has one that left the catalogue."""
    member, back = studio.member, studio.back_class
    chair = make_class(title="Undo the Desk", slug="undo-the-desk")
    retired = make_class(title="Reformer for a Quiet Morning", state="retired")
    away = make_class(title="A class that is being redone")
    make_viewing(member, back.first_variant, second=750)
    make_viewing(
        member,
        chair.variants.get(),
        continues=False,
        done_at=timezone.now() - timedelta(days=40),
        seen_at=timezone.now() - timedelta(days=1),
        times_done=3,
    )
    make_viewing(member, retired.variants.get(), second=60)
    for workout_class in (away, retired, chair, back):
        save_class(member, workout_class.pk)
    away.state = "draft"
    away.save()
    keep(member, ["lying-on-the-back"])
    return studio


@pytest.fixture
def open_page(new_context, live_server, studio) -> Callable[..., Page]:
    """A page of the site for the member."""

    def opened(address: str, **options) -> Page:
        options.setdefault("viewport", PHONE)
        page = new_context(base_url=live_server.url, **options).new_page()
        sign_in(page, studio.member.email)
        page.goto(address)
        return page

    return opened


def the_button(page: Page, title: str):
    return page.locator("[data-save]").filter(has_text=title).first


def is_saved(studio: Studio) -> bool:
    return SavedClass.objects.filter(member=studio.member, workout_class=studio.back_class).exists()


# --- Saving -------------------------------------------------------------------------------------


def test_class_is_saved_and_given_up_without_a_reload(open_page, studio):
    page = open_page(studio.back_class.get_absolute_url())
    page.evaluate("window.stays = true")
    button = the_button(page, studio.back_class.title)
    said = page.locator("[data-save-said]")

    button.click()
    expect(said).to_contain_text("is saved: you find it in your library.")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(button).to_contain_text("Saved")
    assert is_saved(studio)

    button.press("Enter")
    expect(said).to_contain_text("is not saved any more.")
    expect(button).to_have_attribute("aria-pressed", "false")
    assert not is_saved(studio)
    assert page.evaluate("window.stays")


def test_double_click_saves(open_page, studio):
    page = open_page(studio.back_class.get_absolute_url())
    button = the_button(page, studio.back_class.title)
    page.route("**/my/saved/**", lambda route: (page.wait_for_timeout(300), route.continue_()))

    button.dblclick()

    expect(page.locator("[data-save-said]")).to_contain_text("is saved")
    expect(button).not_to_have_attribute("aria-busy", "true")
    expect(button).to_have_attribute("aria-pressed", "true")
    assert is_saved(studio)


@pytest.mark.parametrize("fault", ["offline", "error page", "signed out"])
def test_what_was_not_saved_says_so_and_is_put_back(open_page, studio, console, fault):
    console.allow("Failed to load resource")
    page = open_page(studio.back_class.get_absolute_url())
    button = the_button(page, studio.back_class.title)

    def break_down(route: Route) -> None:
        if fault == "offline":
            route.abort()
        else:
            route.fulfill(status=500, content_type="text/html", body="<h1>Broken</h1>")

    if fault == "signed out":
        page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    else:
        page.route("**/my/saved/**", break_down)
    button.click()

    said = page.locator("[data-save-said]")
    if fault == "signed out":
        expect(said).to_contain_text("You are signed out here.")
    else:
        expect(said).to_contain_text("That did not work, and nothing was changed.")
    expect(button).to_have_attribute("aria-pressed", "false")
    assert not is_saved(studio)


def test_class_is_saved_without_javascript(open_page, studio):
    page = open_page(studio.back_class.get_absolute_url(), java_script_enabled=False)

    the_button(page, studio.back_class.title).click()

    expect(page.locator(".messages")).to_contain_text("is saved: you find it in your library.")
    expect(the_button(page, studio.back_class.title)).to_have_attribute("aria-pressed", "true")
    assert is_saved(studio)


EXERCISE = "/exercises/hundred/"


@pytest.mark.parametrize("address", ["/", EXERCISE])
def test_class_is_saved_from_a_list_without_a_reload(open_page, studio, address):
    page = open_page(address)
    page.evaluate("window.stays = true")
    title = "Wunda Chair" if address == EXERCISE else studio.back_class.title
    button = the_button(page, title)
    if address == EXERCISE:  # after the title and the second of the film
        page.get_by_role("link", name=title).focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        expect(button).to_be_focused()

    button.press("Enter")

    expect(page.locator("[data-save-said]")).to_contain_text("is saved: you find it")
    expect(button).to_have_attribute("aria-pressed", "true")
    assert SavedClass.objects.filter(member=studio.member).count() == 1
    assert page.evaluate("window.stays")


def test_class_is_saved_from_an_exercise_without_javascript(open_page, studio):
    address = EXERCISE + "?avoid=twisting"
    page = open_page(address, java_script_enabled=False)

    the_button(page, "Wunda Chair").click()

    expect(page.locator(".messages")).to_contain_text("is saved: you find it in your library.")
    expect(the_button(page, "Wunda Chair")).to_have_attribute("aria-pressed", "true")
    assert page.url.endswith(address)


def test_visitor_signs_in_and_then_it_is_one_press(new_context, live_server, studio):
    page = new_context(base_url=live_server.url, viewport=PHONE).new_page()
    page.goto(studio.back_class.get_absolute_url())

    page.get_by_role("link", name="Sign in to save this class").click()
    page.get_by_label("E-mail").fill(studio.member.email)
    page.get_by_label("Password", exact=True).fill("a quiet morning")
    page.locator("main").get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"**{studio.back_class.get_absolute_url()}")
    the_button(page, studio.back_class.title).click()

    expect(page.locator("[data-save-said]")).to_contain_text("is saved")


# --- The pages ----------------------------------------------------------------------------------


def test_given_up_class_keeps_its_place_and_is_put_back(open_page, lived_in):
    page = open_page("/my/saved/")
    button = the_button(page, "Undo the Desk")

    button.click()
    expect(button).to_contain_text("Put back")
    expect(page.get_by_role("link", name="Undo the Desk")).to_be_visible()

    button.click()
    expect(button).to_contain_text("Saved")
    expect(page.locator("[data-save-said]")).to_contain_text("is saved")
    assert SavedClass.objects.count() == 4


def test_given_up_class_is_put_back_without_javascript(open_page, lived_in):
    page = open_page("/my/saved/", java_script_enabled=False)

    the_button(page, "Undo the Desk").click()
    expect(page.get_by_text("“Undo the Desk” is not saved any more.")).to_be_visible()
    page.get_by_role("button", name="Put back").click()

    expect(page.get_by_role("link", name="Undo the Desk")).to_be_visible()
    assert SavedClass.objects.count() == 4


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
def test_history_is_taken_out_paused_and_cleared(open_page, lived_in, scripts):
    page = open_page("/my/history/", java_script_enabled=scripts)

    page.locator("summary", has_text="Undo the Desk").click()
    page.get_by_role("button", name="Remove it").and_(page.locator(":visible")).click()
    expect(page.locator(".messages")).to_contain_text("It is out of your history")
    expect(page.get_by_role("link", name="Undo the Desk")).to_have_count(0)

    page.get_by_role("button", name="Pause my history").click()
    expect(page.locator("main")).to_contain_text("nothing of what you watch is written down")

    page.get_by_role("link", name="Clear it all").click()
    page.get_by_role("button", name="Clear my history").click()
    expect(page.get_by_role("heading", name="Nothing is written down")).to_be_visible()
    assert not Viewing.objects.exists()


def test_library_is_walked_by_keyboard(open_page, lived_in):
    """From the title of a card to its button, and from a line to what takes it out."""
    page = open_page("/my/saved/")
    page.get_by_role("link", name="Undo the Desk").focus()
    page.keyboard.press("Tab")
    expect(the_button(page, "Undo the Desk")).to_be_focused()

    page.goto("/my/history/")
    page.get_by_role("link", name="Undo the Desk").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(
        page.get_by_role("button", name="Remove it").and_(page.locator(":focus"))
    ).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_library_breaks_no_rule(open_page, lived_in, violations, scheme):
    page = open_page("/my/", color_scheme=scheme, viewport=DESK)
    found = {}
    for address in ("/", EXERCISE, *LIBRARY, "/my/saved/?page=7"):
        page.goto(address)
        found[address] = violations(page)
    page.goto("/my/history/")
    page.locator("summary", has_text="Undo the Desk").click()
    found["a line to be taken out"] = violations(page)
    page.goto("/my/saved/")
    the_button(page, "Undo the Desk").click()
    expect(page.locator("[data-save-said]")).not_to_be_empty()
    found["a class given up"] = violations(page)

    assert {address: what for address, what in found.items() if what} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_empty_library_breaks_no_rule(open_page, violations, scheme):
    page = open_page("/my/", color_scheme=scheme)
    found = {}
    for address in LIBRARY:
        page.goto(address)
        found[address] = violations(page)

    assert {address: what for address, what in found.items() if what} == {}


def test_no_page_of_the_library_is_wider_than_its_window(open_page, lived_in):
    page = open_page("/my/")
    wide = []
    for address in ("/", EXERCISE, *LIBRARY):
        page.goto(address)
        if address == "/my/history/":
            page.locator("summary", has_text="Undo the Desk").click()
        for width in (320, 390, 768, 1440):
            page.set_viewport_size({"width": width, "height": 800})
            if sticks_out(page):
                wide.append((address, width))

    assert wide == []
