"""The timeline page of the admin in a browser: the film and its lines help each other."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from classes.models import Chapter
from tests.browser.studio import PASSWORD
from tests.factories import make_chapter


@pytest.fixture
def timeline(new_context, live_server, studio) -> Page:
    """A curator's browser before the empty timeline of a film that plays."""
    variant = studio.back_class.variants.first()
    variant.chapters.all().delete()
    context = new_context(viewport={"width": 1280, "height": 900}, base_url=live_server.url)
    page = context.new_page()
    address = reverse("admin:classes_timeline", args=[variant.pk])
    page.goto(f"/accounts/login/?next={address}")
    page.get_by_label("E-mail").fill(studio.curator.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in", exact=True).click()
    expect(box(page)).to_be_visible()
    return page


def box(page: Page):
    return page.get_by_label("One line for each chapter")


def test_time_of_the_film_goes_into_a_line_of_its_own(timeline, studio):
    film = timeline.locator("[data-timeline-film]")
    film.evaluate(
        """film => new Promise(done => {
            film.addEventListener("seeked", done, {once: true});
            film.addEventListener(
                "loadedmetadata", () => { film.currentTime = 1.5; }, {once: true}
            );
            film.load();
            film.preload = "auto";
        })"""
    )
    box(timeline).fill("0:00 Clam")

    timeline.get_by_role("button", name="Insert the time of the film").click()
    timeline.keyboard.type("Heel Slides")

    expect(box(timeline)).to_have_value("0:00 Clam\n0:01 Heel Slides")
    timeline.get_by_role("button", name="Save").click()
    expect(timeline.get_by_text("The timeline is stored, with 2 chapters.")).to_be_visible()
    stored = Chapter.objects.filter(variant=studio.back_class.variants.first())
    assert [chapter.start for chapter in stored] == [0, 1]


def test_fault_leads_to_its_line_and_what_was_typed_stays(timeline):
    box(timeline).fill("0:00 Clam\n0:01 Heal Slides\n")
    timeline.get_by_role("button", name="Save").click()

    expect(timeline.get_by_role("alert")).to_contain_text("Did you mean Heel Slides")
    timeline.get_by_role("link", name="Line 2").click()

    chosen = box(timeline).evaluate("box => box.value.slice(box.selectionStart, box.selectionEnd)")
    assert chosen == "0:01 Heal Slides"
    expect(box(timeline)).to_be_focused()


def test_known_words_are_searched_without_regard_to_case(timeline):
    timeline.get_by_text("Exercises and movements that a line may name").click()

    timeline.get_by_label("Look for").fill("hEEl sl")

    expect(timeline.locator("[data-word]:visible")).to_have_count(1)
    expect(timeline.locator("[data-word]:visible")).to_contain_text("Heel Slides")


def test_enter_in_the_search_for_a_class_finds_and_saves_nothing(timeline, studio):
    other = studio.back_class.variants.last()
    make_chapter(other, 0, 2, title="Welcome")
    box(timeline).fill("0:00 Clam")
    timeline.get_by_text("Fill in from another film").click()

    timeline.get_by_label("From another class").fill("nowhere")
    timeline.keyboard.press("Enter")

    expect(timeline.get_by_text("No class of that name has a timeline.")).to_be_visible()
    expect(box(timeline)).to_have_value("0:00 Clam")
    assert not studio.back_class.variants.first().chapters.exists()


@pytest.mark.parametrize("width", [390, 1280])
def test_page_fits_and_breaks_no_rule(timeline, violations, width):
    timeline.set_viewport_size({"width": width, "height": 900})
    box(timeline).fill("0:00 Sow\n")
    timeline.get_by_role("button", name="Save").click()
    expect(timeline.get_by_role("alert")).to_be_visible()

    too_wide = timeline.evaluate("document.documentElement.scrollWidth - innerWidth")

    assert too_wide <= 0
    assert violations(timeline) == []
