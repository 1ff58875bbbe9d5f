"""What the catalogue in memory costs: CPU for each kind of answer, for reading and for catching up.

    python -m tests.benchmarks index

The same answers by SQL stand beside the counts, so that one sees what the memory is for.
"""

import random
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

ROUNDS = 100
SQL_ROUNDS = 2


def measure(sizes: list[int]) -> None:
    from django.db import connection

    from classes.catalogue import keeping

    present = 0
    for size in sorted(sizes):
        grow(size - present)
        present = size
        began = time.process_time()
        catalogue = keeping.load()
        seconds = time.process_time() - began
        if catalogue is None:
            raise SystemExit("Somebody else writes into this database.")
        options = sum(len(each) for each in catalogue.vocabulary.options.values())
        print(f"\n=== {connection.vendor}, {size:,} classes, {options} options")
        print(f"{'read all':<44}{seconds:>9.2f} s of CPU, {megabytes(catalogue):.1f} MB")
        answers(catalogue)
        catching_up(catalogue)


def grow(number: int) -> None:
    from django.db import connection
    from django.utils import timezone

    from classes.large_studio import LargeStudio, unwatched

    with unwatched():
        LargeStudio(timezone.now()).grow_by(number)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def answers(catalogue: Any) -> None:
    from classes.catalogue import Choices, Facet, Found, Sort, SqlCatalogue

    vocabulary = catalogue.vocabulary
    focus = tuple(option.value for option in vocabulary.options[Facet.FOCUS])
    avoid = tuple(option.value for option in vocabulary.movements[:3])
    language = vocabulary.options[Facet.LANGUAGE][0].value
    states = {
        "everything": Choices(),
        "a focus": Choices(focus=focus[:1]),
        "two levels": Choices(level=("beginner", "open")),
        "a length": Choices(length=("11-20",)),
        "show, language and length": Choices(
            show=("workout-tempo",), language=(language,), length=("21-30",)
        ),
        "three movements avoided": Choices(avoid=avoid),
        "all of these": Choices(
            focus=focus[:1],
            level=("beginner", "open"),
            language=(language,),
            length=("11-20", "21-30"),
            avoid=avoid,
        ),
    }
    sql = SqlCatalogue(catalogue.version)
    print(
        f"{'':<44}{'counts':>9}{'by SQL':>9}{'page':>9}{'by length':>11}{'far down':>10}  ms of CPU"
    )
    for name, choices in states.items():
        by_length = replace(choices, sort=Sort.SHORTEST)
        middle = catalogue.count(choices).total // 48 + 1
        print(
            f"{name:<44}"
            f"{cost(catalogue.count, choices):>9.2f}"
            f"{cost(sql.count, choices, rounds=SQL_ROUNDS):>9.0f}"
            f"{cost(catalogue.page, choices, 1):>9.2f}"
            f"{cost(catalogue.page, by_length, 1):>11.2f}"
            f"{cost(catalogue.page, by_length, middle):>10.2f}"
        )
    ids = list(catalogue.index.places.ids)
    chance = random.Random(1)
    words = Choices(q="words", sort=Sort.RELEVANCE)

    # Another object each time, as it would be in another request.
    def count(found: list[int]) -> None:
        catalogue.count(words, Found(list(found)))

    def page(found: list[int]) -> None:
        catalogue.page(words, 1, Found(list(found)))

    for number in (1000, len(ids) * 6 // 10):
        found = chance.sample(ids, number)
        name = f"a search that finds {number:,}"
        print(f"{name:<44}{cost(count, found):>9.2f}{'':>9}{cost(page, found):>9.2f}")
    newest = catalogue.page(Choices(), 1)[0].class_id
    print(f"{'similar classes':<44}{cost(catalogue.similar, newest, 4, avoid):>9.2f}")


def catching_up(catalogue: Any) -> None:
    from classes.catalogue import loading
    from classes.catalogue.index import Rows
    from classes.catalogue.splicing import with_classes

    index = catalogue.index
    middle = index.places.ids[len(index.places) // 2]
    nothing = Rows([], [], [])

    def read() -> Rows:
        rows = loading.read_some([middle])
        return Rows(list(rows.classes), list(rows.films), list(rows.terms))

    rows = read()
    without = with_classes(index, [middle], nothing)
    for name, act in {
        "reading a class that changed": read,
        "  putting it in its place": lambda: with_classes(index, [middle], rows),
        "  taking one out of the middle": lambda: with_classes(index, [middle], nothing),
        "  putting one into the middle": lambda: with_classes(without, [middle], rows),
    }.items():
        print(f"{name:<44}{cost(act, rounds=20):>9.2f}")


def cost(act: Callable[..., Any], *args: Any, rounds: int = ROUNDS) -> float:
    """Milliseconds of this process's CPU, after once without counting."""
    act(*args)
    began = time.process_time()
    for _ in range(rounds):
        act(*args)
    return (time.process_time() - began) / rounds * 1000


def megabytes(catalogue: Any) -> float:
    """Of the sets and the lists by rank, which are nearly all of it."""
    index = catalogue.index
    lists = [*vars(index.places).values(), *vars(index.films).values(), index.comments]
    return sum(map(sys.getsizeof, [*index.sets.values(), *lists])) / 1e6
