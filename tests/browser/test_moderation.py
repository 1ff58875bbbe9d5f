"""The curators' list of comments in a browser: silent under our policy, wide enough for a phone."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from comments import moderation, reports
from comments.models import Comment, Report, Stop
from tests.browser.studio import PASSWORD
from tests.factories import make_comment, make_member

LIST = reverse("admin:comments_comment_changelist")


@pytest.fixture
def held(studio) -> Comment:
    return make_comment(
        studio.back_class,
        body="Look at https://pills.example/ and be healed. " + "A long story. " * 60,
        state=Comment.State.HELD,
        held_for=["first", "links"],
    )


@pytest.fixture
def desk(request, new_context, live_server, studio) -> Page:
    """A curator's browser, signed in; as wide as the test says, or as a desk's."""
    width = getattr(request, "param", 1440)
    context = new_context(viewport={"width": width, "height": 900}, base_url=live_server.url)
    page = context.new_page()
    page.goto(f"/accounts/login/?next={LIST}")
    page.get_by_label("E-mail").fill(studio.curator.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"**{LIST}")
    return page


@pytest.mark.parametrize("desk", [390, 1440], ids=["phone", "desk"], indirect=True)
def test_every_page_of_moderation_is_silent_and_fits(desk, studio, held):
    reported = make_comment(studio.back_class, parent=make_comment(studio.back_class))
    reports.report(make_member(), reported, Report.Reason.HARMFUL, "He is wrong about knees")
    moderation.hold(reported, None, rules=["reports"])
    until = timezone.now() + timedelta(days=3)
    Stop.objects.create(member=reported.author, ends_at=until, reason="Rude")

    for address in (
        LIST,
        f"{LIST}?reported=yes",
        reverse("admin:comments_comment_change", args=[reported.pk]),
        reverse("admin:comments_comment_history", args=[reported.pk]),
        reverse("admin:comments_stop_changelist"),
        reverse("admin:comments_stop_add"),
    ):
        desk.goto(address)
        wide = desk.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, address


@pytest.mark.parametrize("desk", [390, 1440], ids=["phone", "desk"], indirect=True)
def test_a_curator_decides_where_the_words_stand(desk, held):
    writer = held.author.display_name
    desk.goto(f"{LIST}?state__exact=held")

    row = desk.locator("#result_list tr").filter(has_text=writer)
    row.get_by_text("Read on").click()
    row.get_by_role("button", name="Remove…").click()
    desk.get_by_label("Why?").fill("Advertising")
    desk.get_by_role("button", name="Remove…").click()

    expect(desk.get_by_text("1 comment is removed.")).to_be_visible()
    expect(desk).to_have_url(f"{desk.url.split('/admin')[0]}{LIST}?state__exact=held")
    expect(desk.locator("#result_list tr").filter(has_text=writer)).to_have_count(0)
    desk.goto(reverse("admin:comments_comment_change", args=[held.pk]))
    expect(desk.get_by_text("Advertising")).to_be_visible()
    desk.get_by_role("button", name="Restore").click()
    expect(desk.get_by_text("1 comment is published again.")).to_be_visible()
