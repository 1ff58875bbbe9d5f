"""What is swept up every half minute, whatever else there is to do.

Each app registers its sweeps in `AppConfig.ready`; the worker (`manage.py run_worker`) runs them.
A sweep does what no task is on the list for: it finds by itself what is due.
"""

from collections.abc import Callable

Sweep = Callable[[], object]

_sweeps: list[Sweep] = []


def register(*sweeps: Sweep) -> None:
    """Add sweeps, which run in the order in which they were registered.

    One that fails is logged and run again the next time; it keeps the others from nothing.
    """
    _sweeps.extend(sweep for sweep in sweeps if sweep not in _sweeps)


def sweeps() -> tuple[Sweep, ...]:
    return tuple(_sweeps)
