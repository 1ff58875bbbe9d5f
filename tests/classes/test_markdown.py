"""What staff write, cleaned."""

import re

from hypothesis import given
from hypothesis import strategies as st

from classes.markdown import MAX_LENGTH, plain_summary, render_markdown

ALLOWED_TAG = re.compile(
    r"</?(p|br|em|strong|ul|ol|li|blockquote|h3|h4|hr|a)>"
    r'|<a( href="(https?:|mailto:|[^":]*")[^>]*)?( rel="nofollow noopener")?>'
)


def test_headings_begin_below_the_page_title():
    assert render_markdown("# One\n\n##### Two") == "<h3>One</h3>\n<h4>Two</h4>\n"


def test_bare_links_become_links_and_pictures_do_not_load():
    html = render_markdown("See https://example.org ![x](https://example.org/x.png)")

    assert '<a href="https://example.org" rel="nofollow noopener">' in html
    assert "<img" not in html


def test_script_in_any_coat_stays_text():
    html = render_markdown('<script>alert(1)</script> [a](javascript:alert(1)) <b onclick="x">')

    assert "<script" not in html
    assert "<b" not in html
    assert 'href="javascript' not in html


@given(st.text(alphabet="<>[]()!\"'`*_#- \nabjs:/&;=", max_size=200))
def test_nothing_but_allowed_tags_comes_out(text):
    html = render_markdown(text)

    assert "<" not in ALLOWED_TAG.sub("", html)


def test_a_hostile_length_is_cut_before_it_is_rendered():
    assert len(render_markdown("[" * 20_000)) < MAX_LENGTH + 100


def test_summary_is_plain_text():
    assert plain_summary("# Hi\n\n*Feet* & <b>knees</b>") == "Hi Feet & <b>knees</b>"


def test_summary_ends_with_an_ellipsis_where_it_was_cut():
    assert plain_summary("word " * 100, 20).endswith("…")
    assert len(plain_summary("word " * 100, 20)) <= 20
