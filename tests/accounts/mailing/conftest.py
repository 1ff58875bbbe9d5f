"""A mail server for each test that asks for one."""

from collections.abc import Iterator

import pytest

from .servers import MailServer, serve_the_site


@pytest.fixture
def post_office(settings) -> Iterator[MailServer]:
    """A real mail server, and the site set to send its mail there."""
    with serve_the_site(settings) as server:
        yield server
