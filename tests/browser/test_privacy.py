"""The privacy page as people use it: read it, ask for one's data, fetch them."""

import json
import zipfile

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Departure, Export, Member
from accounts.privacy import archives, exports, leaving
from tests.browser.studio import PASSWORD
from tests.browser.visits import sign_in
from tests.factories import make_member

PAGE = "/accounts/privacy/"


@pytest.fixture
def member(transactional_db) -> Member:
    member = make_member(display_name="Marta Duarte", email="marta@example.com")
    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    return member


def sticks_out(page: Page) -> bool:
    return page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )


def press(page: Page, name: str) -> None:
    """By keyboard alone."""
    button = page.locator("main").get_by_role("button", name=name, exact=True)
    button.focus()
    expect(button).to_be_focused()
    page.keyboard.press("Enter")


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no-scripts"])
def test_a_member_asks_for_their_data_and_fetches_them(
    new_context, live_server, member, javascript
):
    page = new_context(base_url=live_server.url, java_script_enabled=javascript).new_page()
    sign_in(page, member.email)
    page.goto(PAGE)

    press(page, "Put my data together")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Confirm")

    expect(page).to_have_url(f"{live_server.url}{PAGE}")
    expect(page.get_by_role("status")).to_contain_text("A mail tells you when you can fetch it")
    exports.make(Export.objects.get().pk)  # as the worker does
    page.reload()
    with page.expect_download() as download:
        page.get_by_role("link", name="Fetch your data").click()

    with zipfile.ZipFile(download.value.path()) as archive:
        assert json.loads(archive.read("data.json"))["profile"][0]["email"] == member.email


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_breaks_no_rule_and_is_no_wider_than_a_phone(
    new_context, live_server, member, violations, scheme
):
    context = new_context(
        base_url=live_server.url, color_scheme=scheme, viewport={"width": 320, "height": 640}
    )
    page = context.new_page()
    found = {}

    def look(what: str, address: str = PAGE) -> None:
        page.goto(address)
        found[what] = [*violations(page), *(["sticks out"] if sticks_out(page) else [])]

    look("visitor")
    sign_in(page, member.email)
    until = timezone.now() + exports.KEPT
    for state in Export.State.values:
        Export.objects.all().delete()
        export = Export.objects.create(member=member, state=state, expires_at=until)
        archives.folder().mkdir(exist_ok=True)
        archives.path_of(export.pk).write_bytes(b"PK")
        look(state)
    leaving.ask(member, Departure.Words.PLACEHOLDER)
    look("leaving")
    look("in Spanish", f"{PAGE}?lang=es")

    assert {what: faults for what, faults in found.items() if faults} == {}


def test_a_visitor_who_reads_it_gets_no_cookie(new_context, live_server, transactional_db):
    context = new_context(base_url=live_server.url)
    page = context.new_page()

    page.goto(PAGE)

    expect(page.get_by_role("heading", level=1)).to_have_text("Privacy")
    assert context.cookies() == []
