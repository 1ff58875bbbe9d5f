"""Servers that a test starts beside itself, on the loopback interface only."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")  # or None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(
    command: Sequence[str], port: int, *, folder: Path, environment: Mapping[str, str]
) -> Iterator[None]:
    """A server that answers at `port` within the block, and is gone after it.

    Its output is kept in `folder`, and shown where it does not come up within 20 seconds.
    """
    log = folder / f"{Path(command[0]).name}-{port}.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, cwd=folder, env=dict(environment), stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait_for(port, server, log)
        yield
    finally:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    for _attempt in range(200):
        if server.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise RuntimeError(f"The server did not come up: {log.read_text(errors='replace')[-2000:]}")


@contextmanager
def running_site(folder: Path, **environment: str) -> Iterator[int]:
    """The site behind gunicorn as on a server, with `folder` as its VAR_DIR; its port.

    There is no database: films need none.
    """
    port = free_port()
    gunicorn = [
        *(sys.executable, "-m", "gunicorn", "--config", str(ROOT / "config/gunicorn.py")),
        *("--chdir", str(ROOT), "config.wsgi"),
    ]
    settings = {
        **environment,
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "VAR_DIR": str(folder),
        "DATABASE_URL": "sqlite:////there/is/none.sqlite3",
        "BIND": f"127.0.0.1:{port}",
    }
    with running(gunicorn, port, folder=folder, environment=settings):
        yield port


@contextmanager
def running_nginx(folder: Path, configuration: str, port: int) -> Iterator[None]:
    """nginx as `configuration` says, which has it listen at `port`."""
    path = folder / f"nginx-{port}.conf"
    path.write_text(configuration)
    command = [str(NGINX), "-p", str(folder), "-c", str(path), "-e", "stderr"]
    with running(command, port, folder=folder, environment=os.environ):
        yield


def as_deployed(var: Path, site_port: int, port: int) -> str:
    """deploy/nginx.conf with other ports and folders, and without certificates.

    It listens at `port`, sends films from below `var`, and asks the site at `site_port`.
    """
    text = (ROOT / "deploy/nginx.conf").read_text()
    for pattern, replacement, times in [
        (r"server \{\n    listen 80;.*?\n\}\n", "", 1),
        (r"server 127\.0\.0\.1:8000;", f"server 127.0.0.1:{site_port};", 1),
        (r"listen 443 ssl http2;", f"listen 127.0.0.1:{port};", 1),
        (r"listen \[::\]:443 ssl http2;", "", 1),
        (r"ssl_\w+ .*?;", "", 3),
        (r"/srv/matwork/var/films/", f"{var}/films/", 1),
    ]:
        text, replaced = re.subn(pattern, lambda _: replacement, text, flags=re.DOTALL)  # noqa: B023
        assert replaced == times, f"deploy/nginx.conf has {pattern} {replaced} times"
    temporary = "\n".join(
        f"{kind}_temp_path {var}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""  # else it could not read a test's folder
    return f"""
{user}
daemon off;
pid {var}/nginx.pid;
events {{}}
http {{
{temporary}
{text}
}}
"""
