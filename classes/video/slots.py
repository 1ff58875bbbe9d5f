"""How many films this machine makes at the same time, whatever the number of its workers."""

import fcntl
import platform
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from django.conf import settings


@contextmanager
def film_slot() -> Iterator[bool]:
    """One of FILMS_AT_ONCE places, held for the block; False where all are taken.

    A place is a locked file: the kernel gives it back whatever becomes of the process. Machines
    that share VAR_DIR have places of their own in it.
    """
    folder = Path(settings.VAR_DIR) / "film-slots" / platform.node()
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        yield any(_take(folder / str(place), held) for place in range(settings.FILMS_AT_ONCE))


def _take(place: Path, held: ExitStack) -> bool:
    file = held.enter_context(place.open("w"))
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
