"""The whole story: someone with a sore back finds a class, watches it, asks, and is answered."""

import re
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from django.core import mail
from django.core.management import call_command
from playwright.sync_api import BrowserContext, Page, expect

from classes.models import WorkoutClass
from classes.models.video import Video
from tests.browser.studio import PASSWORD
from tests.browser.visits import DESK, PHONE, REACHES, sign_in
from tests.classes.video.clips import real_clip


@pytest.fixture
def run_tasks(settings) -> Callable[[], None]:
    """Does what waits in both queues, as the worker would."""
    settings.FILM_PRESET = "ultrafast"
    return partial(
        call_command,
        "db_worker",
        queue_name="*",
        batch=True,
        interval=0,
        startup_delay=False,
        verbosity=0,
    )


@pytest.fixture(params=[PHONE, DESK], ids=["phone", "desk"])
def viewport(request) -> dict[str, int]:
    return request.param


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def visitor(
    request, new_context: Callable[..., BrowserContext], live_server, viewport
) -> Iterator[Page]:
    """Someone's browser, with and without JavaScript, on a phone and at a desk."""
    context = new_context(
        viewport=viewport, java_script_enabled=request.param, base_url=live_server.url
    )
    context.set_default_timeout(10_000)
    yield context.new_page()


def has_script(page: Page, request) -> bool:
    return "no-script" not in request.node.callspec.id


FOCUSED_NAME = """(() => {
    const it = document.activeElement;
    return it.ariaLabel ?? it.labels?.[0]?.textContent.trim() ?? it.textContent.trim();
})()"""


def plays(page: Page) -> None:
    """Press play and wait until the film has moved."""
    video = page.locator("video")
    video.evaluate("video => { video.muted = true; return video.play(); }")
    video.evaluate(REACHES, 0.3)


def test_a_sore_back_finds_its_class_watches_joins_and_asks(visitor, studio, request):
    page, scripted = visitor, has_script(visitor, request)

    # She finds the class through the filter …
    page.goto("/")
    page.locator("header").get_by_role("link", name="Classes", exact=True).click()
    if page.viewport_size == PHONE:
        page.get_by_role("button", name="Filter").click()
    focus = page.locator("#focus-options")
    if not focus.is_visible():
        page.locator("details.facet", has=focus).locator("summary").click()
    focus.get_by_label("Spine Safe").check()
    if not scripted or page.viewport_size == PHONE:
        # With a script it says how many, as soon as that is known.
        page.get_by_role("button", name=re.compile("^Show .*class")).click()
    expect(page).to_have_url(re.compile(r"focus=spine-safe"))
    expect(page.get_by_role("status").filter(has_text="1 class")).to_be_visible()
    page.get_by_role("link", name=studio.back_class.title).click()

    # … watches its preview …
    expect(page.get_by_role("heading", level=1)).to_have_text(studio.back_class.title)
    assert "/preview.mp4?" in page.locator("video source").get_attribute("src")
    if scripted:
        plays(page)

    # … signs up, and is back at the class …
    page.get_by_role("link", name="New here?").click()
    page.get_by_label("E-mail").fill("nora@example.com")
    page.get_by_label("Display name").fill("Nora")
    page.get_by_label("Password", exact=True).fill("walking by the sea")
    page.get_by_role("button", name="Make my account").click()
    code = re.search(r"^\s*([A-Z0-9]{4}-[A-Z0-9]{4})\s*$", mail.outbox[-1].body, re.MULTILINE)
    assert code, mail.outbox[-1].body
    page.get_by_label("Code").fill(code[1])
    page.locator("main").get_by_role("button").first.click()
    expect(page).to_have_url(re.compile(studio.back_class.get_absolute_url() + "$"))

    # … watches the film, and asks.
    assert page.locator("video source").get_attribute("src").endswith("/copy.mp4")
    if scripted:
        plays(page)
    page.get_by_label("Leave a reply").fill("Is there another one without twisting?")
    page.get_by_role("button", name="Post comment").click()
    expect(page.locator(".comment", has_text="Is there another one")).to_contain_text("Nora")

    # The teacher answers.
    page.context.clear_cookies()
    sign_in(page, studio.teacher.email)
    page.goto(studio.back_class.get_absolute_url())
    question = page.locator(".comment", has_text="Is there another one")
    question.get_by_role("link", name="Reply to Nora").click()
    page.get_by_role("textbox", name="Reply to Nora").fill("Yes: /classes/?focus=spine-safe")
    page.get_by_role("button", name="Post comment").click()
    answer = page.locator(".replies .comment", has_text="Yes:")
    expect(answer).to_contain_text("Author")
    expect(answer.get_by_role("link", name="Spine Safe classes")).to_be_visible()


def test_a_curator_brings_in_a_class_with_a_film_that_nobody_here_made(
    new_context, live_server, studio, run_tasks
):
    page = new_context(viewport=DESK, base_url=live_server.url).new_page()
    sign_in(page, studio.curator.email)
    page.goto("/admin/classes/workoutclass/add/")
    page.get_by_label("Title", exact=False).first.fill("Evening Stretch")
    page.locator("#id_level").select_option("beginner")
    page.locator("#id_description").fill("Ten quiet minutes before sleep.")
    page.locator("[name=instructors]").first.check()
    page.locator("[name=variants-0-film]").set_input_files(real_clip("bikes.mp4"))
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.locator(".messagelist .success")).to_be_visible()

    run_tasks()

    page.reload()
    page.locator("#id_state").get_by_label("Published").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    added = WorkoutClass.objects.get(slug="evening-stretch")
    assert added.first_variant.video.state == Video.State.READY
    page.goto(added.get_absolute_url())
    plays(page)


def test_a_file_that_is_no_film_is_refused_and_the_rest_is_kept(
    new_context, live_server, studio, tmp_path
):
    page = new_context(viewport=DESK, base_url=live_server.url).new_page()
    sign_in(page, studio.curator.email)
    no_film = tmp_path / "film.mp4"
    no_film.write_text("Only words")
    page.goto("/admin/classes/workoutclass/add/")
    page.locator("#id_title").fill("Evening Stretch")
    page.locator("#id_level").select_option("beginner")
    page.locator("[name=variants-0-film]").set_input_files(no_film)
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.locator(".errorlist").filter(has_text="film")).to_be_visible()
    expect(page.locator("#id_title")).to_have_value("Evening Stretch")
    assert not WorkoutClass.objects.filter(title="Evening Stretch").exists()
    assert Video.objects.filter(original_name="film.mp4", master__contains="master").count() == 0


def test_from_the_address_bar_to_the_playing_film_by_keyboard(new_context, live_server, studio):
    page = new_context(viewport=DESK, base_url=live_server.url).new_page()
    page.goto("/")

    def tab_to(name: str) -> None:
        """Press Tab until what has the focus is called so, as a screen reader would read it."""
        for _ in range(120):
            page.keyboard.press("Tab")
            if page.evaluate(FOCUSED_NAME).startswith(name):
                return
        pytest.fail(f"Tab never reached {name}")

    tab_to("Sign in")
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts/login/**")
    tab_to("E-mail")
    page.keyboard.type(studio.member.email)
    tab_to("Password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live_server.url}/")
    tab_to("Classes")
    page.keyboard.press("Enter")
    page.wait_for_url("**/classes/")
    tab_to(studio.back_class.title)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{studio.back_class.get_absolute_url()}")
    tab_to("Play")
    page.keyboard.press("Space")
    page.locator("video").evaluate(REACHES, 0.3)


def test_seeking_asks_for_a_piece_of_the_film(new_context, live_server, studio):
    page = new_context(viewport=DESK, base_url=live_server.url).new_page()
    answers = []
    page.on("response", lambda each: answers.append(each) if "copy.mp4" in each.url else None)
    sign_in(page, studio.member.email)
    page.goto(studio.back_class.get_absolute_url())
    plays(page)

    page.locator("video").evaluate("video => { video.currentTime = 4 }")

    page.locator("video").evaluate(REACHES, 4.2)
    assert {answer.status for answer in answers} == {206}
