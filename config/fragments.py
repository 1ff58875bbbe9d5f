"""The cache of rendered fragments, in the memory of each process."""

from django.core.cache.backends.locmem import LocMemCache


class FragmentCache(LocMemCache):
    """Its keys are made by this site and reach no memcached: to look at each of their characters
    takes longer than to find what is kept under them."""

    def validate_key(self, key: str) -> None:
        pass
