"""A comment's words as HTML: escaped, always, and linked where an address is."""

import re
import time
from html.parser import HTMLParser

import pytest
from django.utils.safestring import mark_safe
from hypothesis import given
from hypothesis import strategies as st

from comments import text, time_codes


def html(words: str, **meanings: str) -> str:
    return text.as_html(words, {f"/classes/{slug}/": name for slug, name in meanings.items()})


def link(address: str, name: str = "") -> str:
    return f'<a href="{address}" rel="nofollow ugc">{name or address}</a>'


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("One", '<p dir="auto">One</p>'),
        ("One\ntwo", '<p dir="auto">One<br>two</p>'),
        ("One\r\n\r\ntwo", '<p dir="auto">One</p><p dir="auto">two</p>'),
        ("One\n \n\n\ntwo\n", '<p dir="auto">One</p><p dir="auto">two</p>'),
        ("<b>&\"'", '<p dir="auto">&lt;b&gt;&amp;&quot;&#x27;</p>'),
        ("👏👏🏽", '<p dir="auto">👏👏🏽</p>'),
    ],
)
def test_paragraphs_and_lines_are_kept_and_all_is_escaped(words, expected):
    assert html(words) == expected


@pytest.mark.parametrize(
    ("words", "address"),
    [
        ("https://example.org", "https://example.org"),
        ("See https://example.org/a?b=c&d=e#f.", "https://example.org/a?b=c&amp;d=e#f"),
        ("(https://example.org/a)", "https://example.org/a"),
        ("https://example.org/a_(b)", "https://example.org/a_(b)"),
        ("“https://example.org/a”", "https://example.org/a"),
        ("https://example.org/a, and", "https://example.org/a"),
        ("https://example.org/a…", "https://example.org/a"),
        ("here:http://example.org/", "http://example.org/"),
        ("看https://example.org/a。", "https://example.org/a"),
        ("HTTPS://EXAMPLE.ORG/", "HTTPS://EXAMPLE.ORG/"),
        ("https://example.org/\u202egpj.exe", "https://example.org/"),
    ],
)
def test_an_address_is_linked_without_what_the_sentence_puts_around_it(words, address):
    assert html(words).count("<a ") == 1
    assert link(address) in html(words)


@pytest.mark.parametrize(
    "words",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://example.org",
        "example.org",
        "ana@example.org",
        "mailto:ana@example.org",
        "xhttps://example.org",
        "https://",
        "https:example.org",
        "and /or",
        "/classes/unknown/",
        "//example.org/",
    ],
)
def test_nothing_else_is_linked(words):
    assert "<a " not in html(words)


def test_our_own_addresses_are_shown_by_their_meaning():
    shown = html("Try /classes/gentle/, then (/classes/gentle/).", gentle="Gentle & Slow")

    assert shown.count(link("/classes/gentle/", "Gentle &amp; Slow")) == 2


def test_our_own_addresses_lose_their_host():
    address = "http://127.0.0.1:8000/classes/gentle/?comments=2#comment-1"

    shown = text.as_html(address, {address: "Gentle"})

    assert link("/classes/gentle/?comments=2#comment-1", "Gentle") in shown


def test_a_card_stands_in_place_of_its_line():
    cards = {"/classes/gentle/": mark_safe("<div>card</div>")}
    words = "Before\n /classes/gentle/ \nafter, /classes/gentle/\n\n/classes/gentle/"

    shown = text.as_html(words, {"/classes/gentle/": "Gentle"}, cards=cards)

    assert shown == (
        '<p dir="auto">Before</p><div>card</div>'
        f'<p dir="auto">after, {link("/classes/gentle/", "Gentle")}</p><div>card</div>'
    )


def test_a_time_leads_into_the_film():
    def time_link(second: int) -> str | None:
        return f"/classes/gentle/?t={second}#t={second}" if second < 1000 else None

    shown = text.as_html("At 12:34 & 1:02:03\n0:05", {}, time_link=time_link)

    assert shown == (
        '<p dir="auto">At <a href="/classes/gentle/?t=754#t=754" rel="nofollow">12:34</a>'
        " &amp; 1:02:03<br>"
        '<a href="/classes/gentle/?t=5#t=5" rel="nofollow">0:05</a></p>'
    )
    assert "<a " not in text.as_html("At 12:34", {})


def test_an_address_is_one_link_even_with_a_time_in_it(monkeypatch):
    words = "https://example.org/12:34"
    monkeypatch.setattr(time_codes, "find", lambda _text: iter([(20, 25, 754)]))

    shown = text.as_html(words, {}, time_link=lambda second: f"/?t={second}")

    assert shown == f'<p dir="auto">{link(words)}</p>'


@pytest.mark.parametrize(
    ("words", "length"), [("abc", 3), ("é", 1), ("🙏", 2), ("👩‍🦰", 5), ("a\nb", 3), ("", 0)]
)
def test_length_is_what_a_browser_counts(words, length):
    assert text.length(words) == length


@pytest.mark.parametrize(
    ("words", "blank"),
    [("", True), (" \n\t", True), ("\u200b\u2060\ufeff\u00a0", True), (".", False), ("🙏", False)],
)
def test_blank_is_what_nobody_can_see(words, blank):
    assert text.is_blank(words) is blank


class Shown(HTMLParser):
    """Reads HTML back: its tags, and the text a reader sees."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.text = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


_PIECES = st.sampled_from(
    [
        "https://example.org/",
        "http://",
        "javascript:",
        "<script>",
        "</p>",
        '" onmouseover="',
        "'",
        "&amp;",
        "&#x3c;",
        "\n",
        "\n\n",
        " ",
        "(",
        ")",
        "/classes/gentle/",
        "\u202e",
        "\x00",
    ]
)


@given(st.lists(st.one_of(_PIECES, st.text(max_size=8)), max_size=20).map("".join))
def test_nobody_writes_html(words):
    shown = Shown(text.as_html(words, {"/classes/gentle/": "<Gentle>"}))

    for tag, attributes in shown.tags:
        assert tag in {"p", "br", "a"}
        if tag == "a":
            assert set(attributes) == {"href", "rel"}
            assert re.match(r"https?://|/classes/gentle/", attributes["href"], re.IGNORECASE)
        else:
            assert set(attributes) <= {"dir"}


@given(st.lists(st.one_of(_PIECES, st.text(max_size=8)), max_size=20).map("".join))
def test_every_word_is_there(words):
    shown = Shown(text.as_html(words, {}))

    def squeezed(text: str) -> str:
        return "".join(text.split()).replace("\x00", "\ufffd")

    assert squeezed(shown.text).replace("\x00", "\ufffd") == squeezed(words)


@pytest.mark.parametrize(
    "words",
    [")" * 5000, "(" * 5000, "\n " * 2500, "https://a" + ")" * 4990, "/a" * 2500, "/a." * 1600],
)
def test_a_long_text_is_taken_apart_in_time(words):
    start = time.process_time()

    for _ in range(20):  # a page of comments
        list(text.find_addresses(words))

    assert time.process_time() - start < 0.5  # what is quadratic takes many times that


@given(st.text(alphabet="()[]{}.,;/-a", max_size=12))
def test_an_address_ends_where_each_bracket_it_closes_was_opened(end):
    [(_start, address)] = text.find_addresses(f"https://a{end}")

    assert address[-1] not in ".,;([{"
    for opening, closing in ("()", "[]", "{}"):
        if address.endswith(closing):
            assert address.count(opening) >= address.count(closing)
