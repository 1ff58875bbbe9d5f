"""HTML of another site, as plain text."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.importing.plain_text import as_plain_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("Just words", "Just words"),
        ("knees < hips > feet & I <3 it", "knees < hips > feet & I <3 it"),
        ("<knees> together", "<knees> together"),
        ("one\n\n\n\ntwo ", "one\n\n\n\ntwo "),
        ("Tom &amp; Ann&#8217;s &hellip; &lt;b&gt;", "Tom & Ann’s … <b>"),
        ("https://x.org/?a=1&copy=2", "https://x.org/?a=1&copy=2"),
        ("<p>One</p>\n<p>Two<br>lines<br/>here</p>", "One\n\nTwo\nlines\nhere"),
        ("<ul><li>One</li><li>Two</li></ul>", "– One\n– Two"),
        ("<strong>So</strong> <em class='x'>good</em>", "So good"),
        (
            'See <a href="https://x.org/a" rel="nofollow">this one</a>.',
            "See this one (https://x.org/a).",
        ),
        ('<a href="https://x.org/">https://x.org</a>', "https://x.org/"),
        ('<a href="https://x.org/a?b=1&amp;c=2">x</a>', "x (https://x.org/a?b=1&c=2)"),
        ("<a href='/classes/mat/'>Mat</a>", "Mat (/classes/mat/)"),
        ('<a href="javascript:alert(1)">click</a>', "click"),
        ('<a href="data:text/html,x">click</a>', "click"),
        ("<a>no address</a>", "no address"),
        ("<script>alert(1)</script>Hello<style>p {}</style>", "Hello"),
        ("Hello<script src=x>", "Hello"),
        ("<iframe src=x></iframe>Hello<!-- not this -->", "Hello"),
        ('Great <img src="smile.gif" alt=":)">', "Great :)"),
        ("<blockquote>You said</blockquote>I say", "You said\n\nI say"),
        ("<p>a", "a"),
        ("</p></a>a", "a"),
    ],
)
def test_words_are_kept_and_tags_are_not(html, text):
    assert as_plain_text(html) == text


@given(st.text(alphabet="ab <>/&;p=\"'\n"))
def test_any_text_becomes_text(text):
    assert isinstance(as_plain_text(text), str)


@given(st.text(alphabet="abc <3&\n"))
def test_text_without_tags_stays_as_it_is(text):
    assert as_plain_text(text) == text


@pytest.mark.parametrize(
    "piece", ["<a", "<!--", "<a href=", "<p>", "<a href='x'>", "&amp", "<b <", "alt='"]
)
def test_time_grows_with_the_length_alone(piece):
    began = time.process_time()

    as_plain_text(piece * (200_000 // len(piece)))

    assert time.process_time() - began < 2
