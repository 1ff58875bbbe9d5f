"""Answering with a class or a list, and asking for one, with the script and without."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import Member
from comments.models import ClassRequest, Comment, SavedFilter
from tests.factories import make_class, make_comment, make_focus_tag, make_instructor, make_member

from .studio import make_picture, verified


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def context(new_context: Callable[..., BrowserContext], request) -> BrowserContext:
    return new_context(java_script_enabled=request.param)


@pytest.fixture
def teacher(transactional_db) -> Member:
    return verified(make_member(display_name="Ana"))


@pytest.fixture
def workout_class(teacher, settings):
    """A class of which nobody asks for the film: the conversation is what is looked at."""
    instructor = make_instructor(name="Ana", member=teacher)
    tag = make_focus_tag(slug="breathing", name="Breathing")
    make_class(
        title="Undo the Desk",
        slug="undo-the-desk",
        focus_tags=[tag],
        instructors=[instructor],
        poster=make_picture(settings.MEDIA_ROOT),
    )
    return make_class(title="Gentle Mat", variant=False, instructors=[instructor])


def sign_in(page: Page, address: str, member: Member) -> None:
    """A session, without the walk through the door."""
    client = Client()
    client.force_login(member)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])


def open_picker(page: Page, address: str, words: str) -> None:
    page.goto(address)
    page.get_by_label("Leave a reply").fill(words)
    page.get_by_role("button", name="Insert a class or a list").click()
    expect(page.get_by_role("heading", name="Insert a class or a list")).to_be_visible()


def test_a_class_is_inserted_into_an_answer(page, live_server, workout_class, teacher):
    sign_in(page, live_server.url, teacher)
    open_picker(page, live_server.url + workout_class.get_absolute_url(), "For your neck:")

    page.get_by_role("searchbox", name="Search for a class").fill("desk")
    page.get_by_role("button", name="Find a class").click()
    page.get_by_text("What you wrote is kept").click()
    expect(page.get_by_text("For your neck:")).to_be_visible()
    page.goto(live_server.url + page.url.removeprefix(live_server.url).partition("?")[0])
    page.get_by_role("button", name="Insert Undo the Desk").click()

    expect(page.locator("textarea[name=body]")).to_have_value(
        "For your neck:\n\n/classes/undo-the-desk/\n"
    )
    page.get_by_role("button", name="Post comment").click()
    expect(page.get_by_role("link", name="Undo the Desk").first).to_be_visible()
    assert Comment.objects.get().body == "For your neck:\n\n/classes/undo-the-desk/"


def test_a_list_is_saved_inserted_and_renamed(page, live_server, workout_class, teacher):
    sign_in(page, live_server.url, teacher)
    open_picker(page, live_server.url + workout_class.get_absolute_url(), "Try these:")

    page.get_by_label("Address").fill("/classes/?focus=breathing")
    page.get_by_label("Name", exact=True).last.fill("For calm")
    page.get_by_role("button", name="Save it for later").click()
    expect(page.get_by_text("“For calm” is saved.")).to_be_visible()
    page.locator("summary", has_text="Change").click()
    page.get_by_label("Name", exact=True).first.fill("For nerves")
    page.get_by_role("button", name="Rename").click()
    page.get_by_role("button", name="Insert For nerves").click()

    expect(page.locator("textarea[name=body]")).to_have_value(
        "Try these:\n\n/classes/?focus=breathing\n"
    )
    assert SavedFilter.objects.get().name == "For nerves"


def test_back_and_reload_lose_no_word(page, live_server, workout_class, teacher):
    sign_in(page, live_server.url, teacher)
    open_picker(page, live_server.url + workout_class.get_absolute_url(), "Typed for long")

    page.reload()
    page.get_by_role("link", name="Back to it without inserting anything").click()
    page.reload()
    expect(page.locator("textarea[name=body]")).to_have_value("Typed for long")
    page.go_back()
    page.get_by_role("button", name="Insert Breathing classes (1)").click()

    expect(page.locator("textarea[name=body]")).to_have_value(
        "Typed for long\n\n/classes/?focus=breathing\n"
    )


def test_a_member_says_me_too(page, live_server, workout_class):
    asker = make_member(display_name="Ines")
    wanted = ClassRequest.objects.create(
        comment=make_comment(workout_class, author=asker), title="Standing, no Wall"
    )
    sign_in(page, live_server.url, make_member())
    page.goto(f"{live_server.url}/requests/")

    page.get_by_role("button", name="Me too: Standing, no Wall").click()

    expect(page.get_by_text("2 members want this")).to_be_visible()
    page.get_by_role("button", name="Take back that you want").click()
    expect(page.get_by_text("1 member wants this")).to_be_visible()
    assert not wanted.votes.exists()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_pages_keep_wcag_and_their_column(
    new_context, live_server, workout_class, teacher, violations, scheme, width
):
    page = new_context(color_scheme=scheme, viewport={"width": width, "height": 900}).new_page()
    sign_in(page, live_server.url, teacher)
    comment = make_comment(workout_class, body="Standing, please. " + "x" * 90)
    wanted = ClassRequest.objects.create(comment=comment, title="Standing " + "x" * 90)
    other = make_comment(workout_class)
    here = ClassRequest.objects.create(comment=other, title="For the desk")
    here.fulfilled_by = workout_class.__class__.objects.get(slug="undo-the-desk")
    here.save()
    SavedFilter.objects.create(member=teacher, name="y" * 60, address="/classes/?focus=breathing")
    SavedFilter.objects.create(member=teacher, name="Gone", address="/classes/?focus=gone")
    open_picker(page, live_server.url + workout_class.get_absolute_url(), "x" * 200)
    picker = page.url.removeprefix(live_server.url)

    for path in (
        picker,
        f"{picker}?q=nothing-has-this-name",
        "/comments/lists/",
        "/requests/",
        f"/requests/{wanted.pk}/tie/",
    ):
        page.goto(live_server.url + path)
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
