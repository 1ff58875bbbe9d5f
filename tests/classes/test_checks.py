"""What `manage.py check --deploy` says of ffmpeg; of hls.js see watch/test_hls.py."""

from pathlib import Path

import pytest
from django.core import checks

from classes.checks import ffmpeg_makes_films


@pytest.fixture
def program(tmp_path, settings) -> Path:
    """What FFMPEG_BINARY names."""
    program = tmp_path / "ffmpeg"
    settings.FFMPEG_BINARY = str(program)
    return program


def listing(program: Path, *names: str) -> None:
    """Make it a program that lists these as what it can do."""
    lines = "\n".join(f" V....D {name}  and what it is for" for name in names)
    program.write_text(f"#!/bin/sh\ncat <<END\nEncoders:\n V..... = Video\n ------\n{lines}\nEND\n")
    program.chmod(0o755)


def said() -> list[tuple[str | None, str]]:
    return [(message.id, message.msg) for message in ffmpeg_makes_films(None)]


def test_the_ffmpeg_of_the_wheel_makes_all_films(settings):
    settings.FFMPEG_BINARY = ""

    assert said() == []


def test_no_ffmpeg_is_an_error(program):
    assert said() == [
        ("classes.E101", f"FFMPEG_BINARY is set to {program}, which is not a program.")
    ]


def test_a_program_that_does_not_run_is_an_error(program):
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)

    [(number, sentence)] = said()

    assert number == "classes.E101"
    assert sentence.startswith(f"{program} does not run")


def test_an_ffmpeg_without_x264_is_an_error(program):
    listing(program, "aac", "hls", "zscale", "tonemap")

    assert said() == [("classes.E102", "This ffmpeg makes no films: it lacks libx264.")]


def test_an_ffmpeg_that_maps_no_tones_is_a_warning(program):
    listing(program, "libx264", "aac", "hls", "tonemap")

    [message] = ffmpeg_makes_films(None)

    assert message.level == checks.WARNING
    assert message.msg == "This ffmpeg cannot read films in HDR: it lacks zscale."


def test_ffmpeg_is_started_by_no_command_that_does_not_ask(program):
    """It would be at every start of every command."""
    program.write_text(f"#!/bin/sh\ntouch {program}.started\n")
    program.chmod(0o755)

    checks.run_checks(include_deployment_checks=False)
    assert not Path(f"{program}.started").exists()

    checks.run_checks(include_deployment_checks=True)
    assert Path(f"{program}.started").exists()
