"""A real browser before a running site: Debian's Chromium, or CHROMIUM=/path/to/it.

Where there is none these tests are skipped, and say so; with CI set they fail instead. A page
that writes anything to the console, or raises, fails the test that looked at it.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, WebError
from pytest_django.live_server_helper import LiveServer

from tests.browser.studio import Studio, open_studio
from tests.browser.visits import DESK, sign_in

HERE = Path(__file__).parent
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Marks what is in this folder, and puts it last.

    A test that commits empties the database behind itself, so Django's order puts it after those
    that roll back. pytest would move these to the front again: they share a browser.
    """
    ours = [item for item in items if HERE in item.path.parents]
    for item in ours:
        item.add_marker(pytest.mark.browser)
        # The site runs in a thread of its own, which sees what is committed only. Rows that
        # migrations made, as the Curators, are there again for the next test; every test that
        # commits must ask for that, or the one after it finds other content types.
        item.add_marker(pytest.mark.django_db(transaction=True, serialized_rollback=True))
        if CHROMIUM is None and not os.environ.get("CI"):
            item.add_marker(pytest.mark.skip(reason="no Chromium here; browser tests left out"))
    yield
    items.sort(key=lambda item: HERE in item.path.parents)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    if CHROMIUM is None:
        pytest.fail("Browser tests are required here (CI is set), and no Chromium was found")
    return {
        **browser_type_launch_args,
        "executable_path": CHROMIUM,
        "args": [
            "--no-sandbox",  # CI runs as root
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--autoplay-policy=no-user-gesture-required",
        ],
    }


@pytest.fixture(scope="session", autouse=True)
def playwright_may_wait() -> Iterator[None]:
    """Playwright's event loop runs in this thread, where Django would refuse to touch its rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture
def live_server(live_server: LiveServer, settings) -> LiveServer:
    """The site as visitors meet it: no debugging, and addresses in mail lead to it."""
    settings.DEBUG = False
    settings.SITE_URL = live_server.url
    return live_server


class Console:
    """What pages said that nobody wants to hear. `allow` names what a test provokes."""

    def __init__(self) -> None:
        self._messages: list[str] = []
        # Chromium says of every sign-out that it did as it was told.
        self._allowed: list[str] = ["Clear-Site-Data header on"]

    def allow(self, part: str) -> None:
        """Let messages that contain this text pass, as `"404 (Not Found)"` for a lost page."""
        self._allowed.append(part)

    def listen(self, context: BrowserContext) -> None:
        context.on("console", self._heard)
        context.on("weberror", self._raised)

    @property
    def messages(self) -> list[str]:
        return [
            message
            for message in self._messages
            if not any(part in message for part in self._allowed)
        ]

    def _heard(self, message: ConsoleMessage) -> None:
        self._messages.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def _raised(self, error: WebError) -> None:
        self._messages.append(f"uncaught: {error.error}")


@pytest.fixture(autouse=True)
def console() -> Iterator[Console]:
    console = Console()
    yield console
    assert console.messages == []


@pytest.fixture
def new_context(
    new_context: Callable[..., BrowserContext], console: Console
) -> Callable[..., BrowserContext]:
    """Playwright's own, with an ear on the console. `page` and `context` come from it too."""

    def listened_to(**options) -> BrowserContext:
        context = new_context(**options)
        console.listen(context)
        return context

    return listened_to


@pytest.fixture
def studio(settings, transactional_db) -> Studio:
    return open_studio(settings.MEDIA_ROOT, settings.FILMS_ROOT)


@pytest.fixture
def open_page(new_context, live_server, studio, variant) -> Callable[..., Page]:
    """The page of the class for sore backs, for a member with a membership or for a visitor.

    What is made of its film first is the `variant` of the tests that ask.
    """

    def opened(query: str = "", *, signed_in: bool = True, **options) -> Page:
        options.setdefault("viewport", DESK)
        page = new_context(base_url=live_server.url, **options).new_page()
        if signed_in:
            sign_in(page, studio.member.email)
        page.goto(studio.back_class.get_absolute_url() + query)
        return page

    return opened


@pytest.fixture(params=[True, False], ids=["with scripts", "without"])
def phone(request, new_context, live_server) -> Page:
    """A small one, on which pages have to fit. Its tests run with JavaScript and without."""
    context = new_context(
        java_script_enabled=request.param,
        viewport={"width": 320, "height": 700},
        base_url=live_server.url,
    )
    return context.new_page()


@pytest.fixture
def violations() -> Callable[..., list[str]]:
    """Asks axe-core what on a page breaks WCAG 2.2 AA; one line for each element.

    `rules` are tags or names of rules, if not all are asked for. The script goes in through the
    debugging protocol, which the page's policy does not bind.
    """
    source = AXE.read_text()

    def look(page: Page, rules: list[str] = RULES) -> list[str]:
        if not page.evaluate("'axe' in window"):
            page.evaluate(f"() => {{ {source} }}")
        found = page.evaluate(
            """async (rules) => (await axe.run(document, {
                runOnly: rules,
                resultTypes: ["violations"],
                preload: false,  // it would copy sheets into the page, which the policy refuses
            })).violations""",
            rules,
        )
        return [
            f"{violation['id']}: {violation['help']}: {node['target']} {node['html'][:120]}"
            for violation in found
            for node in violation["nodes"]
        ]

    return look
