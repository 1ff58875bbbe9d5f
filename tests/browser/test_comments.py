"""Saying something under a class, with the script and without."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import Member
from comments.models import Comment, Stop
from tests.factories import make_class, make_comment, make_member

from .studio import verified


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def context(new_context: Callable[..., BrowserContext], request) -> BrowserContext:
    return new_context(java_script_enabled=request.param)


@pytest.fixture
def workout_class():
    """A class of which nobody asks for the film: the conversation is what is looked at."""
    return make_class(title="Gentle Mat", variant=False)


def sign_in(page: Page, address: str, name: str = "Marta") -> Member:
    """A writer's session, without the walk through the door."""
    client = Client()
    writer = verified(make_member(display_name=name))
    client.force_login(writer)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])
    return writer


def test_a_reply_is_written_under_what_it_answers(page, live_server, workout_class):
    question = make_comment(
        workout_class, body="How often?", author=make_member(display_name="Ines")
    )
    make_comment(workout_class, body="Lovely")
    sign_in(page, live_server.url)
    page.goto(live_server.url + workout_class.get_absolute_url())

    page.get_by_role("link", name="Reply to Ines").click()
    under = page.locator(f"#comment-{question.pk}")
    under.get_by_role("textbox", name="Reply to Ines").fill("Twice a week")
    page.get_by_role("button", name="Post comment").click()

    reply = page.locator(".replies .comment", has_text="Twice a week")
    expect(reply).to_be_visible()
    assert page.url.endswith(f"#comment-{Comment.objects.get(body='Twice a week').pk}")


def test_a_reply_can_be_given_up(page, live_server, workout_class):
    question = make_comment(workout_class, author=make_member(display_name="Ines"))
    sign_in(page, live_server.url)
    page.goto(live_server.url + workout_class.get_absolute_url())

    page.get_by_role("link", name="Reply to Ines").click()
    page.get_by_role("link", name="Cancel").click()

    expect(page.locator(f"#comment-{question.pk} form")).to_have_count(0)
    expect(page.get_by_label("Leave a reply")).to_be_visible()
    expect(page.get_by_role("link", name="Cancel")).to_be_hidden()


def test_the_script_answers_without_leaving_the_page(new_context, live_server, workout_class):
    page = new_context().new_page()
    make_comment(workout_class, author=make_member(display_name="Ines"))
    sign_in(page, live_server.url)
    page.goto(live_server.url + workout_class.get_absolute_url())
    page.evaluate("window.stillHere = true")

    page.get_by_label("Leave a reply").fill("Half a thou")
    page.get_by_role("link", name="Reply to Ines").click()

    expect(page.get_by_role("textbox", name="Reply to Ines")).to_be_focused()
    expect(page.locator("textarea[name=body]")).to_have_value("Half a thou")
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("link", name="Reply to Ines")).to_be_focused()
    assert page.evaluate("window.stillHere")


def test_words_survive_being_signed_out(page, live_server, workout_class, console):
    console.allow("403 (Forbidden)")
    sign_in(page, live_server.url)
    page.goto(live_server.url + workout_class.get_absolute_url())
    page.get_by_label("Leave a reply").fill("Typed for long")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)

    page.get_by_role("button", name="Post comment").click()

    expect(page.get_by_label("This is what you wrote")).to_have_value("Typed for long")
    sign_in_again = page.get_by_role("main").get_by_role("link", name="Sign in")
    assert "next=" in (sign_in_again.get_attribute("href") or "")


def test_words_survive_the_browsers_back(page, live_server, workout_class, console):
    console.allow("403 (Forbidden)")
    writer = sign_in(page, live_server.url)
    page.goto(live_server.url + workout_class.get_absolute_url())
    page.get_by_label("Leave a reply").fill("Typed for long")
    Stop.objects.create(member=writer, reason="Unkind words")
    page.get_by_role("button", name="Post comment").click()
    expect(page.get_by_label("This is what you wrote")).to_have_value("Typed for long")

    page.go_back()

    expect(page.get_by_label("Leave a reply")).to_have_value("Typed for long")


def test_two_tabs_post_once(page, live_server, workout_class):
    sign_in(page, live_server.url)
    tabs = [page, page.context.new_page()]
    for tab in tabs:
        tab.goto(live_server.url + workout_class.get_absolute_url())
        tab.get_by_label("Leave a reply").fill("Lovely")

    for tab in tabs:
        tab.get_by_role("button", name="Post comment").click()
        expect(tab.locator(".comment", has_text="Lovely")).to_have_count(1)

    assert Comment.objects.count() == 1


def test_a_stale_edit_shows_both_texts(page, live_server, workout_class, console):
    console.allow("409 (Conflict)")
    comment = make_comment(workout_class, author=sign_in(page, live_server.url), body="Lovly")
    page.goto(f"{live_server.url}/comments/{comment.pk}/edit/")
    Comment.objects.filter(pk=comment.pk).update(body="Lovely", edition=1)

    page.get_by_label("Your comment").fill("Loving")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("region", name="What stands there now")).to_contain_text("Lovely")
    expect(page.get_by_label("What you wrote")).to_have_value("Loving")
    page.get_by_role("button", name="Put mine in its place").click()
    expect(page.locator(".comment", has_text="Loving")).to_be_visible()


@pytest.fixture
def scripted(new_context, live_server, workout_class):
    """A writer's page of the class, with the script."""
    page = new_context().new_page()
    sign_in(page, live_server.url)
    page.goto(live_server.url + workout_class.get_absolute_url())
    return page


def test_a_draft_outlives_a_reload_and_ends_when_it_is_posted(scripted, workout_class):
    box = scripted.get_by_label("Leave a reply")
    box.press_sequentially("Half a thought")

    # Elsewhere and back by a link: the browser itself has forgotten the form by then.
    scripted.goto(scripted.url.split("/classes/")[0] + "/classes/")
    scripted.goto(scripted.url + workout_class.slug + "/")
    expect(box).to_have_value("Half a thought")
    scripted.get_by_role("button", name="Post comment").click()
    expect(scripted.locator(".comment", has_text="Half a thought")).to_be_visible()

    expect(box).to_have_value("")
    scripted.reload()
    expect(box).to_have_value("")


def test_a_draft_of_an_answer_comes_back_as_an_answer(scripted, workout_class):
    question = make_comment(workout_class, author=make_member(display_name="Ines"))
    scripted.reload()
    scripted.get_by_role("link", name="Reply to Ines").click()
    scripted.get_by_role("textbox", name="Reply to Ines").press_sequentially("Twice")

    scripted.goto(scripted.url)

    expect(scripted.get_by_role("textbox", name="Reply to Ines")).to_have_value("Twice")
    expect(scripted.locator("input[name=parent]")).to_have_value(str(question.pk))


def test_a_draft_is_not_shown_to_the_next_member(scripted, live_server):
    box = scripted.get_by_label("Leave a reply")
    box.press_sequentially("Between us")

    sign_in(scripted, live_server.url, name="Olga")
    scripted.goto(scripted.url)

    expect(box).to_have_value("")


def test_a_double_click_sends_once(scripted):
    sent = []
    scripted.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    scripted.get_by_label("Leave a reply").fill("Lovely")

    scripted.get_by_role("button", name="Post comment").dblclick()

    expect(scripted.locator(".comment", has_text="Lovely")).to_be_visible()
    assert len(sent) == 1
    assert Comment.objects.count() == 1


def test_what_is_left_is_said_near_the_limit(scripted):
    box = scripted.get_by_label("Leave a reply")
    said = scripted.locator("[data-comment-left]")

    box.fill("x" * 4000)
    box.press("a")
    expect(said).to_be_empty()
    box.fill("x" * 4979)
    box.press("End")
    box.press("a")

    expect(said).to_have_text("Characters left: 20")


@pytest.mark.parametrize("width", [320, 1440])
def test_long_words_stay_in_their_column(new_context, live_server, workout_class, width):
    page = new_context(viewport={"width": width, "height": 800}).new_page()
    make_comment(workout_class, body="x" * 400 + " https://example.org/" + "y" * 400)
    sign_in(page, live_server.url)
    page.goto(live_server.url + workout_class.get_absolute_url())

    page.locator("textarea[name=body]").fill("z" * 400)

    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_comments_keep_wcag(
    new_context, live_server, workout_class, violations, console, scheme
):
    console.allow("409 (Conflict)")
    page = new_context(color_scheme=scheme).new_page()
    sign_in(page, live_server.url)
    page.goto(live_server.url + workout_class.get_absolute_url())
    page.get_by_label("Leave a reply").fill("Lovely")
    page.get_by_role("button", name="Post comment").click()
    comment = Comment.objects.get(body="Lovely")
    Comment.objects.create(
        workout_class=workout_class, author=comment.author, body="?", state=Comment.State.HELD
    )

    for path in (
        f"{workout_class.get_absolute_url()}?comments=nonsense&reply=nonsense",
        f"{workout_class.get_absolute_url()}?reply={comment.pk}",
        f"/classes/{workout_class.slug}/comments/?reply={comment.pk}",
        f"/comments/{comment.pk}/edit/",
        f"/comments/{comment.pk}/remove/",
    ):
        page.goto(live_server.url + path)
        assert violations(page) == [], path

    page.goto(f"{live_server.url}/comments/{comment.pk}/edit/")
    Comment.objects.filter(pk=comment.pk).update(body="Lovelier", edition=1)
    page.get_by_label("Your comment").fill("Loveliest")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("What stands there now")).to_be_visible()
    assert violations(page) == [], "stale edit"
