"""One line of log per event, and what it never says."""

import logging

import pytest

from config.logs import DiscreetFormatter

pytestmark = pytest.mark.django_db


def test_request_has_an_id_that_its_line_and_its_answer_share(client, caplog):
    caplog.set_level(logging.INFO, "access")

    response = client.get("/healthz", headers={"x-request-id": "from-the-proxy-1"})

    assert response["X-Request-ID"] == "from-the-proxy-1"
    assert "GET /healthz 200" in caplog.text


@pytest.mark.parametrize("given", ["short", "x" * 65, "with spaces in it", "forged\nline here"])
def test_strange_id_is_replaced(client, given):
    response = client.get("/healthz", headers={"x-request-id": given})

    assert response["X-Request-ID"] != given
    assert len(response["X-Request-ID"]) == 32


def test_query_is_not_logged(client, caplog):
    caplog.set_level(logging.INFO)

    client.get("/no/such/page/?avoid=twisting")

    assert "/no/such/page/" in caplog.text
    assert "twisting" not in caplog.text


def test_line_break_in_a_path_makes_no_line(client, caplog):
    caplog.set_level(logging.INFO, "access")

    client.get("/x%0aGET /admin/ 200")

    lines = [r.getMessage() for r in caplog.records if r.name == "access"]
    assert lines and all("\n" not in line for line in lines)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("GET /v/1767-42-f00ba4/8c2e/film.mp4 200", "GET /v/-/8c2e/film.mp4 200"),
        (f"GET /v/1795413600-42-{'f0' * 16}/8c2e/ 404", "GET /v/-/8c2e/ 404"),
        (f"GET /v/1795413600-0-{'f0' * 16} 404", "GET /v/- 404"),
        (f"GET /v//1795413600-0-{'f0' * 16}//x 404", "GET /v//-//x 404"),
        (f"Cookie: film=1795413600-42-{'f0' * 16}", "Cookie: film=-"),
        ("GET /v/8c2e/film.mp4 200", "GET /v/8c2e/film.mp4 200"),
        ("GET /classes/v/ 200", "GET /classes/v/ 200"),
    ],
)
def test_token_in_the_address_of_a_film_is_not_printed(text, printed):
    record = logging.LogRecord("access", logging.INFO, "", 0, "%s", (text,), None)

    assert DiscreetFormatter("{message}", style="{").format(record) == printed


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        (
            "GET /classes/?avoid=twisting&avoid=%6Bneeling&page=2",
            "GET /classes/?avoid=-&avoid=-&page=2",
        ),
        ('"GET /classes/?Avoid=twisting HTTP/1.1" 404', '"GET /classes/?Avoid=- HTTP/1.1" 404'),
        (
            "from https://old.example/?q=a&avoid=rolling#x.",
            "from https://old.example/?q=a&avoid=-#x.",
        ),
        ("Movements to avoid=ing them", "Movements to avoid=ing them"),
    ],
)
def test_what_an_address_avoids_is_not_printed(text, printed):
    record = logging.LogRecord("django.server", logging.WARNING, "", 0, "%s", (text,), None)

    assert DiscreetFormatter("{message}", style="{").format(record) == printed


def printed_by(client, caplog, path: str) -> str:
    """All that the log prints of one request, tracebacks with it."""
    caplog.set_level(logging.DEBUG)
    caplog.clear()
    client.get(path)
    assert caplog.records
    formatter = DiscreetFormatter("{levelname} {name}: {message}", style="{")
    return "\n".join(formatter.format(record) for record in caplog.records)


def test_request_that_fails_reports_nothing_of_what_is_avoided(client, caplog, monkeypatch):
    def fails(*args, **kwargs):
        raise RuntimeError("the catalogue is away")

    monkeypatch.setattr("classes.catalogue.keeping.current", fails)
    client.raise_request_exception = False

    text = printed_by(client, caplog, "/classes/?avoid=twisting&q=hips")

    assert "the catalogue is away" in text
    assert "twisting" not in text
