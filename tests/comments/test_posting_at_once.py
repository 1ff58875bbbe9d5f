"""Many write at the same moment, and processes die in the middle: every word stands there once."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Barrier, Lock, Thread
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from classes.models import WorkoutClass
from comments.models import Comment
from tests.classes.video.workers import database_url
from tests.comments.test_writing import make_writer
from tests.factories import make_class, make_comment
from tests.servers import ROOT, free_port

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

MEMBERS = 40


@dataclass
class Acknowledged:
    """What the site said was posted: the words, the comment's id, and between which moments.

    From when they were first sent until the answer came: whichever sending it was that counted.
    """

    answers: list[tuple[str, int, float, float]] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def note(self, body: str, location: str, began: float) -> None:
        pk = int(location.rpartition("#comment-")[2])
        with self.lock:
            self.answers.append((body, pk, began, time.monotonic()))


def all_at_once(acts) -> None:
    """Run functions in threads that begin together. What one of them raises is raised here."""
    together, failures = Barrier(len(acts)), []

    def run(act):
        try:
            together.wait(timeout=60)
            act()
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def stands_once_and_in_order(acknowledged: Acknowledged, workout_class, bodies: list[str]) -> None:
    """Every sentence exists once, as the comment that was named, none before one that was there."""
    stored = list(Comment.objects.filter(body__in=bodies).order_by("written_at", "pk"))
    assert sorted(comment.body for comment in stored) == sorted(bodies)
    place = {comment.pk: number for number, comment in enumerate(stored)}
    named = {(body, pk) for body, pk, _began, _ended in acknowledged.answers}
    assert named == {(comment.body, comment.pk) for comment in stored}
    for _body, earlier, _began, ended in acknowledged.answers:
        for _body, later, began, _ended in acknowledged.answers:
            assert ended >= began or place[earlier] < place[later]
    assert [comment.pk for comment in stored] == sorted(place)
    counted = WorkoutClass.objects.values_list("comment_count", flat=True)
    published = workout_class.comments.published().count()
    assert counted.get(pk=workout_class.pk) == published


@pytest.fixture(autouse=True)
def waiting_in_line(settings):
    """Who writes at the same moment looks more than once whether it is their turn."""
    settings.ZEAL_ALLOWLIST = [*settings.ZEAL_ALLOWLIST, {"model": "classes.SearchState"}]


def test_forty_members_at_once_are_all_heard_once_and_in_order():
    workout_class = make_class()
    question = make_comment(workout_class)
    url = reverse("comments:post", args=[workout_class.slug])
    acknowledged = Acknowledged()

    def sender(number: int):
        client = Client(REMOTE_ADDR=f"192.0.2.{number + 1}")
        client.force_login(make_writer())

        def send():
            for body, parent in ((f"{number} says", ""), (f"{number} answers", question.pk)):
                form = {"body": body, "parent": parent, "submission": f"form of {number}"}
                began = time.monotonic()
                for _click in range(2):
                    response = client.post(url, form)
                    assert response.status_code == 302
                    acknowledged.note(body, response["Location"], began)

        return send

    all_at_once([sender(number) for number in range(MEMBERS)])

    bodies = [f"{number} {act}" for number in range(MEMBERS) for act in ("says", "answers")]
    stands_once_and_in_order(acknowledged, workout_class, bodies)
    assert len(acknowledged.answers) == 4 * MEMBERS
    assert question.replies.count() == MEMBERS


def test_one_form_from_forty_windows_is_one_comment():
    workout_class = make_class()
    writer = make_writer()
    url = reverse("comments:post", args=[workout_class.slug])
    acknowledged = Acknowledged()

    def sender(number: int):
        client = Client()
        client.force_login(writer)

        def send():
            # Half are clicks on one form, half other tabs with the same words.
            form = {"body": "Lovely", "submission": "one" if number % 2 else f"tab {number}"}
            began = time.monotonic()
            response = client.post(url, form)
            # Who comes after twenty others may be asked to wait; nothing is stored twice.
            if response.status_code == 302:
                acknowledged.note("Lovely", response["Location"], began)
            else:
                assert response.status_code == 429

        return send

    all_at_once([sender(number) for number in range(MEMBERS)])

    assert workout_class.comments.count() == 1
    assert len(acknowledged.answers) >= 20
    assert {pk for _body, pk, _began, _ended in acknowledged.answers} == {
        workout_class.comments.get().pk
    }


# --- Web processes that are killed --------------------------------------------------------------


@contextmanager
def web_processes(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """gunicorn on this test's database, in a process group of its own."""
    with (folder / "web.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py", "config.wsgi"],
            cwd=ROOT,
            env={
                "PATH": os.environ["PATH"],
                "BIND": f"127.0.0.1:{port}",
                "CACHE_URL": "dbcache://matwork_cache",
                "DATABASE_URL": database_url(),
                "DEBUG": "false",
                "HOLD_FIRST_COMMENTS": "false",
                "SECRET_KEY": settings.SECRET_KEY,
                "SITE_URL": f"http://127.0.0.1:{port}",
                "TRUSTED_PROXIES": "1",
                "VAR_DIR": str(folder),
            },
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    for _attempt in range(600):
        assert process.poll() is None, (folder / "web.log").read_text()
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        time.sleep(0.1)
    raise AssertionError((folder / "web.log").read_text())


@pytest.mark.slow
def test_what_was_acknowledged_survives_kill_9_and_what_was_not_is_posted_once(tmp_path):
    """Everything dies four times while twelve members write; each sends again until it is taken."""
    workout_class = make_class()
    path = reverse("comments:post", args=[workout_class.slug])
    acknowledged, tried_again, port = Acknowledged(), [], free_port()
    token = "a" * 32

    def sender(number: int):
        client = Client()
        client.force_login(make_writer())
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        headers = {
            "Cookie": f"{settings.SESSION_COOKIE_NAME}={session}; "
            f"{settings.CSRF_COOKIE_NAME}={token}",
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Forwarded-For": f"192.0.2.{number + 1}",
        }

        def send():
            for sentence in range(9):
                body = f"{number} says {sentence}"
                form = {"body": body, "submission": "one", "csrfmiddlewaretoken": token}
                began = time.monotonic()
                while not (location := _posted(port, path, urlencode(form), headers)):
                    tried_again.append(body)
                    assert time.monotonic() < began + 120, f"{body} was never taken"
                    time.sleep(0.1)
                acknowledged.note(body, location, began)
                time.sleep(random.uniform(0, 1))

        return send

    senders = [sender(number) for number in range(12)]
    writing = Thread(target=all_at_once, args=[senders])
    for round_ in range(5):
        with web_processes(tmp_path, port) as process:
            wait_for(port, process, tmp_path)
            if round_ == 0:
                writing.start()
            if round_ == 4:
                writing.join()
            else:
                time.sleep(1.5)

    bodies = [f"{number} says {sentence}" for number in range(12) for sentence in range(9)]
    assert tried_again, "nothing was killed in the middle"
    stands_once_and_in_order(acknowledged, workout_class, bodies)


def _posted(port: int, path: str, form: str, headers: dict[str, str]) -> str:
    """Send it once; where the answer leads, or nothing. Whoever hears nothing does not know."""
    try:
        site = HTTPConnection("127.0.0.1", port, timeout=30)
        site.request("POST", path, form, headers)
        response = site.getresponse()
        response.read()
    except (OSError, HTTPException):
        return ""
    if response.status == 503:  # the database was held by one who died
        return ""
    assert response.status == 302, response.status
    return response.headers["Location"]
