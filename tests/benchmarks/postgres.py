"""A PostgreSQL of our own for a while: on loopback, in a folder that goes afterwards."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def find_programs() -> Path | None:
    """The folder with `initdb`, of the newest version that Debian installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@contextmanager
def running_postgres() -> Iterator[str]:
    """Its DATABASE_URL. Needs `find_programs`."""
    programs = find_programs()
    assert programs
    with tempfile.TemporaryDirectory(prefix="matwork-postgres-") as folder:
        data = Path(folder) / "data"
        # The server refuses to run as root; Debian's package brings a user for it.
        as_its_user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        if as_its_user:
            shutil.chown(folder, pwd.getpwnam("postgres").pw_uid)

        def run(*command: str) -> None:
            subprocess.run(
                [*as_its_user, *command], check=True, cwd=folder, stdout=subprocess.DEVNULL
            )

        initdb = [str(programs / "initdb"), "-D", str(data), "--auth=trust", "--encoding=UTF8"]
        run(*initdb, "--locale=C.UTF-8", "--username=matwork", "--no-sync")
        pg_ctl = [str(programs / "pg_ctl"), "-D", str(data), "-w"]
        port = _free_port()
        run(*pg_ctl, "-l", f"{folder}/log", "-o", f"-p {port} -h 127.0.0.1 -k {folder}", "start")
        try:
            yield f"postgres://matwork:none@127.0.0.1:{port}/postgres"
        finally:
            run(*pg_ctl, "-m", "immediate", "stop")


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]
