"""What every mail needs of its reader, and of a line that goes into a header."""

import pytest

from accounts.mailing import words


@pytest.mark.parametrize(
    ("language", "expected"), [("", "es"), ("xx", "es"), ("en", "en"), ("es-MX", "es")]
)
def test_language_of_falls_back_to_the_studio(settings, language, expected):
    settings.STUDIO_LANGUAGE = "es"

    assert words.language_of(language) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("two\nlines", "two lines"),
        (" a \t b ", "a b"),
        ("a\x00b\x85c\u2028d", "a b c d"),
        ("\u202ereversed\u202c", "reversed"),
        ("👩\u200d🏫 Ana", "👩\u200d🏫 Ana"),
        ("half \ud83d of a face", "half of a face"),
    ],
)
def test_one_line_is_fit_for_a_header(text, expected):
    assert words.one_line(text) == expected


def test_new_message_id_names_the_site_and_nothing_twice(settings):
    settings.SITE_URL = "https://studio.example:8443"

    first, second = words.new_message_id(), words.new_message_id()

    assert first != second
    assert first.endswith("@studio.example>")
