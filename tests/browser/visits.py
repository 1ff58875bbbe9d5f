"""How a test visits a page: on which screen, as whom, and how far a film plays."""

import time

from playwright.sync_api import Page

from tests.browser.studio import PASSWORD

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}

# The page's policy forbids `page.wait_for_function`, which polls by `eval`; a promise needs none.
REACHES = """(video, second) => new Promise((resolve, reject) => {
    const look = () => { if (video.currentTime > second) resolve(video.currentTime); };
    video.addEventListener("timeupdate", look);
    video.addEventListener("error", () => reject(video.error?.message), true);
    setTimeout(() => reject(`stopped at ${video.currentTime}`), 20_000);
    look();
})"""


def reaches_without_promises(page: Page, wanted: float) -> bool:
    """Where a page runs no scripts, none of its promises is ever kept."""
    video = page.locator("video")
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if video.evaluate("video => video.currentTime") > wanted:
            return True
        page.wait_for_timeout(100)
    return False


def sign_in(page: Page, email: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in", exact=True).click()


def fits(page: Page) -> bool:
    """Whether what the page is about is no wider than a small phone."""
    box = page.locator("main").bounding_box()
    return box is not None and box["width"] <= 320
