"""User-Agent headers as people know their devices."""

import pytest

from accounts.templatetags.devices import device

MOZILLA = "Mozilla/5.0"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (f"{MOZILLA} (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Windows"),
        (f"{MOZILLA} (X11; Linux x86_64) {WEBKIT} Chrome/156.0 Safari/537.36", "Chrome, Linux"),
        (
            f"{MOZILLA} (Windows NT 10.0) {WEBKIT} Chrome/156.0 Safari/537.36 Edg/156.0",
            "Edge, Windows",
        ),
        (f"{MOZILLA} (Linux; Android 15) {WEBKIT} Chrome/156.0 Safari/537.36", "Chrome, Android"),
        (
            f"{MOZILLA} (iPhone; CPU iPhone OS 19_0) {WEBKIT} Version/19 Safari/604.1",
            "Safari, iPhone",
        ),
        (f"{MOZILLA} (Macintosh; Intel Mac OS X) {WEBKIT} Version/19 Safari/605", "Safari, Mac"),
        ("curl/8.0", "A browser we do not know"),
        ("", "A browser we do not know"),
    ],
)
def test_device_names_browser_and_system(user_agent, name):
    assert device(user_agent) == name
