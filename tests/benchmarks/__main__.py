"""What pages and films cost, against what cannot be done without: `make bench`.

A page is measured in CPU against an empty view behind the same middleware, a film against the run
of ffmpeg that encodes it. Milliseconds of a shared machine mean little; the ratio within one run
does. Prints tables beside the limits of the design and judges nothing: whether a number is good is
for who reads it. `python -m tests.benchmarks pages`, or `films`, does one part.

Runs on SQLite in a folder of its own, or on the database that BENCH_DATABASE_URL names, which has
to be empty.
"""

import gzip
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROUNDS = 5
SECONDS_PER_ROUND = 0.4


def main() -> None:
    parts = sys.argv[1:] or ["pages", "films"]
    with tempfile.TemporaryDirectory(prefix="matwork-bench-") as folder:
        prepare(Path(folder))
        if "pages" in parts:
            measure()
        if "films" in parts:
            from tests.benchmarks import films

            films.measure()


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


def measure() -> None:
    from django.db import connection

    from tests.benchmarks.studio import Studio

    site = Site()
    studio = Studio()
    unit = site.cost("/empty/")
    print(f"\nUnit: an empty view, {unit * 1000:.2f} ms of CPU\n")
    print(f"{'page':<52}{'×':>7}{'limit':>7}{'queries':>9}{'KB':>7}{'limit':>7}")

    for count in (1_000, 10_000):
        studio.grow_to(count)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        limit = 6.0 if count == 10_000 else None
        site.line(f"catalogue, {count:,} classes", "/classes/", unit, limit, 8)
        site.line("  two focus tags", "/classes/?focus=focustag-1&focus=focustag-2", unit, limit, 8)
        site.line("  page 20, shortest first", "/classes/?sort=shortest&page=20", unit, limit, 8)
        site.line("  a search", "/classes/?q=morning+spine", unit, limit, 8)

    studio.discuss("class-9", 200)
    site.line("class page, 200 comments", "/classes/class-9/", unit, 20.0, 14)
    site.line("  without a comment", "/classes/class-10/", unit, None, 14)
    site.line("home", "/", unit, None, 8)

    cookie = site.signed_in(studio.member)
    print("signed in")
    site.line("  catalogue", "/classes/", unit, 6.0 + 5, 8, cookie)
    site.line("  class page, 200 comments", "/classes/class-9/", unit, 20.0 + 5, 14, cookie)

    static_sizes()


class Site:
    """The WSGI application, called as a server would, without a server's own cost."""

    def __init__(self) -> None:
        from config.wsgi import application

        self.application = application

    def get(self, address: str, cookie: str = "") -> bytes:
        from django.test.client import RequestFactory

        environ = RequestFactory(HTTP_HOST="127.0.0.1:8000").get(address).environ
        environ["HTTP_COOKIE"] = cookie
        if not cookie:
            del environ["HTTP_COOKIE"]
        statuses: list[str] = []
        response: Any = self.application(environ, lambda status, headers: statuses.append(status))
        body = b"".join(response)
        response.close()
        if statuses != ["200 OK"]:
            raise SystemExit(f"{address} answered {statuses}")
        return body

    def cost(self, address: str, cookie: str = "") -> float:
        """Seconds of CPU for one request: the best of some rounds, after a warm one."""
        self.get(address, cookie)
        best = float("inf")
        for _ in range(ROUNDS):
            began, requests = time.process_time(), 0
            while (spent := time.process_time() - began) < SECONDS_PER_ROUND or requests < 3:
                self.get(address, cookie)
                requests += 1
            best = min(best, spent / requests)
        return best

    def queries(self, address: str, cookie: str = "") -> int:
        from django.db import connection

        seen: list[str] = []

        def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            seen.append(sql)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(count):
            self.get(address, cookie)
        return len(seen)

    def line(
        self,
        name: str,
        address: str,
        unit: float,
        limit: float | None,
        kilobytes: int,
        cookie: str = "",
    ) -> None:
        times = self.cost(address, cookie) / unit
        size = len(gzip.compress(self.get(address, cookie), 6)) / 1000
        shown = f"{limit:.0f}" if limit else ""
        print(
            f"{name:<52}{times:>7.1f}{shown:>7}{self.queries(address, cookie):>9}"
            f"{size:>7.1f}{kilobytes:>7}",
            flush=True,
        )

    def signed_in(self, member: Any) -> str:
        from django.conf import settings
        from django.test import Client

        client = Client()
        client.force_login(member)
        return (
            f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
        )


def static_sizes() -> None:
    from django.contrib.staticfiles.storage import staticfiles_storage

    print(f"\n{'static file':<52}{'KB gzip':>9}")
    own = [f"js/{path.name}" for path in sorted(Path("static/js").glob("*.js"))]
    for name in ["css/site.css", "django_htmx/htmx-2.min.js", *own]:
        compressed = staticfiles_storage.path(staticfiles_storage.stored_name(name) + ".gz")
        print(f"{name:<52}{Path(compressed).stat().st_size / 1000:>9.1f}")


if __name__ == "__main__":
    main()
