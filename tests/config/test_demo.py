"""What `make demo` does around the studio itself."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config import demo

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def taken_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_port_in_use_is_said_in_words_before_anything_else(taken_port):
    result = subprocess.run(
        [sys.executable, "-m", "config.demo", str(taken_port)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 1
    assert f"Port {taken_port} is in use" in result.stderr
    assert f"make demo PORT={taken_port + 1}" in result.stderr
    assert "Traceback" not in result.stderr


def test_free_port_is_no_problem(taken_port):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        free = other.getsockname()[1]

    assert demo.port_problem(free) == ""


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_number_that_is_no_port_is_said_so(port):
    assert "is not a port" in demo.port_problem(port)


def test_site_gets_a_secret_key_of_its_own_that_stays(tmp_path, monkeypatch):
    monkeypatch.delenv("SECRET_KEY", raising=False)
    env_file = tmp_path / ".env"

    demo.write_secret_key(env_file)
    first = env_file.read_text()
    demo.write_secret_key(env_file)

    assert env_file.read_text() == first
    assert len(first.removeprefix("SECRET_KEY=").strip()) >= 60
    assert env_file.stat().st_mode & 0o077 == 0


def test_what_a_developer_keeps_in_the_file_stays(tmp_path, monkeypatch):
    monkeypatch.delenv("SECRET_KEY", raising=False)
    env_file = tmp_path / ".env"
    env_file.write_text("DEBUG=true")

    demo.write_secret_key(env_file)

    lines = env_file.read_text().splitlines()
    assert lines[0] == "DEBUG=true"
    assert lines[1].startswith("SECRET_KEY=")


def test_static_files_are_collected_again_once_npm_has_fetched_hls(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "ROOT", tmp_path)
    for name in ("requirements.txt", "config/settings.py", "config/static.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    script = tmp_path / "node_modules" / "hls.js"
    settings.VENDORED_FILES = {"vendor/hls.js": script}
    before = demo._fingerprint()

    script.parent.mkdir()
    script.write_text("// plays films")

    assert demo._fingerprint() != before


# Starts a process of its own, says so, and does not listen when it is asked to finish.
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""


def test_stopping_ends_also_what_a_stubborn_process_had_started(monkeypatch):
    monkeypatch.setattr(demo, "STOP_WITHIN", 0.2)
    process = subprocess.Popen(
        [sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, start_new_session=True
    )
    grandchild = int(process.stdout.readline())

    demo._stop([process])

    assert process.returncode == -signal.SIGKILL
    assert ends(grandchild)


def ends(pid: int) -> bool:
    """Whether the process is gone, or waits as a zombie for whoever adopted it."""
    for _ in range(50):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.1)
    return False
