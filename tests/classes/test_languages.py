"""Language tags, stored in one form."""

import pytest
from django.core.exceptions import ValidationError

from classes.languages import (
    canonical_tag,
    direction,
    language_name,
    own_name,
    primary_subtag,
    validate_language,
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [("en", "en"), ("PT-br", "pt-BR"), ("ZH-hans", "zh-Hans"), ("zh-hant-hk", "zh-Hant-HK"),
     ("es-419", "es-419")],
)  # fmt: skip
def test_canonical_tag(given, expected):
    assert canonical_tag(given) == expected


@pytest.mark.parametrize("nonsense", ["", "e", "english!", "en_US", "en-", "x" * 500, "٣٣"])
def test_what_is_no_tag_is_refused(nonsense):
    with pytest.raises(ValueError):
        canonical_tag(nonsense)


def test_validator_names_the_canonical_form():
    with pytest.raises(ValidationError, match="pt-BR"):
        validate_language("pt-br")


def test_names_and_direction():
    assert own_name("es") == "Español"
    assert language_name("es") == "Spanish"
    assert (direction("ar"), direction("pt-BR")) == ("rtl", "ltr")
    assert primary_subtag("pt-BR") == "pt"


def test_unknown_language_is_shown_by_its_tag():
    assert own_name("xx-YY") == language_name("xx-YY") == "xx-YY"
    assert direction("xx") == "ltr"
