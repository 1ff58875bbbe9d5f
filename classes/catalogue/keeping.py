"""The catalogue that this process keeps in memory, and how it stays that of the database.

**How stale it may be: not at all, beyond the one query that begins a request.** `current` asks the
database for the version of the catalogue and gives answers of exactly that version or a newer one.
Whatever changes a class, from the admin to a line of SQL, raises the version in its own
transaction (`changes`), so a request that begins after a change was committed sees it. One that
began before goes on with what it has, as it would with rows that it had already read. The version
is number and stamp, so what was read inside a transaction that is rolled back is never taken for
what others commit under the same number.

**Several processes, several machines:** each keeps its own memory and asks for itself. Nothing is
sent between them and there is nothing to configure: all they share is the database. Two of them
may stand at different versions for as long as a request takes.

**Catching up.** Where a few classes have changed, they are read again and spliced into a copy of
what there was: eight queries, and a few milliseconds at a hundred thousand classes. Where
everything has to be read again (a tag or a rule changed, or the process has just started), a small
studio is read at once, within the request. A large one is read by a thread beside it, and until
that is done the database answers every request itself (`sql`), as it does where it takes another
thread of this process too long to catch up. So memory makes answers fast, and never other.

Rows are read by several queries, between which others may write. Therefore the version is asked
for again afterwards, and what changed meanwhile is read once more, until it did not.
"""

import logging
import os
import threading
import time

from django.db import connection, connections
from django.utils import timezone

from classes.models import WorkoutClass

from . import changes, loading
from .answers import Catalogue, Version
from .bitmaps import BitmapCatalogue
from .index import build, microseconds
from .splicing import with_classes
from .sql import SqlCatalogue

logger = logging.getLogger(__name__)

SMALL = 5_000  # classes that are read within a request
MOST_SPLICED = 100  # of more classes, in a large studio, the thread beside it takes care
PATIENCE = 1.0  # seconds to wait for another thread of this process to catch up
PAUSE = 10.0  # seconds until all is read again after that failed
_REST = 3  # times as long as reading all took, the thread rests before it does so again
_ROUNDS = 5  # in which whoever reads may be overtaken by those who write


def current() -> Catalogue:
    """The catalogue as the database has it now. Once a request, at the cost of one query.

    More only after a change: see above.
    """
    version = changes.current_version()
    return _keeper.at(version) or SqlCatalogue(version)


def of_substance(version: Version) -> BitmapCatalogue | None:
    """What is kept, if it differs from that version at most in how much is said. No query.

    For pages that read the numbers of comments themselves: they need not wait until a process has
    caught up with every comment.
    """
    return _keeper.of_substance(version)


class Keeper:
    """What one process keeps. Its threads share it; a fork begins with a new one."""

    def __init__(self) -> None:
        # What was read inside a transaction may never be committed. Apart, it cannot push out
        # what all others are answered from.
        self.committed: BitmapCatalogue | None = None
        self.uncommitted: BitmapCatalogue | None = None
        self.catching_up = threading.Lock()
        self.loading: threading.Thread | None = None
        self.rests_until = 0.0

    def at(self, version: Version) -> BitmapCatalogue | None:
        """The catalogue at that version or a newer one; None where it is not to be had at once."""
        if kept := self._kept(version):
            return kept
        if not self.catching_up.acquire(timeout=PATIENCE):
            return None
        try:
            kept = self._kept(version) or self._caught_up(version)
        finally:
            self.catching_up.release()
        return kept

    def of_substance(self, version: Version) -> BitmapCatalogue | None:
        for kept in (self.committed, self.uncommitted):
            if kept and kept.version.substance == version.substance:
                return kept
        return None

    def keep(self, catalogue: BitmapCatalogue) -> BitmapCatalogue:
        if connection.in_atomic_block:
            self.uncommitted = catalogue
        else:
            self.committed, self.uncommitted = catalogue, None
        return catalogue

    def _kept(self, version: Version) -> BitmapCatalogue | None:
        for kept in (self.committed, self.uncommitted):
            if kept and kept.version == version:
                return kept
        return None

    def _caught_up(self, version: Version) -> BitmapCatalogue | None:
        for kept in (self.uncommitted, self.committed):
            if kept and (newer := brought_up(kept, version)):
                return self.keep(newer)
        if is_small():
            loaded = load()
            return self.keep(loaded) if loaded else None
        self._load_beside()
        return None

    def _load_beside(self) -> None:
        is_at_it = self.loading and self.loading.is_alive()
        if not is_at_it and time.monotonic() >= self.rests_until:
            self.loading = threading.Thread(target=self._load, name="catalogue", daemon=True)
            self.loading.start()

    def _load(self) -> None:
        began = time.monotonic()
        rest = PAUSE
        try:
            if loaded := load():
                self.keep(loaded)
            # One tag after another may change, and pages need the processor as well.
            rest = _REST * (time.monotonic() - began)
        except Exception:
            # Pages are answered from the database all the same.
            logger.exception("The catalogue could not be read into memory.")
        finally:
            self.rests_until = time.monotonic() + rest
            connections.close_all()  # this thread's own


_keeper = Keeper()


def forget() -> None:
    """Keep nothing, as a process that has just started: for a fork, and for tests."""
    global _keeper
    _keeper = Keeper()


# A lock that some thread held at that moment would be held for ever in the child.
os.register_at_fork(after_in_child=forget)


def is_small() -> bool:
    """Whether all classes may be read within a request. One query."""
    return WorkoutClass.objects.order_by()[: SMALL + 1].count() <= SMALL


def load() -> BitmapCatalogue | None:
    """Read everything: eight queries. None where others write faster than this reads."""
    version = changes.current_version()
    gone_at = microseconds(timezone.now())
    index = build(loading.read_all(), loading.read_terms(), gone_at=gone_at)
    return brought_up(BitmapCatalogue(version, index), changes.current_version())


def brought_up(kept: BitmapCatalogue, version: Version) -> BitmapCatalogue | None:
    """What is kept, brought up to that version or a newer one.

    Seven queries where any class changed. None where everything must be read again, and where
    others write faster than this reads.
    """
    for _ in range(_ROUNDS):
        if kept.version == version:
            return kept
        changed = changes.since(kept.version)
        if changed is None:
            return None
        class_ids = changed.class_ids
        if len(class_ids) > MOST_SPLICED and len(kept.index.places) > SMALL:
            return None
        rows = loading.read_some(list(class_ids))
        index = with_classes(kept.index, class_ids, rows)
        # For the time being: what was written after this version may be half in it.
        kept = kept.followed_by(changed.version, index, changed.class_ids)
        version = changes.current_version()
    return None
