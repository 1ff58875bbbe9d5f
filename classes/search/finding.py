"""Words to classes."""

from array import array
from collections.abc import Sequence
from zlib import crc32

from django.core.cache import caches
from django.db import connection

from classes.catalogue.answers import Found, Version

from .engines import engine
from .words import asked

# A word may be in most classes: so many answers are kept in a process, and no more.
_PLACES = 64

_Kept = tuple[Sequence[str], Version, array]


def find(q: str, version: Version | None = None) -> Found:
    """The classes in which every word occurs, the best first, whether they are listed or not.

    Each word may be the beginning of one; case and accents do not matter. A word in a title weighs
    more than one in a name or a tag, then come descriptions, and what is said. One query; none
    where the answer is still known for `version`, the catalogue's current one, if given.
    """
    words = asked(q)
    if not words:
        return Found()
    place = f"search.{crc32(' '.join(words).encode()) % _PLACES}"
    kept: _Kept | None = caches["fragments"].get(place)
    if kept and kept[:2] == (words, version):
        return Found(kept[2].tolist())
    ranked, parameters = engine().ranked(words)
    with connection.cursor() as cursor:
        # What comes from the visitor is in the parameters.
        query = f"SELECT number, stamp, {ranked} FROM classes_searchstate"  # noqa: S608
        cursor.execute(query, parameters)
        row = cursor.fetchone()
    if row is None:  # nothing has been made yet
        return Found()
    *made_of, value = row
    class_ids = engine().ids(value)
    if tuple(made_of) == version:
        caches["fragments"].set(place, (words, version, array("q", class_ids)))
    return Found(class_ids)
