"""What a word is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classes.search.words import MAX_LENGTH, MAX_WORDS, asked, fold, folded, root, split


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Roll-up, then “saw”!", ["roll", "up", "then", "saw"]),
        ("NEAR(a b)", ["near", "a", "b"]),
        ("the 100s", ["the", "100s"]),
        ("snake_case/2.5", ["snake", "case", "2", "5"]),
        ("cafe\u0301 CAFÉ", ["café", "café"]),
        ("so\u00adft\u200b \u202eswan", ["soft", "swan"]),
        ("ﬁt Ⅷ", ["fit", "viii"]),
        ("日本go", ["日", "本", "go"]),
        ("한국어 שלום", ["한국어", "שלום"]),
        ("🧘 \0 \ud800", []),
    ],
)
def test_split_keeps_letters_and_digits(text: str, words: list[str]):
    assert split(text) == words


@given(st.text())
def test_split_gives_words_that_need_no_quotes(text: str):
    for word in split(text):
        assert word.isalnum()
        assert len(word) <= MAX_LENGTH
        assert split(word) == [word]


def test_asked_is_bounded():
    assert len(asked(" ".join(f"word{number}" for number in range(100)))) == MAX_WORDS
    assert asked("a a A á") == ("a", "á")


@given(st.text())
def test_folded_holds_each_word_between_blanks(text: str):
    for word in split(text):
        assert f" {fold(word)} " in folded([text])


@pytest.mark.parametrize(
    ("word", "beginning"),
    [("rolls", "roll"), ("rolling", "roll"), ("stretches", "stretch"), ("saw", "saw"),
     ("ring", "ring"), ("Región", "region")],
)  # fmt: skip
def test_root_is_what_other_forms_begin_with(word: str, beginning: str):
    assert root(word) == beginning
