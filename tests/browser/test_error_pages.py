"""Error pages in the browser: readable by everyone, under the same policy as any other."""

import pytest
from playwright.sync_api import Page, expect


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_lost_page_is_accessible(live_server, page: Page, console, violations, scheme):
    console.allow("404 (Not Found)")
    page.emulate_media(color_scheme=scheme)

    response = page.goto(f"{live_server.url}/no/such/page/")

    assert response.status == 404
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert violations(page) == []
