"""The cache of rendered fragments."""

import warnings

from config.fragments import FragmentCache


def test_a_key_may_be_as_long_as_what_it_names():
    cache = FragmentCache("apart", {})
    key = f"shown to {'everybody ' * 50}\n"

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cache.set(key, "<p>Mat</p>")

    assert cache.get(key) == "<p>Mat</p>"
    assert cache.get(key.strip()) is None


def test_it_holds_no_more_than_it_is_allowed():
    cache = FragmentCache("small", {"OPTIONS": {"MAX_ENTRIES": 10}})

    for number in range(100):
        cache.set(f"fragment {number}", number)

    assert sum(cache.get(f"fragment {number}") is not None for number in range(100)) <= 10
    assert cache.get("fragment 99") == 99
