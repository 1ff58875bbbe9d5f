"""Rendered pages of threads, as objects that this process keeps.

Not in a cache that packs them: mostly one comment of two hundred is new, and to pack and unpack
the others costs more than to write that one. They are shared by threads: nobody changes them.
"""

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from comments.rendering import Rendered

MOST = 500  # pages, the latest that were asked for; each is some hundred kilobytes

Mark = tuple[int | None, int | None]  # revision and stamp of the conversation

_kept: OrderedDict[str, "tuple[Mark, Rendered]"] = OrderedDict()
_lock = threading.Lock()


def get(key: str) -> "tuple[Mark, Rendered] | None":
    with _lock:
        kept = _kept.get(key)
        if kept is not None:
            _kept.move_to_end(key)
        return kept


def keep(key: str, mark: Mark, page: "Rendered") -> None:
    """Nothing is kept while developing: who edits a template sees it at once."""
    if settings.DEBUG:
        return
    with _lock:
        _kept[key] = (mark, page)
        _kept.move_to_end(key)
        while len(_kept) > MOST:
            _kept.popitem(last=False)


def clear() -> None:
    with _lock:
        _kept.clear()
