"""The filter in a real browser: in place with a script, by a button without one."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from tests.factories import make_class, make_focus_tag, make_variant

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 800}


@pytest.fixture
def classes() -> None:
    """An open class of 15 minutes, an open one of 40 and an advanced one of 15."""
    hips = make_focus_tag(slug="hips", name="Hip Opening")
    for title, level, minutes in (
        ("Short and open", "open", 15),
        ("Long and open", "open", 40),
        ("Short and advanced", "advanced", 15),
    ):
        workout_class = make_class(title=title, level=level, variant=False, focus_tags=[hips])
        make_variant(workout_class, duration=timedelta(minutes=minutes))


@pytest.fixture
def page(new_context, live_server, classes) -> Page:
    page = new_context(viewport=DESK, base_url=live_server.url).new_page()
    page.goto("/classes/")
    return page


def expect_state(page: Page, address: str, count: str, checked: list[str]) -> None:
    """Address, results and boxes say the same."""
    expect(page).to_have_url(re.compile(re.escape(address) + "$"))
    expect(page.get_by_role("status").filter(has_text="class")).to_have_text(count)
    expect(page.locator("#facets :checked")).to_have_count(len(checked))
    for name in checked:
        expect(page.locator(f"#{name}")).to_be_checked()


def test_choice_by_keyboard_updates_in_place_and_keeps_the_focus(page):
    page.locator("summary", has_text="Level").click()
    page.locator("#level-open").focus()
    page.keyboard.press("Space")

    expect_state(page, "/classes/?level=open", "2 classes", ["level-open"])
    expect(page.locator("#level-open")).to_be_focused()
    expect(page.locator("#level-options")).to_be_visible()  # what was unfolded stays so
    expect(page.locator("label", has=page.locator("#length-11-20"))).to_contain_text("1")
    expect(page).to_have_title(re.compile("^Open, Classes"))


def test_back_forward_and_reload_show_what_the_address_says(page):
    page.check("#length-11-20")
    expect_state(page, "?length=11-20", "2 classes", ["length-11-20"])
    page.fill("#q", "advanced")
    page.press("#q", "Enter")
    expect_state(page, "?q=advanced&length=11-20", "1 class", ["length-11-20"])

    page.go_back()
    expect_state(page, "?length=11-20", "2 classes", ["length-11-20"])
    expect(page.locator("#q")).to_have_value("")
    page.go_back()
    expect_state(page, "/classes/", "3 classes", [])
    page.go_forward()
    expect_state(page, "?length=11-20", "2 classes", ["length-11-20"])
    page.reload()
    expect_state(page, "?length=11-20", "2 classes", ["length-11-20"])


def test_choice_made_before_the_script_has_arrived_counts(page):
    held: list[Route] = []
    page.route("**/*.js", lambda route: held.append(route))
    page.goto("/classes/", wait_until="commit")
    page.check("#length-11-20")

    for route in held:
        route.continue_()

    expect_state(page, "?length=11-20", "2 classes", ["length-11-20"])


def test_chip_takes_its_choice_away_and_the_focus_goes_on_at_the_results(page):
    page.check("#length-11-20")
    page.get_by_role("link", name="Remove 11–20 minutes").press("Enter")

    expect_state(page, "/classes/", "3 classes", [])
    expect(page.locator("#result-count")).to_be_focused()


def test_choices_made_while_an_answer_is_on_its_way_all_count(page):
    def slowly(route: Route) -> None:
        page.wait_for_timeout(300)
        route.continue_()

    page.route("**/classes/?*", slowly)
    page.evaluate(
        """() => { for (const id of ["level-open", "length-11-20", "focus-hips"])
            document.getElementById(id).click(); }"""
    )

    expect_state(
        page,
        "?focus=hips&length=11-20&level=open",
        "1 class",
        ["focus-hips", "length-11-20", "level-open"],
    )


def test_sheet_on_a_phone_counts_as_one_chooses_and_closes_on_show(page):
    page.set_viewport_size(PHONE)
    page.get_by_role("button", name="Filter").click()
    page.check("#length-11-20")

    show = page.get_by_role("button", name="Show 2 classes")
    expect(page.locator("#filter")).to_be_visible()
    show.click()

    expect(page.locator("#filter")).to_be_hidden()
    expect(page.get_by_role("link", name="Short and open")).to_be_visible()


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_without_javascript_a_button_submits_the_form(new_context, live_server, classes, viewport):
    context = new_context(java_script_enabled=False, viewport=viewport, base_url=live_server.url)
    page = context.new_page()
    page.goto("/classes/")
    if viewport is PHONE:
        page.get_by_role("button", name="Filter").click()
    page.check("#length-11-20")
    page.get_by_role("button", name="Show classes").click()

    expect(page).to_have_url(re.compile("length=11-20"))
    expect(page.locator("#result-count")).to_have_text("2 classes")
    expect(page.locator("#length-11-20")).to_be_checked()
