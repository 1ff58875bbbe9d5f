"""What pages and films cost, against what cannot be done without: `make bench`.

A page is measured in CPU against an empty view behind the same middleware, a film against the run
of ffmpeg that encodes it. Milliseconds of a shared machine mean little; the ratio within one run
does. Prints tables beside the limits of the design and judges nothing: whether a number is good is
for who reads it.

    python -m tests.benchmarks                 everything, on SQLite and on PostgreSQL
    python -m tests.benchmarks pages           one part; the other is "films"
    python -m tests.benchmarks pages --classes 2000
    python -m tests.benchmarks pages --classes 300 --comments 20000
    python -m tests.benchmarks index           the catalogue in memory, answer by answer

Each database has a process of its own, so that one's memory is not the other's. SQLite lies in a
folder that goes afterwards. PostgreSQL is started for this, where its programs are found, or is
the one that BENCH_DATABASE_URL names, which has to be empty.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path

from tests.benchmarks.postgres import find_programs, running_postgres

SIZES = (10_000, 100_000)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("parts", nargs="*", default=["pages", "films"])
    parser.add_argument("--classes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--comments", type=int, default=1_000_000)
    parser.add_argument("--only-here", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.only_here:
        run_here(asked.parts, asked.classes, asked.comments)
        return
    if "pages" in asked.parts:
        run_apart(["pages"], asked, "")
        if url := os.environ.get("BENCH_DATABASE_URL"):
            run_apart(["pages"], asked, url)
        elif find_programs():
            with running_postgres() as url:
                run_apart(["pages"], asked, url)
        else:
            print("\nPostgreSQL was not found and is not measured (Debian: postgresql).")
    if "films" in asked.parts:
        run_apart(["films"], asked, "")
    if "index" in asked.parts:
        run_apart(["index"], asked, os.environ.get("BENCH_DATABASE_URL", ""))


def run_apart(parts: list[str], asked: argparse.Namespace, database_url: str) -> None:
    sizes = map(str, asked.classes)
    command = [sys.executable, "-m", "tests.benchmarks", "--only-here", *parts]
    subprocess.run(
        [*command, "--comments", str(asked.comments), "--classes", *sizes],
        env={**os.environ, "BENCH_DATABASE_URL": database_url},
        check=True,
    )


def run_here(parts: list[str], sizes: list[int], comments: int) -> None:
    kept = os.environ.get("VAR_DIR")
    folder = nullcontext(kept) if kept else tempfile.TemporaryDirectory(prefix="matwork-bench-")
    with folder as name:
        prepare(Path(name))
        if "pages" in parts:
            from tests.benchmarks import pages

            pages.measure(sizes, comments)
        if "films" in parts:
            from tests.benchmarks import films

            films.measure()
        if "index" in parts:
            from tests.benchmarks import index

            index.measure(sizes)


def prepare(folder: Path) -> None:
    """Settings as in production, with data of our own."""
    os.environ.update(
        DJANGO_SETTINGS_MODULE="config.settings",
        DEBUG="false",
        SECRET_KEY="only-for-measuring",
        SITE_URL="http://127.0.0.1:8000",
        VAR_DIR=str(folder),
        DATABASE_URL=os.environ.get("BENCH_DATABASE_URL") or f"sqlite:///{folder}/db.sqlite3",
        LOG_LEVEL="ERROR",
    )
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    settings.ROOT_URLCONF = "tests.benchmarks.addresses"
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)


if __name__ == "__main__":
    main()
