"""What pages cost, in CPU of this process as a multiple of an empty view.

With PostgreSQL the server's own CPU is not in it; the number of queries is.
"""

import gc
import gzip
import os
import random
import time
from pathlib import Path
from typing import Any

ROUNDS = 5
SECONDS_PER_ROUND = 0.4
COMMENTS = 20_000
WALKS = 60  # different states of the catalogue, each asked for the first time

# The limits of the design, by the number of classes.
CATALOGUE = {10_000: 6, 100_000: 9}
COUNTS_MS = {10_000: 0.3, 100_000: 1.0}
SIGNED_IN = 5


def measure(sizes: list[int], comments: int) -> None:
    """At each of these numbers of classes, and at the last with that many comments."""
    from django.db import connection

    from classes.models import WorkoutClass

    site = Site()
    present = 0
    print(f"\n=== {connection.vendor}")
    for size in sorted(sizes):
        grow(size - present)
        present = size
        unit = site.cost(["/empty/"])
        print(f"\n{size:,} classes. Unit: an empty view, {unit * 1000:.2f} ms of CPU")
        index(size)
        print(f"{'page':<52}{'×':>7}{'limit':>7}{'queries':>9}{'KB':>7}{'limit':>7}")
        limit = CATALOGUE.get(size)
        site.line("catalogue, asked for again", ["/classes/"], unit, limit, 8)
        site.line("  states never asked for before", walks(size), unit, limit, 8)
        site.line("  a search", ["/classes/?q=slow+mat"], unit, None, 8)
        site.line("  searches never asked for before", searches(), unit, None, 8)
        site.line("home", ["/"], unit, None, 8)
        talked_about = discussed(200)
        quiet = WorkoutClass.objects.listed().order_by("comment_count", "pk")[0]
        site.line("class page, 200 comments", [talked_about], unit, 5, 14)
        site.after("  right after a new comment", talked_about, unit, 20)
        site.line("  as few as there are", [quiet.get_absolute_url()], unit, None, 14)
        cookie = site.signed_in(member())
        more = limit + SIGNED_IN if limit else None
        site.line("signed in, avoiding: catalogue", ["/classes/"], unit, more, 8, cookie)
        site.line("  hiding what is done", ["/classes/?done=hide"], unit, None, 8, cookie)
        site.line("  home", ["/"], unit, None, 8, cookie)
        site.line("  states never asked for before", walks(size, 2), unit, more, 8, cookie)
        site.line("  class page, 200 comments", [talked_about], unit, 5 + SIGNED_IN, 14, cookie)
        site.after("    right after a new comment", talked_about, unit, 20 + SIGNED_IN, cookie)
    with_many_comments(site, comments)
    static_sizes()


def with_many_comments(site: "Site", number: int) -> None:
    """The class page again, where all the others are talked about as well."""
    from comments.models import Comment

    missing = number - Comment.objects.count()
    if missing > 0:
        grow(0, missing)
    talked_about = discussed(200)
    unit = site.cost(["/empty/"])
    print(f"\n{Comment.objects.count():,} comments. Unit: {unit * 1000:.2f} ms of CPU")
    site.line("class page, 200 comments", [talked_about], unit, 5, 14)
    site.after("  right after a new comment", talked_about, unit, 20)
    cookie = site.signed_in(member())
    site.line("signed in: class page", [talked_about], unit, 5 + SIGNED_IN, 14, cookie)
    site.after("  right after a new comment", talked_about, unit, 20 + SIGNED_IN, cookie)


def grow(number: int, comments: int = COMMENTS) -> None:
    from django.db import connection
    from django.utils import timezone

    from classes.large_studio import LargeStudio
    from classes.search import upkeep
    from comments.large_studio import LargeConversation, unwatched

    with unwatched():
        LargeStudio(timezone.now()).grow_by(number)
        LargeConversation(timezone.now()).grow_by(comments)
    upkeep.catch_up()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def index(size: int) -> None:
    """The catalogue in memory: what it takes to load, to count by, and to keep."""
    from django.db import connections

    from classes.catalogue import keeping
    from classes.catalogue.sql import SqlCatalogue

    before = resident_bytes()
    began = time.process_time()
    while isinstance(keeping.current(), SqlCatalogue):
        time.sleep(0.1)  # a large one is loaded in a thread
    loading = time.process_time() - began
    gc.collect()
    grown = (resident_bytes() - before) / 1e6
    catalogue = keeping.current()
    states = [parsed(address, catalogue.vocabulary) for address in walks(size)]
    costs = []
    for choices in states:
        began = time.process_time()
        for _ in range(20):
            catalogue.count(choices)
        costs.append((time.process_time() - began) / 20 * 1000)
    costs.sort()
    limit = COUNTS_MS.get(size, 0)
    options = sum(len(each) for each in catalogue.vocabulary.options.values())
    print(f"{'loading the index':<52}{loading:>7.2f} s of CPU, {grown:.0f} MB of memory")
    print(
        f"{f'all facet counts, {options} options, {len(states)} states':<52}"
        f"{costs[len(costs) // 2]:>7.2f} ms of CPU at the median, {costs[-1]:.2f} at most; "
        f"limit {limit}"
    )
    connections.close_all()


def walks(size: int, seed: int = 1) -> list[str]:
    """Addresses of different states: filters, orders, pages and what is avoided, as people do."""
    from classes.catalogue import keeping

    chance = random.Random(f"{size} {seed}")
    vocabulary = keeping.current().vocabulary
    facets = [(facet, options) for facet, options in vocabulary.options.items() if options]
    found = []
    for _ in range(WALKS):
        parameters = [
            f"{facet}={chance.choice(options).value}"
            for facet, options in chance.sample(facets, chance.randint(0, 3))
        ]
        if chance.random() < 0.3:
            parameters.append(f"avoid={chance.choice(vocabulary.movements).value}")
        if chance.random() < 0.4:
            parameters.append(f"sort={chance.choice(['shortest', 'longest', 'discussed'])}")
        found.append("/classes/?" + "&".join(parameters))
    return found


def searches() -> list[str]:
    words = ["slow", "mat", "spine", "breath", "wrists", "sunday", "hips", "runners", "blanket"]
    chance = random.Random(3)
    return [f"/classes/?q={'+'.join(chance.sample(words, 2))}" for _ in range(WALKS)]


def parsed(address: str, vocabulary: Any) -> Any:
    from django.http import QueryDict

    from classes.catalogue import parse

    choices, _ignored = parse(QueryDict(address.partition("?")[2]), vocabulary)
    return choices


def discussed(count: int) -> str:
    """The address of a class with that many comments: the one that lacks fewest is given them."""
    from django.utils import timezone

    from classes.models import WorkoutClass
    from comments.large_studio import LargeConversation, count_comments

    listed = WorkoutClass.objects.listed()
    few = listed.filter(comment_count__lte=count)
    workout_class = few.order_by("-comment_count", "pk").first()
    if workout_class is None:
        workout_class = listed.order_by("comment_count", "pk")[0]
        workout_class.comments.all().delete()
    if missing := count - workout_class.comments.count():
        LargeConversation(timezone.now(), seed=count).grow_by(missing, under=[workout_class.pk])
    count_comments()
    return workout_class.get_absolute_url()


def say(slug: str, author_id: int, body: str) -> None:
    """A new comment, with what follows in its transaction."""
    from django.db import transaction

    from classes.models import WorkoutClass
    from comments import upkeep
    from comments.models import Comment

    workout_class = WorkoutClass.objects.get(slug=slug)
    with transaction.atomic():
        comment = Comment.objects.create(
            workout_class=workout_class, author_id=author_id, body=body
        )
        upkeep.keep_up([workout_class.pk], [comment.pk])


def member() -> Any:
    """Somebody with a membership, an avoid set, and what they saved and did."""
    from django.utils import timezone

    from accounts.models import Member, Membership
    from classes.models import Avoidance, Movement, SavedClass, Variant, Viewing, WorkoutClass

    found, is_new = Member.objects.get_or_create(
        email="member@example.org", defaults={"display_name": "Member"}
    )
    if is_new:
        Membership.objects.create(member=found, starts_at=timezone.now())
        avoidance = Avoidance.objects.create(member=found)
        avoidance.movements.set(Movement.objects.all()[:2])
        now = timezone.now()
        newest = WorkoutClass.objects.listed()[:400]
        SavedClass.objects.bulk_create(
            SavedClass(member=found, workout_class=each) for each in newest[::2]
        )
        Viewing.objects.bulk_create(
            Viewing(
                member=found,
                variant=variant,
                workout_class_id=variant.workout_class_id,
                film=variant.video_id,
                measured_at=now,
                credited_at=now,
                done_at=now,
                times_done=1,
            )
            for variant in Variant.objects.ready().filter(workout_class__in=list(newest[::3]))
        )
    return found


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

    def cost(self, addresses: list[str], cookie: str = "") -> float:
        """Seconds of CPU for one request.

        Of one address the best of some rounds, after a warm one. Of several the mean of asking
        for each once, so that nothing kept for it can help.
        """
        if len(addresses) > 1:
            began = time.process_time()
            for address in addresses:
                self.get(address, cookie)
            return (time.process_time() - began) / len(addresses)
        [address] = addresses
        self.get(address, cookie)
        best = float("inf")
        for _ in range(ROUNDS):
            began, requests = time.process_time(), 0
            while (spent := time.process_time() - began) < SECONDS_PER_ROUND or requests < 3:
                self.get(address, cookie)
                requests += 1
            best = min(best, spent / requests)
        return best

    def after(self, name: str, address: str, unit: float, limit: float, cookie: str = "") -> None:
        """The first request after a comment was written there, at the median."""
        from comments.models import Comment

        comment = Comment.objects.published().filter(thread=None).order_by("-pk")[0]
        slug = address.strip("/").rpartition("/")[2]
        costs, queries = [], 0
        for round_ in range(15):
            self.get(address, cookie)
            say(slug, comment.author_id, f"Thank you, once more. {round_}")
            began = time.process_time()
            if round_ % 2:
                queries = max(queries, self.count(address, cookie))
            else:
                self.get(address, cookie)
                costs.append(time.process_time() - began)
        costs.sort()
        times = costs[len(costs) // 2] / unit
        print(f"{name:<52}{times:>7.1f}{limit:>7.0f}{queries:>9}", flush=True)

    def queries(self, addresses: list[str], cookie: str = "") -> int:
        """The most that one of them takes when it is asked for again; of many, the first time."""
        from django.core.cache import caches

        if len(addresses) == 1:
            return self.count(addresses[0], cookie)
        most = 0
        for address in addresses:
            caches["fragments"].clear()
            most = max(most, self.count(address, cookie))
        return most

    def count(self, address: str, cookie: str = "") -> int:
        """The queries of one request."""
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
        addresses: list[str],
        unit: float,
        limit: float | None,
        kilobytes: int,
        cookie: str = "",
    ) -> None:
        times = self.cost(addresses, cookie) / unit
        size = max(len(gzip.compress(self.get(each, cookie), 6)) for each in addresses) / 1000
        shown = f"{limit:.0f}" if limit else ""
        print(
            f"{name:<52}{times:>7.1f}{shown:>7}{self.queries(addresses, cookie):>9}"
            f"{size:>7.1f}{kilobytes:>7}",
            flush=True,
        )

    def signed_in(self, member: Any) -> str:
        from allauth.usersessions.models import UserSession
        from django.conf import settings
        from django.middleware.csrf import get_token
        from django.test import Client, RequestFactory

        client = Client()
        client.force_login(member)
        # As every sign-in leaves it.
        key = client.session.session_key
        UserSession.objects.create(user=member, ip="127.0.0.1", session_key=key)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        request = RequestFactory().get("/")
        get_token(request)
        secret = request.META["CSRF_COOKIE"]  # which the page of signing in leaves as well
        return f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={secret}"


def resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def static_sizes() -> None:
    from django.contrib.staticfiles.storage import staticfiles_storage

    print(f"\n{'static file':<52}{'KB gzip':>9}")
    own = [f"js/{path.name}" for path in sorted(Path("static/js").glob("*.js"))]
    for name in ["css/site.css", "django_htmx/htmx-2.min.js", *own]:
        compressed = staticfiles_storage.path(staticfiles_storage.stored_name(name) + ".gz")
        print(f"{name:<52}{Path(compressed).stat().st_size / 1000:>9.1f}")
