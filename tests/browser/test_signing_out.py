"""After signing out on a shared computer, going back shows nobody's pages."""

import time
from collections.abc import Callable, Iterator

import pytest
from allauth.account.models import EmailAddress
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Console
from tests.browser.visits import sign_in
from tests.factories import make_class, make_member

# Each of them would show the name in its header, and much more on it.
PAGES = ["/my/", "/accounts/profile/", "/classes/"]


@pytest.fixture
def browser_that_goes_back(
    launch_browser: Callable[..., Browser], console: Console
) -> Iterator[Browser]:
    """As people have it: Playwright's own keeps no page in memory for going back."""
    browser = launch_browser(ignore_default_args=["--disable-back-forward-cache"])
    yield browser
    browser.close()


def sign_out(page: Page) -> None:
    page.goto("/accounts/logout/")
    page.locator("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/")


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no-scripts"])
@pytest.mark.parametrize("address", PAGES)
def test_going_back_after_signing_out_shows_no_page_of_theirs(
    browser_that_goes_back, live_server, transactional_db, console, caplog, address, javascript
):
    make_class()
    member = make_member(display_name="Marta Duarte", email="marta@example.com")
    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    context = browser_that_goes_back.new_context(
        base_url=live_server.url, java_script_enabled=javascript
    )
    console.listen(context)
    page = context.new_page()
    sign_in(page, member.email)
    page.goto(address)
    expect(page.locator("body")).to_contain_text("Marta Duarte")
    sign_out(page)
    caplog.clear()

    go_back_to(page, address)

    # A page that the browser still has is shown without a word to the site.
    assert is_asked(caplog, f"GET {address} ")
    expect(page.locator("body")).not_to_contain_text("Marta Duarte")


def go_back_to(page: Page, address: str) -> None:
    """As by the list of the Back button. Playwright's own `go_back` never hears of a page that was
    kept in memory, and waits."""
    browser = page.context.new_cdp_session(page)
    visited = browser.send("Page.getNavigationHistory")["entries"]
    there = [entry["id"] for entry in visited if entry["url"].endswith(address)]
    browser.send("Page.navigateToHistoryEntry", {"entryId": there[-1]})


def is_asked(log: pytest.LogCaptureFixture, line: str) -> bool:
    """Whether the site hears of it within five seconds."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if any(line in record.getMessage() for record in log.records):
            return True
        time.sleep(0.05)
    return False
