"""Answering at the desk, with the script and without, by hand and by keyboard."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from comments.models import Comment
from comments.upkeep import keep_up
from tests.factories import make_chapter, make_class, make_comment, make_instructor, make_member

from .studio import verified


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def context(new_context: Callable[..., BrowserContext], request) -> BrowserContext:
    return new_context(java_script_enabled=request.param)


@pytest.fixture
def teacher():
    return verified(make_member(display_name="Ruth Okafor"))


@pytest.fixture
def threads(teacher) -> list[Comment]:
    """Three that wait: one with a story, one that is held, one more under another class."""
    instructor = make_instructor(member=teacher)
    mat = make_class(title="Gentle Mat for a Tired Back", instructors=[instructor])
    wall = make_class(title="Standing at the Wall", instructors=[instructor])
    variant = mat.variants.get()
    make_chapter(variant, 700, 800, title="Roll Up")
    ines = make_member(display_name="Ines")

    def asked(workout_class, body, hours_ago, **attrs) -> Comment:
        written_at = timezone.now() - timedelta(hours=hours_ago)
        comment = make_comment(workout_class, body=body, written_at=written_at, **attrs)
        keep_up([workout_class.pk], [comment.thread_id or comment.pk])
        return comment

    before = asked(wall, "Is this one right after a hernia?", 900, author=ines)
    asked(wall, "Yes, leave out the side bend.", 890, parent=before, author=teacher)
    story = asked(mat, "How often a week would you do it?", 72, author=ines)
    asked(mat, "Twice is plenty.", 70, parent=story, author=teacher)
    asked(
        mat, "And at 12:34, should I feel my neck?", 48, parent=story, author=ines, variant=variant
    )
    asked(mat, "I felt it too.", 47, parent=story, author=make_member(display_name="Tomás"))
    held = asked(
        mat,
        "My physio says https://example.org/ helps",
        24,
        state=Comment.State.HELD,
        held_for=["first", "links"],
    )
    more = asked(wall, "Could there be one without kneeling, please?", 5)
    return [story, held, more]


def sign_in(page: Page, address: str, member) -> None:
    client = Client()
    client.force_login(member)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])


@pytest.fixture
def desk(page: Page, live_server, teacher, threads) -> Page:
    """The teacher before the desk."""
    sign_in(page, live_server.url, teacher)
    page.goto(f"{live_server.url}/desk/")
    return page


def test_threads_are_answered_one_after_the_other(desk, threads):
    story, held, more = (desk.locator(f"#thread-{thread.pk}") for thread in threads)
    expect(desk.locator(".site-account").get_by_role("link", name="Desk")).to_contain_text("3")
    expect(story.get_by_text("Twice is plenty.")).to_be_hidden()
    story.get_by_text("2 comments before").click()
    expect(story.get_by_text("Twice is plenty.")).to_be_visible()

    story.get_by_label("You answer").select_option(
        label="Ines: And at 12:34, should I feel my neck?"
    )
    story.get_by_label("Your answer").fill("Put a folded towel under it.")
    story.get_by_role("button", name="Post answer").click()
    expect(story).to_have_count(0)
    expect(desk.get_by_text("Your answer is posted.")).to_be_visible()
    assert desk.url.endswith(f"#thread-{threads[1].pk}")

    held.get_by_label("Your answer").fill("Welcome. It may.")
    held.get_by_role("button", name="Post answer").click()
    expect(held).to_have_count(0)

    more.get_by_role("button", name="No answer needed").click()
    expect(more).to_have_count(0)
    desk.get_by_role("button", name="Take it back").click()
    expect(more).to_be_visible()

    answers = Comment.objects.filter(author__display_name="Ruth Okafor").order_by("-pk")
    assert [answer.body for answer in answers[:2]] == [
        "Welcome. It may.",
        "Put a folded towel under it.",
    ]
    threads[1].refresh_from_db()
    assert threads[1].is_published


def test_a_request_is_kept_with_the_answer_that_was_begun(desk, threads):
    thread = desk.locator(f"#thread-{threads[2].pk}")
    thread.get_by_label("Your answer").fill("I will film one")
    thread.get_by_role("button", name="Keep as request").click()
    desk.get_by_role("textbox").fill("Standing, no kneeling")
    desk.get_by_role("button", name="Keep it").click()

    expect(desk.get_by_text("Kept as a request: “Standing, no kneeling”").first).to_be_visible()
    desk.goto(desk.url.replace("/desk/", f"/desk/{threads[2].pk}/"))
    expect(desk.get_by_label("Your answer")).to_have_value("I will film one")


def test_an_answer_that_was_begun_is_there_when_another_was_posted(
    new_context, live_server, teacher, threads
):
    page = new_context().new_page()
    sign_in(page, live_server.url, teacher)
    page.goto(f"{live_server.url}/desk/")
    begun = page.locator(f"#thread-{threads[2].pk}").get_by_label("Your answer")
    begun.fill("Half a thou")

    other = page.locator(f"#thread-{threads[1].pk}").get_by_label("Your answer")
    other.fill("Welcome")
    other.press("Control+Enter")

    expect(page.locator(f"#thread-{threads[1].pk}")).to_have_count(0)
    expect(begun).to_have_value("Half a thou")
    assert "answered" not in page.url


def test_an_answer_that_was_begun_is_for_nobody_else(new_context, live_server, teacher, threads):
    other = verified(make_member(display_name="Ana Pereira"))
    threads[2].workout_class.instructors.add(make_instructor(member=other))
    page = new_context().new_page()
    begun = page.locator(f"#thread-{threads[2].pk}").get_by_label("Your answer")
    sign_in(page, live_server.url, teacher)
    page.goto(f"{live_server.url}/desk/")
    begun.fill("Half a thou")

    sign_in(page, live_server.url, other)
    page.goto(f"{live_server.url}/desk/")

    expect(begun).to_have_value("")


def test_the_keyboard_goes_from_thread_to_thread(desk, threads):
    desk.locator(f"#thread-{threads[0].pk}").get_by_role("link", name="Next thread").focus()
    desk.keyboard.press("Enter")
    desk.keyboard.press("Tab")

    inside = desk.locator(f"#thread-{threads[1].pk} :focus")
    expect(inside).to_have_count(1)


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_desk_is_accessible_and_fits(
    new_context, live_server, teacher, threads, violations, width, scheme
):
    context = new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    page = context.new_page()
    sign_in(page, live_server.url, teacher)

    for path in ("/desk/", f"/desk/{threads[0].pk}/", f"/desk/{threads[2].pk}/keep/"):
        page.goto(live_server.url + path)
        for folded in page.locator("details:not(.menu)").all():
            folded.evaluate("details => details.open = true")
        assert violations(page) == []
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
