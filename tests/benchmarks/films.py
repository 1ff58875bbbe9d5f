"""What films cost: to make, and to send.

A film drawn for this goes through the whole pipeline, after a bare run of ffmpeg that makes the
same ladder. Then gunicorn and nginx send a large file, and are asked for it by readers who do
not read. The ratios within one block mean something; its figures alone depend on the machine.
"""

import os
import resource
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from uuid import UUID, uuid4

from tests.servers import NGINX, as_deployed, free_port, running_nginx, running_site

# Some seconds of CPU go into every film, however short it is: pictures, preview, probes.
FILM_SECONDS = 60

SEGMENT_BYTES = 2_250_000  # six seconds at 3 Mbit/s
SENT_BYTES = 40 * SEGMENT_BYTES
SEGMENTS = 600
READERS = 8
SLOW_READERS = (16, 32, 48, 64, 80, 120, 160, 200)
PATIENCE = 5.0  # seconds that the next visitor waits for a page


def measure() -> None:
    making()
    sending()


# --- Making -------------------------------------------------------------------------------------


def making() -> None:
    """CPU of all that happens to an upload, beside that of encoding it."""
    from django.conf import settings

    from classes.video.encode import encode_ladder
    from classes.video.ffmpeg import find_ffmpeg
    from classes.video.plan import Encoding, plan_ladder
    from classes.video.probe import probe_film

    encoding = Encoding(settings.FILM_PRESET, settings.FILM_CRF, settings.FILM_MAX_FRAME_RATE)
    with tempfile.TemporaryDirectory(prefix="matwork-bench-") as folder:
        master, made = Path(folder) / "master.mp4", Path(folder) / "made"
        _draw(master)
        made.mkdir()
        plan = plan_ladder(probe_film(master), encoding)
        encoding_alone = _cpu(lambda: encode_ladder(master, made, plan, binary=find_ffmpeg()))
        of_all = _cpu(lambda: _from_upload_to_ready(master))
    print(
        f"\n{f'a film of {FILM_SECONDS} s, 1280×720, preset {encoding.preset}':<52}"
        f"{'×':>7}{'limit':>7}{'CPU s':>9}"
    )
    print(
        f"{'  one run of ffmpeg that makes its ladder':<52}{1:>7.2f}{'':>7}{encoding_alone:>9.1f}"
    )
    times = of_all / encoding_alone
    print(f"{'  from upload to ready':<52}{times:>7.2f}{1.1:>7.1f}{of_all:>9.1f}", flush=True)


def _draw(path: Path) -> None:
    """Pictures that move and have grain, as a camera's: plain ones would be encoded in no time."""
    from classes.video.ffmpeg import find_ffmpeg

    command = [
        *(find_ffmpeg(), "-hide_banner", "-nostdin", "-loglevel", "error", "-y"),
        *("-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=30"),
        *("-f", "lavfi", "-i", "sine=frequency=220:sample_rate=48000"),
        *("-vf", "noise=alls=8:allf=t", "-t", str(FILM_SECONDS), "-pix_fmt", "yuv420p"),
        *("-c:v", "libx264", "-preset", "veryfast", "-b:v", "8M", "-c:a", "aac", str(path)),
    ]
    subprocess.run(command, check=True)


def _from_upload_to_ready(master: Path) -> None:
    from classes.models import Variant, Video, WorkoutClass
    from classes.video.bringing_in import bring_in
    from classes.video.processing import first_look, make_ladder

    number = WorkoutClass.objects.count()
    workout_class = WorkoutClass.objects.create(title="Filmed", slug=f"filmed-{number}")
    variant = Variant.objects.create(workout_class=workout_class)
    video = bring_in(variant, master, name="film.mp4")
    first_look(str(video.pk))
    make_ladder(str(video.pk))
    video.refresh_from_db()
    if video.state != Video.State.READY:
        raise SystemExit(f"The film was not made: {video.error or video.state}")


def _cpu(action: Callable[[], None]) -> float:
    """Seconds of CPU that it takes, in this process and in all that it starts and waits for."""
    before = _cpu_so_far()
    action()
    return _cpu_so_far() - before


def _cpu_so_far() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


# --- Sending ------------------------------------------------------------------------------------


def sending() -> None:
    """Bytes for a second of CPU, and how many who do not read keep the next visitor waiting."""
    print(
        f"\n{f'sending a film in pieces of {SEGMENT_BYTES / 1e6} MB':<52}"
        f"{'×':>7}{'MB for a CPU s':>17}{'idle readers held':>20}"
    )
    with tempfile.TemporaryDirectory(prefix="matwork-bench-") as folder:
        var, video_id = Path(folder), uuid4()
        _lay_film(var, video_id)
        ways = {"  gunicorn, 2 × 32 threads": _gunicorn}
        if NGINX:
            ways |= {"  nginx in front of it": _nginx_in_front, "  nginx alone": _nginx_alone}
        else:
            print("  (nginx is not here)")
        found = {}
        for name, way in ways.items():
            with way(var, video_id) as (port, film, page):
                found[name] = _megabytes_for_a_second(port, film), _held(port, film, page)
        best = max(megabytes for megabytes, _ in found.values())
        for name, (megabytes, held) in found.items():
            most = f"{held}+" if held == SLOW_READERS[-1] else str(held)
            print(f"{name:<52}{megabytes / best:>7.2f}{megabytes:>17,.0f}{most:>20}", flush=True)


Served = tuple[int, str, str]  # port, path of the film, path of another page


def _lay_film(var: Path, video_id: UUID) -> None:
    from classes.video import layout

    path = var / "films" / layout.key(video_id, "480p.mp4")
    path.parent.mkdir(parents=True)
    path.write_bytes(os.urandom(SEGMENT_BYTES) * (SENT_BYTES // SEGMENT_BYTES))


@contextmanager
def _gunicorn(var: Path, video_id: UUID, serve: str = "django") -> Iterator[Served]:
    """A free film, which needs no cookie; and no database, since films need none."""
    from classes.watch.passes import EVERYONE, new_pass

    workers = {"WEB_WORKERS": "2", "WEB_THREADS": "32"}
    environment = {**os.environ, **workers, "VIDEO_SERVE": serve}
    with running_site(var, **environment) as port:
        film = f"/v/{new_pass(EVERYONE).token(video_id)}/{video_id}/480p.mp4"
        yield port, film, "/healthz"


@contextmanager
def _nginx_in_front(var: Path, video_id: UUID) -> Iterator[Served]:
    """As deployed, with VIDEO_SERVE=xaccel."""
    port = free_port()
    with _gunicorn(var, video_id, "xaccel") as (site_port, film, page):
        configuration = as_deployed(var, site_port, port)
        with running_nginx(var, configuration, port):
            yield port, film, page


@contextmanager
def _nginx_alone(var: Path, video_id: UUID) -> Iterator[Served]:
    """The same file from the disk, for whoever asks: the least that sending it can cost."""
    port = free_port()
    configuration = as_deployed(var, free_port(), port).replace("internal;", "")
    with running_nginx(var, configuration, port):
        yield port, f"/-/films/{video_id}/ladder/480p.mp4", f"/-/films/{video_id}/none"


def _megabytes_for_a_second(port: int, film: str) -> float:
    """How many the servers send with a second of CPU."""
    _read_segments(port, film, range(READERS))  # so that all is in memory
    before = _cpu_of_servers()
    with ThreadPoolExecutor(READERS) as readers:
        shares = [range(number, SEGMENTS, READERS) for number in range(READERS)]
        list(readers.map(lambda share: _read_segments(port, film, share), shares))
    return SEGMENTS * SEGMENT_BYTES / 1e6 / (_cpu_of_servers() - before)


def _read_segments(port: int, film: str, numbers: range) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    buffer = bytearray(SEGMENT_BYTES)
    for number in numbers:
        start = number * SEGMENT_BYTES % SENT_BYTES
        asked = f"bytes={start}-{start + SEGMENT_BYTES - 1}"
        connection.request("GET", film, headers={"Range": asked})
        response = connection.getresponse()
        if response.status != 206:
            raise SystemExit(f"{film} answered {response.status}")
        while response.readinto(buffer):
            pass
    connection.close()


def _held(port: int, film: str, page: str) -> int:
    """How many may ask for a film and not read it, while others are answered in time."""
    held = 0
    with ExitStack() as readers:
        for count in SLOW_READERS:
            for _ in range(count - held):
                readers.enter_context(_idle_reader(port, film))
            time.sleep(1)  # until each holds what it can hold
            if not all(_answers(port, page) for _ in range(4)):
                break
            held = count
    return held


def _idle_reader(port: int, film: str) -> socket.socket:
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    reader.connect(("127.0.0.1", port))
    reader.sendall(f"GET {film} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    return reader


def _answers(port: int, page: str) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", page)
        connection.getresponse().read()
    except OSError:
        return False
    finally:
        connection.close()
    return True


def _cpu_of_servers() -> float:
    """Seconds of CPU of all processes below this one."""
    ticks = 0
    for pid in _below(os.getpid()):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])  # in user mode, in the kernel
    return ticks / os.sysconf("SC_CLK_TCK")


def _below(pid: int) -> Iterator[int]:
    for thread in Path(f"/proc/{pid}/task").iterdir():
        for child in (thread / "children").read_text().split():
            yield int(child)
            yield from _below(int(child))
