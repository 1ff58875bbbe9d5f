"""Stopping mail in a browser, on a phone: from the mail signed out, and among one's choices."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from comments.mail.unsubscribing import Ticket
from comments.mail.wishes import Kind
from comments.models import Mute, Unsubscription
from tests.browser.studio import PASSWORD, Studio
from tests.browser.visits import fits
from tests.factories import make_comment

MY_MAIL = "/my/mail/"


def test_the_link_in_a_mail_stops_mail_and_takes_that_back(phone, studio):
    thread = make_comment(studio.back_class, author=studio.member)
    ticket = Ticket(studio.member.pk, Kind.ANSWER, thread.pk)

    phone.goto(reverse("comments:mail", args=[ticket.token]))
    assert fits(phone)
    phone.get_by_role("button", name="No more mail of this kind").click()
    expect(phone.get_by_text("You get no more mail of this kind.")).to_be_visible()
    phone.get_by_role("button", name="No more mail about this thread").click()
    expect(phone.get_by_text("You get no more mail about this thread.")).to_be_visible()
    assert (Unsubscription.objects.count(), Mute.objects.count()) == (1, 1)

    phone.get_by_role("button", name="Send me mail of this kind again").click()
    expect(phone.get_by_text("You get mail of this kind.")).to_be_visible()
    assert not Unsubscription.objects.exists()


def test_a_member_chooses_and_gets_mail_about_a_thread_again(phone, studio):
    Mute.objects.create(member=studio.member, thread=make_comment(studio.back_class))
    sign_in(phone, studio)

    phone.get_by_label("Answer to what you wrote").uncheck()
    phone.get_by_role("button", name="Save").click()
    expect(phone.get_by_label("Answer to what you wrote")).not_to_be_checked()
    phone.get_by_role("button", name="Send mail again").click()
    expect(phone.get_by_text("None. Each mail has a link")).to_be_visible()

    assert fits(phone)
    assert list(Unsubscription.objects.values_list("kind", flat=True)) == [Kind.ANSWER]
    assert not Mute.objects.exists()


@pytest.mark.parametrize("phone", [True], indirect=True)
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_every_page_about_mail_is_open_to_all(phone, studio, violations, colours):
    phone.emulate_media(color_scheme=colours)
    thread = make_comment(studio.back_class)
    Mute.objects.create(member=studio.member, thread=thread)
    ticket = Ticket(studio.member.pk, Kind.ANSWER, thread.pk)
    sign_in(phone, studio)

    for path in (
        MY_MAIL,
        reverse("comments:mute", args=[thread.pk]),
        reverse("comments:mail", args=[ticket.token]),
    ):
        phone.goto(path)
        assert violations(phone) == []


def sign_in(page: Page, studio: Studio) -> None:
    page.goto(f"/accounts/login/?next={MY_MAIL}")
    page.get_by_label("E-mail").fill(studio.member.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"**{MY_MAIL}")
