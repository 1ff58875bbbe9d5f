"""Every page there is: what axe-core finds, whether it fits, and whether keys and no script do."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from playwright.sync_api import BrowserContext, Error, Page, expect

from tests.browser import every_page
from tests.browser.every_page import Everything, Visit, furnish, hold_session
from tests.browser.faults import dead_without_scripts, faults_for_the_keyboard, sticks_out
from tests.factories import make_member

PHONE = {"width": 320, "height": 640}
DESK = {"width": 1280, "height": 900}
WIDTHS = [390, 768, 1440]  # between and beyond those two

# In the dark the same elements are there, in other colours.
OF_COLOURS = ["color-contrast", "link-in-text-block"]
# Of the administration's pages most is Django's: they keep the rules, and not all good advice.
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

# What the administration's stock widgets lack: a name of their own for the halves of a moment, for
# a choice with a search, and for the hint beside a filter.
OF_DJANGO = ("vDateField", "vTimeField", "select2-", "search-label-icon")


@pytest.fixture
def everything(studio, settings) -> Everything:
    settings.COMMENTS_NOINDEX = True  # visitors read what is said on a page of its own
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 3600  # the walk is long
    return furnish(studio)


# --- The list -----------------------------------------------------------------------------------


def named_routes(patterns: Iterable = (), start: str = "", spaces: tuple = ()) -> Iterator[tuple]:
    """Each name with the route that it stands for."""
    for pattern in patterns:
        route = start + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            space = (pattern.namespace,) if pattern.namespace else ()
            yield from named_routes(pattern.url_patterns, route, spaces + space)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield ":".join([*spaces, pattern.name]), route


def test_every_page_is_looked_at_or_said_to_be_none():
    """Where two names share a route, the page of one is that of the other."""
    routes = dict(named_routes(get_resolver().url_patterns))
    looked_at = {visit.name for visit in every_page.VISITS} | every_page.names_of_admin_pages()
    none = every_page.TAKES_POST_ONLY | every_page.NOT_A_PAGE.keys()
    dealt_with = {routes[name] for name in (looked_at & routes.keys()) | none}

    forgotten = {
        name
        for name, route in routes.items()
        if route not in dealt_with
        and not name.startswith(every_page.OF_OTHERS)
        and not name.endswith(every_page.OF_FORMER_VERSIONS)
    }

    assert forgotten == set()
    assert looked_at & none == set()
    assert {visit.name for visit in every_page.VISITS} - routes.keys() == set()


def test_what_takes_only_post_answers_nothing_else(client: Client, db):
    client.force_login(make_member(is_staff=True, is_superuser=True))
    routes = dict(named_routes(get_resolver().url_patterns))
    some = {"int": 1, "uuid": UUID(int=1), "slug": "x", "str": "x"}

    def status(name: str) -> int:
        kinds = [part.split(":")[0] for part in routes[name].split("<")[1:]]
        return client.get(reverse(name, args=[some[kind] for kind in kinds])).status_code

    answers = {name: status(name) for name in sorted(every_page.TAKES_POST_ONLY)}

    assert answers == dict.fromkeys(answers, 405)


# --- The walk -----------------------------------------------------------------------------------


@dataclass
class Walk:
    """Goes from page to page and remembers what is wrong with each."""

    page: Page
    everything: Everything
    look: Callable[[Page], list[str]]
    has_scripts: bool = True
    faults: dict[str, list[str]] = field(default_factory=dict)

    def over(self, visits: Iterable[Visit]) -> None:
        for visit in visits:
            if visit.needs_scripts and not self.has_scripts:
                continue
            self.page.set_viewport_size(DESK)
            self.page.emulate_media(color_scheme="light")
            try:
                visit.open(self.page, self.everything)
                faults = self.look(self.page)
            except (
                AssertionError,
                Error,
            ) as error:  # the pages after it are looked at all the same
                faults = [f"cannot be looked at: {error}"]
            if faults:
                self.faults[f"{visit.name} {visit.query}"] = faults


@pytest.fixture
def walk(new_context, live_server, everything, violations) -> Walk:
    """With scripts, for axe, the widths and the keyboard."""

    def look(page: Page) -> list[str]:
        is_ours = "/admin/" not in page.url
        rules = [*WCAG, "best-practice"] if is_ours else WCAG
        found = [f"at the desk: {fault}" for fault in violations(page, rules)]
        paint(page, "dark")
        found += [f"in the dark: {fault}" for fault in violations(page, OF_COLOURS)]
        found += faults_for_the_keyboard(page)
        page.set_viewport_size(PHONE)
        found += [f"dark on a phone: {fault}" for fault in violations(page, OF_COLOURS)]
        paint(page, "light")
        found += [f"on a phone: {fault}" for fault in violations(page, rules)]
        if sticks_out(page):
            found.append("sticks out on a phone")
        if is_ours:
            return found
        return [fault for fault in found if not any(part in fault for part in OF_DJANGO)]

    return Walk(new_page(new_context, live_server), everything, look)


def paint(page: Page, scheme: str) -> None:
    """In these colours, and not in those halfway to them."""
    page.emulate_media(color_scheme=scheme)
    page.evaluate("document.getAnimations().forEach((animation) => animation.finish())")


@pytest.fixture
def walk_without_scripts(new_context, live_server, everything) -> Walk:
    def look(page: Page) -> list[str]:
        page.set_viewport_size(PHONE)
        found = dead_without_scripts(page)
        return [*found, "sticks out on a phone"] if sticks_out(page) else found

    page = new_page(new_context, live_server, java_script_enabled=False)
    return Walk(page, everything, look, has_scripts=False)


def new_page(new_context: Callable[..., BrowserContext], live_server, **options) -> Page:
    # Whatever moves would be caught on its way.
    page = new_context(base_url=live_server.url, reduced_motion="reduce", **options).new_page()
    page.set_default_timeout(10_000)
    return page


def walk_as(walk: Walk, address: str, who: str) -> None:
    everything, studio = walk.everything, walk.everything.studio
    walks = {
        "visitor": [(None, every_page.OF_VISITORS)],
        "member": [
            (studio.member, every_page.OF_A_MEMBER),
            (everything.guarded, every_page.OF_WHOEVER_HAS_A_SECOND_FACTOR),
            (everything.newcomer, every_page.OF_WHOEVER_HAS_NO_PASSWORD),
        ],
        "teacher": [(studio.teacher, every_page.OF_A_TEACHER)],
        "director": [(everything.director, every_page.OF_THE_DIRECTOR)],
    }
    for member, visits in walks[who]:
        if member:
            hold_session(walk.page, address, member)
        walk.over(visits)


@pytest.mark.parametrize("who", ["visitor", "member", "teacher", "director"])
def test_every_page_is_open_to_all(walk, live_server, who):
    walk_as(walk, live_server.url, who)

    assert walk.faults == {}


@pytest.mark.parametrize("who", ["visitor", "member", "teacher"])
def test_nothing_dead_is_shown_without_scripts(walk_without_scripts, live_server, who):
    walk_as(walk_without_scripts, live_server.url, who)

    assert walk_without_scripts.faults == {}


def test_every_row_of_the_administration_is_open_to_all(walk, live_server):
    director = walk.everything.director
    hold_session(walk.page, live_server.url, director)
    for model in every_page.our_models_in_the_admin():
        walk.over(every_page.admin_pages_of(model, director))

    assert walk.faults == {}


# --- Other widths, the other direction ----------------------------------------------------------

OF_ADDRESSES = [visit for visit in every_page.OF_VISITORS if not visit.lead]


def test_no_page_is_wider_than_its_window(new_context, live_server, everything):
    page = new_page(new_context, live_server)
    wide = []
    for visit in OF_ADDRESSES:
        address = visit.open(page, everything)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            if sticks_out(page):
                wide.append((address, width))

    assert wide == []


def test_page_from_right_to_left_keeps_its_layout(new_context, live_server, everything):
    """No translation of the site runs that way yet; its layout must hold all the same."""
    page = new_page(new_context, live_server, viewport={"width": 390, "height": 800})
    wide = []
    for visit in OF_ADDRESSES:
        address = visit.open(page, everything)
        page.evaluate("document.documentElement.dir = 'rtl'")
        if sticks_out(page):
            wide.append(address)

    assert wide == []


# --- Menus --------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/", "/classes/slow-gentle-mat-for-back-pain/"])
def test_escape_closes_a_menu_and_gives_the_focus_back(
    new_context, live_server, everything, address
):
    page = new_page(new_context, live_server, viewport=PHONE)
    hold_session(page, live_server.url, everything.studio.member)
    page.goto(address)
    menus = page.locator("details.menu")
    assert menus.count() > 0
    for number in range(menus.count()):
        menu, button = menus.nth(number), menus.nth(number).locator("summary")
        button.press("Enter")
        expect(menu).to_have_attribute("open", "")
        page.keyboard.press("Tab")

        page.keyboard.press("Escape")

        expect(menu).not_to_have_attribute("open", "")
        expect(button).to_be_focused()


def test_escape_closes_the_filter_and_gives_the_focus_back(new_context, live_server, everything):
    page = new_page(new_context, live_server, viewport=PHONE)
    page.goto("/classes/")
    button = page.get_by_role("button", name="Filter")
    button.press("Enter")
    expect(page.locator("#filter")).to_be_visible()
    page.keyboard.press("Tab")

    page.keyboard.press("Escape")

    expect(page.locator("#filter")).to_be_hidden()
    expect(button).to_be_focused()
