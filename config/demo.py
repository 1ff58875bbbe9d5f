"""Brings up a studio to look at, from nothing: `make demo`.

Run as `python -m config.demo PORT`. It prepares what is missing (a secret key, tables, static
files, classes and films), starts the web server and the worker, and stops both on Ctrl-C. What
was changed in an earlier run is kept. With `--port-only` it just says whether the port is free,
on any Python and before any package is installed.
"""

import argparse
import hashlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
STOP_WITHIN = 25  # seconds; a little more than gunicorn's graceful_timeout


def main() -> int:
    arguments = _arguments()
    if problem := port_problem(arguments.port):
        print(problem, file=sys.stderr)
        return 1
    if arguments.port_only:
        return 0
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, _as_ctrl_c)
    try:
        return _run(arguments.port)
    except KeyboardInterrupt:
        print("\nStopped. `make demo` goes on where you left off.")
        return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("port", type=int, nargs="?", default=8000)
    parser.add_argument("--port-only", action="store_true")
    return parser.parse_args()


def _as_ctrl_c(signal_number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def port_problem(port: int) -> str:
    """Why nothing can listen on the port, in words; empty if something can."""
    if not 1 <= port <= 65535:
        return f"{port} is not a port: choose one between 1024 and 65535, as in make demo PORT=9000"
    with socket.socket() as probe:
        # As gunicorn does: without it, a port just left would seem taken for a minute.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            return f"Port {port} is kept for the system. Choose a higher one: make demo PORT=9000"
        except OSError:
            return (
                f"Port {port} is in use by another program. Choose another one, for example\n"
                f"    make demo PORT={port + 1 if port < 65535 else 9000}"
            )
    return ""


# --- Preparation --------------------------------------------------------------------------------


def _run(port: int) -> int:
    os.chdir(ROOT)
    write_secret_key(ROOT / ".env")
    # The environment wins over .env, whatever else a developer keeps there.
    os.environ.update(
        DJANGO_SETTINGS_MODULE="config.settings",
        DEBUG="false",
        SITE_URL=f"http://127.0.0.1:{port}",
        BIND=f"127.0.0.1:{port}",
    )
    # Someone waits for these films, and nobody pays for sending them.
    os.environ.setdefault("FILM_PRESET", "ultrafast")
    # Mail is printed here, with the code that verifies an address: keep it findable.
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    os.environ["PYTHONUNBUFFERED"] = "1"

    import django
    from django.core.management import call_command
    from django.db import connections

    with _step("Reading the settings"):
        django.setup()
    with _step("Tables"):
        call_command("migrate", verbosity=0)
    with _step("Static files"):
        _collect_static()
    print("Classes and films:", flush=True)
    call_command("load_demo")
    connections.close_all()
    return _serve(port)


def write_secret_key(env_file: Path) -> None:
    """Give the site a secret of its own, unless it has one."""
    text = env_file.read_text() if env_file.exists() else ""
    if os.environ.get("SECRET_KEY") or any(
        line.startswith("SECRET_KEY=") for line in text.splitlines()
    ):
        return
    if text and not text.endswith("\n"):
        text += "\n"
    env_file.touch(mode=0o600)
    env_file.write_text(f"{text}SECRET_KEY={secrets.token_urlsafe(60)}\n")


def _collect_static() -> None:
    """Hash and compress the static files, if any differs from the last time."""
    from django.conf import settings
    from django.core.management import call_command

    stamp = Path(settings.STATIC_ROOT) / ".collected-from"
    fingerprint = _fingerprint()
    if stamp.exists() and stamp.read_text() == fingerprint:
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(fingerprint)


def _fingerprint() -> str:
    """Of our own static files, of those that npm fetched, and of the packages that bring theirs."""
    from django.conf import settings

    digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for module in ("settings.py", "static.py"):
        digest.update((ROOT / "config" / module).read_bytes())
    for path in sorted([*(ROOT / "static").rglob("*"), *settings.VENDORED_FILES.values()]):
        if path.is_file():
            digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


@contextmanager
def _step(name: str) -> Iterator[None]:
    print(f"{name} …", end="", flush=True)
    started = time.monotonic()
    try:
        yield
    except BaseException:
        print()
        raise
    print(f" {time.monotonic() - started:.1f} s", flush=True)


# --- Web and worker -----------------------------------------------------------------------------


def _serve(port: int) -> int:
    processes = {
        "web server": ["-m", "gunicorn", "--config", "config/gunicorn.py", "config.wsgi"],
        "worker": ["manage.py", "run_worker"],
    }
    # Sessions of their own: Ctrl-C in the terminal reaches this process alone, which then stops
    # them in order instead of racing them.
    running = {
        name: subprocess.Popen([sys.executable, *arguments], start_new_session=True)
        for name, arguments in processes.items()
    }
    try:
        _wait_for_answer(port, running["web server"])
        _say_where(port)
        return _until_one_ends(running)
    finally:
        _stop(running.values())


def _wait_for_answer(port: int, web: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and web.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)


def _say_where(port: int) -> None:
    print(f"\nThe studio is open at http://127.0.0.1:{port}/   (Ctrl-C closes it)\n", flush=True)


def _until_one_ends(running: dict[str, subprocess.Popen[bytes]]) -> int:
    while True:
        for name, process in running.items():
            if process.poll() is not None:
                print(f"The {name} has ended by itself; what it said stands above.")
                return 1
        time.sleep(0.5)


def _stop(processes: Collection[subprocess.Popen[bytes]]) -> None:
    """Ask both to finish, and end with their whole group what does not."""
    for process in processes:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + STOP_WITHIN
    for process in processes:
        with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
            process.wait(max(0.1, deadline - time.monotonic()))
        # Also what it had started: a process group outlives its leader.
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        process.wait()


if __name__ == "__main__":
    sys.exit(main())
