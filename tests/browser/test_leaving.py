"""Going, and staying after all, with the keyboard, on a telephone, with and without scripts."""

import pytest
from allauth.account.models import EmailAddress
from playwright.sync_api import expect

from accounts.models import Departure, Member
from accounts.privacy import leaving
from tests.browser.studio import PASSWORD
from tests.browser.visits import sign_in
from tests.factories import make_instructor, make_member

NARROW = {"width": 320, "height": 640}


@pytest.fixture
def member(transactional_db) -> Member:
    member = make_member(email="ana@example.com", display_name="Ana", password=PASSWORD)
    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    return member


@pytest.mark.parametrize("scripts", [True, False])
def test_a_member_goes_and_stays_after_all(new_context, live_server, member, scripts):
    context = new_context(base_url=live_server.url, viewport=NARROW, java_script_enabled=scripts)
    page = context.new_page()
    sign_in(page, member.email)
    page.goto("/accounts/privacy/leave/")
    expect(page.get_by_label("A note stands in their place")).to_be_checked()

    page.get_by_label("The words stay, under “former member”").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Delete my account").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")

    expect(page.get_by_text("Your account will be deleted on").first).to_be_visible()
    assert Departure.objects.get().words == Departure.Words.FORMER_MEMBER

    page.goto("/accounts/profile/")
    page.get_by_role("button", name="Stay").click()

    expect(page.get_by_text("You stay. Everything is as it was.")).to_be_visible()
    expect(page.get_by_role("button", name="Stay")).to_have_count(0)
    assert not Departure.objects.exists()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_its_pages_break_no_rule_and_fit(new_context, live_server, member, violations, scheme):
    make_instructor(name="Ana Lindqvist of the house by the sea", member=member)
    context = new_context(base_url=live_server.url, viewport=NARROW, color_scheme=scheme)
    page = context.new_page()
    sign_in(page, member.email)
    found = {}
    for goes in (False, True):
        if goes:
            leaving.ask(member, Departure.Words.PLACEHOLDER)
        for address in ("/accounts/privacy/leave/", "/accounts/profile/"):
            page.goto(address)
            found[address, goes] = violations(page)
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= NARROW["width"], address

    assert {address: what for address, what in found.items() if what} == {}
