"""Another e-mail address in a browser, on a phone, with scripts and without."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from playwright.sync_api import Page, expect

from accounts.models import Member
from tests.browser.studio import PASSWORD
from tests.browser.visits import fits, sign_in

NEW = "a.rather.long.new.address@somewhere.example.com"


def code_to(address: str) -> str:
    (message,) = [message for message in mail.outbox if message.to == [address]]
    return re.search(r"^\d{6}$", message.body, re.MULTILINE)[0]


def ask(page: Page, member: Member) -> None:
    """Type the new address; who one is, is asked after that."""
    sign_in(page, member.email)
    page.goto("/accounts/email/")
    assert fits(page)
    page.get_by_label("New e-mail address").fill(NEW)
    page.get_by_role("button", name="Send a code to both addresses").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password", exact=True).press("Enter")
    expect(page.get_by_role("heading", name="Look in both mailboxes")).to_be_visible()


def test_a_member_moves_to_another_address(phone, studio):
    member = studio.member
    ask(phone, member)
    assert fits(phone)

    phone.get_by_label(f"Code from {NEW}").fill(code_to(NEW))
    phone.get_by_role("button", name="Confirm").click()
    expect(phone.get_by_label(f"Code from {NEW}")).to_have_count(0)
    phone.get_by_label(f"Code from {member.email}").fill("000 000")
    phone.get_by_role("button", name="Confirm").click()
    expect(phone.get_by_text("That code is not right.")).to_be_visible()
    phone.get_by_label(f"Code from {member.email}").fill(code_to(member.email))
    phone.get_by_role("button", name="Confirm").click()

    expect(phone.get_by_text("You sign in with your new address now.")).to_be_visible()
    assert EmailAddress.objects.get(user=member).email == NEW


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_codes_breaks_no_rule(new_context, live_server, studio, violations, scheme):
    page = new_context(color_scheme=scheme, base_url=live_server.url).new_page()
    page.set_viewport_size({"width": 320, "height": 700})
    ask(page, studio.member)

    assert violations(page) == []
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert violations(page) == []
