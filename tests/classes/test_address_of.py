"""Addresses that are put together from a pattern are those that Django gives."""

import pytest
from django.test.utils import override_script_prefix
from django.urls import reverse

from classes.addresses import address_of

NAMED = [
    ("classes:list", ()),
    ("classes:detail", ("mat",)),
    ("classes:save", ("x-any-part-y",)),
    ("classes:variant", ("x-any-part-y", "workout-tempo", "es-419")),
]


@pytest.mark.parametrize(("name", "parts"), NAMED)
def test_an_address_is_that_of_reverse(name, parts):
    assert address_of(name, *parts) == reverse(name, args=parts)


@pytest.mark.parametrize(("name", "parts"), NAMED)
def test_it_begins_with_the_prefix_that_is_active(name, parts):
    address_of(name, *parts)

    with override_script_prefix("/studio/"):
        assert address_of(name, *parts) == reverse(name, args=parts)
        assert address_of(name, *parts).startswith("/studio/")
