import platform
import subprocess
import sys

import pytest

from classes.video.slots import film_slot


@pytest.fixture(autouse=True)
def var_dir(settings, tmp_path):
    settings.VAR_DIR = tmp_path


@pytest.mark.parametrize("at_once", [1, 2])
def test_film_slot_is_held_by_as_many_as_there_are(settings, at_once):
    settings.FILMS_AT_ONCE = at_once

    def taken(number: int) -> list[bool]:
        with film_slot() as is_ours:
            return [is_ours, *(taken(number - 1) if number else [])]

    assert taken(2) == [place < at_once for place in range(3)]
    assert taken(0) == [True]


def test_film_slot_of_a_killed_process_is_free(settings, tmp_path):
    settings.FILMS_AT_ONCE = 1
    holds = (
        "import fcntl, sys, time; file = open(sys.argv[1], 'w'); fcntl.flock(file, fcntl.LOCK_EX);"
        "print('held', flush=True); time.sleep(60)"
    )
    with film_slot():
        pass
    process = subprocess.Popen(
        [sys.executable, "-c", holds, tmp_path / "film-slots" / platform.node() / "0"],
        stdout=subprocess.PIPE,
    )
    try:
        process.stdout.readline()
        with film_slot() as is_ours:
            assert not is_ours

        process.kill()
        process.wait()

        with film_slot() as is_ours:
            assert is_ours
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
