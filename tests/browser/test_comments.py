"""Saying something under a class, with the script and without."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from comments.models import Comment
from tests.factories import make_class, make_comment, make_member

from .studio import verified


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def context(new_context: Callable[..., BrowserContext], request) -> BrowserContext:
    return new_context(java_script_enabled=request.param)


@pytest.fixture
def workout_class():
    """A class of which nobody asks for the film: the conversation is what is looked at."""
    return make_class(title="Gentle Mat", variant=False)


def sign_in(page: Page, address: str) -> None:
    """A writer's session, without the walk through the door."""
    client = Client()
    client.force_login(verified(make_member(display_name="Marta")))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])


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
    new_context, live_server, workout_class, violations, scheme
):
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
