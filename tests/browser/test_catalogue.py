"""The filter in a real browser: in place with a script, by a button without one."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from classes.models import WorkoutClass
from classes.search import catch_up
from tests.browser.studio import verified
from tests.browser.visits import sign_in
from tests.factories import (
    make_avoid_set,
    make_chapter,
    make_checked_class,
    make_class,
    make_focus_tag,
    make_member,
    make_movement,
    make_variant,
)

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 800}
NARROW = {"width": 320, "height": 800}


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
    expect(page.locator("#result-count")).to_have_text(count)
    expect(page.locator("#facets :checked")).to_have_count(len(checked))
    for name in checked:
        expect(box(page, name)).to_be_checked()


def box(page: Page, name: str) -> Locator:
    """The box of an option: "level open", "avoid twisting"."""
    facet, value = name.split()
    return page.locator(f'input[name="{facet}"][value="{value}"]')


def test_choice_by_keyboard_updates_in_place_and_keeps_the_focus(page):
    page.locator("summary", has_text="Level").click()
    box(page, "level open").focus()
    page.keyboard.press("Space")

    expect_state(page, "/classes/?level=open", "2 classes", ["level open"])
    expect(box(page, "level open")).to_be_focused()
    expect(page.locator("#level-options")).to_be_visible()  # what was unfolded stays so
    expect(page.locator("label", has=box(page, "length 11-20"))).to_contain_text("1")
    expect(page).to_have_title(re.compile("^Open, Classes"))


def test_back_forward_and_reload_show_what_the_address_says(page):
    box(page, "length 11-20").check()
    expect_state(page, "?length=11-20", "2 classes", ["length 11-20"])
    page.fill("#q", "advanced")
    page.press("#q", "Enter")
    expect_state(page, "?q=advanced&length=11-20", "1 class", ["length 11-20"])

    page.go_back()
    expect_state(page, "?length=11-20", "2 classes", ["length 11-20"])
    expect(page.locator("#q")).to_have_value("")
    page.go_back()
    expect_state(page, "/classes/", "3 classes", [])
    page.go_forward()
    expect_state(page, "?length=11-20", "2 classes", ["length 11-20"])
    page.reload()
    expect_state(page, "?length=11-20", "2 classes", ["length 11-20"])


def test_results_follow_what_is_typed_and_are_one_step_back_in_all(page):
    catch_up()
    page.goto("/focus/hips/")
    page.goto("/classes/")
    page.focus("#q")

    page.keyboard.type("adv", delay=20)
    expect_state(page, "/classes/?q=adv", "1 class", [])
    page.keyboard.type("anced long", delay=20)
    expect_state(page, "/classes/?q=advanced+long", "No classes", [])

    expect(page.locator("#q")).to_be_focused()
    expect(page.locator("#q")).to_have_value("advanced long")
    page.go_back()
    expect(page).to_have_url(re.compile("/focus/hips/$"))


def test_choice_made_before_the_script_has_arrived_counts(page):
    held: list[Route] = []
    page.route("**/*.js", lambda route: held.append(route))
    page.goto("/classes/", wait_until="commit")
    box(page, "length 11-20").check()

    for route in held:
        route.continue_()

    expect_state(page, "?length=11-20", "2 classes", ["length 11-20"])


def test_chip_takes_its_choice_away_and_the_focus_goes_on_at_the_results(page):
    box(page, "length 11-20").check()
    page.get_by_role("link", name="Remove 11–20 minutes").press("Enter")

    expect_state(page, "/classes/", "3 classes", [])
    expect(page.locator("#result-count")).to_be_focused()


def test_choices_made_while_an_answer_is_on_its_way_all_count(page):
    def slowly(route: Route) -> None:
        page.wait_for_timeout(300)
        route.continue_()

    page.route("**/classes/?*", slowly)
    page.evaluate(
        """() => { for (const value of ["open", "11-20", "hips"])
            document.querySelector(`#facets [value="${value}"]`).click(); }"""
    )

    expect_state(
        page,
        "?focus=hips&length=11-20&level=open",
        "1 class",
        ["focus hips", "length 11-20", "level open"],
    )


def test_sheet_on_a_phone_counts_as_one_chooses_and_closes_on_show(page):
    page.set_viewport_size(PHONE)
    page.get_by_role("button", name="Filter").click()
    box(page, "length 11-20").check()

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
    box(page, "length 11-20").check()
    page.get_by_role("button", name="Show classes").click()

    expect(page).to_have_url(re.compile("length=11-20"))
    expect(page.locator("#result-count")).to_have_text("2 classes")
    expect(box(page, "length 11-20")).to_be_checked()


@pytest.mark.parametrize("viewport", [NARROW, DESK], ids=["narrow", "desk"])
def test_words_without_a_blank_make_the_page_no_wider(page, viewport):
    page.set_viewport_size(viewport)
    for query in ("q=" + "m" * 95, "avoid=" + "W" * 90, "level=" + "W" * 90):
        page.goto(f"/classes/?{query}")
        assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"], query


# --- What is avoided ----------------------------------------------------------------------------


@pytest.fixture
def careful(classes) -> None:
    """Beside the others, which nobody has checked: one that twists and one that does not."""
    twisting = make_movement(slug="twisting", name="Twisting")
    make_movement(slug="jumping", name="Jumping")
    make_avoid_set(slug="back", name="Back", movements=[twisting])
    make_checked_class(title="Twists", movements=[twisting])
    make_checked_class(title="Gentle", slug="gentle")


def test_starter_set_leaves_out_in_place_and_back_brings_it_again(careful, page):
    page.reload()
    page.get_by_role("link", name="Back", exact=True).click()

    expect_state(page, "/classes/?avoid=twisting", "1 class", ["avoid twisting"])
    expect(page.get_by_text("4 classes left out: 1 contains what you avoid")).to_be_visible()
    box(page, "avoid jumping").check()
    expect_state(
        page,
        "?avoid=jumping&avoid=twisting",
        "1 class",
        ["avoid twisting", "avoid jumping"],
    )
    expect(box(page, "avoid jumping")).to_be_focused()

    page.go_back()
    expect_state(page, "/classes/?avoid=twisting", "1 class", ["avoid twisting"])
    page.reload()
    expect_state(page, "/classes/?avoid=twisting", "1 class", ["avoid twisting"])
    expect(page.get_by_role("link", name="Gentle")).to_have_attribute(
        "href", "/classes/gentle/?avoid=twisting"
    )


def test_unchecked_classes_are_a_link_away_and_stay_apart(careful, page):
    page.goto("/classes/?avoid=twisting")
    page.get_by_role("link", name="3 are not checked yet").click()

    expect(page.get_by_role("heading", name="Not checked for what you avoid")).to_be_visible()
    page.locator("summary", has_text="Level").click()
    box(page, "level advanced").check()
    expect(page).to_have_url(re.compile("level=advanced&avoid=twisting&unchecked=yes$"))
    expect(page.locator("#result-count")).to_have_text("1 class")
    page.get_by_role("link", name="Back to the classes that are checked").click()
    expect(page).to_have_url(re.compile("level=advanced&avoid=twisting$"))


def test_without_javascript_what_is_avoided_is_left_out(new_context, live_server, careful):
    context = new_context(java_script_enabled=False, viewport=DESK, base_url=live_server.url)
    page = context.new_page()
    page.goto("/classes/")
    box(page, "avoid twisting").check()
    page.get_by_role("button", name="Show classes").click()

    expect_state(page, "?q=&avoid=twisting&sort=", "1 class", ["avoid twisting"])
    expect(page.get_by_role("link", name="3 are not checked yet")).to_be_visible()


def test_member_keeps_a_set_and_lifts_it(new_context, live_server, careful):
    page = new_context(viewport=DESK, base_url=live_server.url).new_page()
    sign_in(page, verified(make_member(email="marta@example.com")).email)
    page.goto("/classes/")
    page.get_by_role("link", name="Back", exact=True).click()
    page.get_by_role("button", name="Keep this for me").click()

    expect_state(page, "/classes/", "1 class", [])
    expect(page.get_by_text("Left out for you: Twisting")).to_be_visible()
    page.get_by_role("link", name="Show all").click()
    expect_state(page, "/classes/?avoid=none", "5 classes", [])
    # Whoever goes on choosing still sees all, and a movement stands in for the set.
    box(page, "length 11-20").check()
    expect(page).to_have_url(re.compile(r"\?length=11-20&avoid=none$"))


# --- Words --------------------------------------------------------------------------------------


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no-script"])
def test_search_leads_to_the_moment_in_the_film(new_context, live_server, classes, has_script):
    workout_class = WorkoutClass.objects.get(title="Long and open")
    make_chapter(workout_class.first_variant, 754, 800, title="Pelvic clock")
    catch_up()
    context = new_context(java_script_enabled=has_script, base_url=live_server.url, viewport=DESK)
    page = context.new_page()
    page.goto("/classes/")
    page.fill("#q", "pelvic")
    page.press("#q", "Enter")

    page.get_by_role("link", name="12:34 Pelvic clock").click()

    expect(page).to_have_url(re.compile(r"/\?t=754#t=754$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Long and open")
