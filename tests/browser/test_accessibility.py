"""Every page in light and dark: what axe-core finds, and whether anything sticks out."""

import pytest
from playwright.sync_api import Page

from tests.browser.studio import Studio, open_studio
from tests.browser.visits import sign_in

PUBLIC = [
    "/",
    "/classes/",
    "/classes/?focus=spine-safe&level=expert&show=observe-and-learn",
    "/classes/?q=nothing-has-this-name",
    "/classes/slow-gentle-mat-for-back-pain/",
    "/classes/slow-gentle-mat-for-back-pain/workout-tempo/ar/",
    "/classes/wunda-chair/",
    "/classes/wunda-chair/?avoid=head-lift&t=100",
    "/exercises/",
    "/exercises/?q=hunderd",
    "/exercises/hundred/?avoid=head-lift",
    "/focus/spine-safe/",
    "/instructors/",
    "/instructors/ana-lindqvist/",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    # The other language of the site: longer words, and what they do to a page.
    "/?lang=es",
    "/classes/?focus=spine-safe&lang=es",
    "/classes/slow-gentle-mat-for-back-pain/?lang=es",
]
OF_A_MEMBER = [
    "/classes/slow-gentle-mat-for-back-pain/",
    "/accounts/profile/",
    "/accounts/membership/",
    "/accounts/password/change/",
    "/accounts/email/",
    "/accounts/2fa/",
    "/accounts/sessions/",
]

WIDTHS = [320, 390, 768, 1440]


@pytest.fixture
def studio(settings, transactional_db) -> Studio:
    return open_studio(settings.MEDIA_ROOT, settings.FILMS_ROOT)


def sticks_out(page: Page) -> bool:
    """Whether a reader would have to scroll sideways."""
    return page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_public_pages_break_no_rule(new_context, live_server, studio, violations, scheme):
    page = new_context(color_scheme=scheme, base_url=live_server.url).new_page()
    found = {}
    for address in PUBLIC:
        page.goto(address)
        found[address] = violations(page)

    assert {address: what for address, what in found.items() if what} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_a_member_break_no_rule(new_context, live_server, studio, violations, scheme):
    page = new_context(color_scheme=scheme, base_url=live_server.url).new_page()
    sign_in(page, studio.member.email)
    found = {}
    for address in OF_A_MEMBER:
        page.goto(address)
        found[address] = violations(page)

    assert {address: what for address, what in found.items() if what} == {}


def test_no_page_is_wider_than_its_window(new_context, live_server, studio):
    page = new_context(base_url=live_server.url).new_page()
    wide = []
    for address in PUBLIC:
        page.goto(address)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            if sticks_out(page):
                wide.append((address, width))

    assert wide == []


def test_page_from_right_to_left_keeps_its_layout(new_context, live_server, studio):
    """No translation of the site runs that way yet; its layout must hold all the same."""
    page = new_context(viewport={"width": 390, "height": 800}, base_url=live_server.url).new_page()
    wide = []
    for address in PUBLIC:
        page.goto(address)
        page.evaluate("document.documentElement.dir = 'rtl'")
        if sticks_out(page):
            wide.append(address)

    assert wide == []
