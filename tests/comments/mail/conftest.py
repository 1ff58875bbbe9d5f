"""A mail server for each test that asks for one."""

from collections.abc import Iterator

import pytest

from .servers import MailServer, mail_server


@pytest.fixture
def post_office(settings) -> Iterator[MailServer]:
    """A real mail server, and the site set to send its mail there."""
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_TIMEOUT = 0.5
        yield server
