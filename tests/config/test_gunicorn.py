"""What gunicorn lets through to the site."""

import http.client

import pytest

from tests.servers import running_site


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with running_site(tmp_path_factory.mktemp("site"), SECRET_KEY="x" * 50) as port:
        yield port


@pytest.mark.parametrize("character", ["a", "%C3%A1", "%F0%9F%98%80"])
def test_address_with_ten_thousand_characters_reaches_the_site(site, character):
    connection = http.client.HTTPConnection("127.0.0.1", site, timeout=20)
    connection.request("GET", f"/healthz?q={character * 10_000}")
    assert connection.getresponse().status == 200


def test_address_without_an_end_does_not(site):
    connection = http.client.HTTPConnection("127.0.0.1", site, timeout=20)
    connection.request("GET", f"/healthz?q={'a' * 200_000}")
    assert connection.getresponse().status == 414
