"""Looks over the threads of the whole studio, a few at a time, whether each is said to wait.

Whoever changes what is said or who teaches keeps that at once (`upkeep`, `receivers`). This finds
what passed by them: a bulk update, a line in a shell, an account that went with its answers.
"""

from comments.desk import waiting

# Some 40 ms of every half minute; 100,000 threads are looked over in 25 minutes.
THREADS = 2_000

_place = 0  # the last thread that this process has looked at


def go_on() -> None:
    """Take the next threads; after the last begin anew. Registered as a sweep."""
    global _place
    _place, _mended = waiting.mend(after=_place, limit=THREADS)
