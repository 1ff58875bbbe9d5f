import pytest


@pytest.fixture(autouse=True)
def allauth_reads_as_it_likes(settings) -> None:
    """Its flows ask for one address or member several times over; ours are still watched."""
    settings.ZEAL_ALLOWLIST = [
        {"model": "account.*"},
        {"model": "mfa.*"},
        {"model": "sessions.Session"},
        {"model": "usersessions.*"},
        {"model": "accounts.Member"},
    ]
