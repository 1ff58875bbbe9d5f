"""Ladders with all that lies beside them, as films have them, only smaller."""

from dataclasses import replace
from pathlib import Path

from classes.video.encode import encode_ladder
from classes.video.extras import make_candidates, make_fallback, make_storyboard, poster_times
from classes.video.plan import Encoding, Plan, Rung, plan_ladder
from classes.video.playlists import write_master
from classes.video.probe import probe_film

RUNGS = (Rung("180p", 320, 180, 600), Rung("90p", 160, 90, 200))


def small_plan(master: Path, *, rungs: tuple[Rung, ...] | None = RUNGS) -> Plan:
    """Of these rungs, or with None of those that the film gets."""
    plan = plan_ladder(probe_film(master), Encoding(preset="ultrafast"))
    return replace(plan, rungs=rungs) if rungs else plan


def make_whole_ladder(folder: Path, master: Path, plan: Plan, *, binary: str) -> Path:
    """Make the folder with all that it holds in the end."""
    folder.mkdir()
    encode_ladder(master, folder, plan, binary=binary)
    write_master(
        folder,
        sizes={rung.name: (rung.width, rung.height) for rung in plan.rungs},
        frame_rate=float(plan.frame_rate),
        has_audio=plan.has_audio,
    )
    largest, smallest = plan.rungs[0].name, plan.rungs[-1].name
    make_fallback(folder, largest, binary=binary)
    make_storyboard(folder, smallest, duration=plan.duration, binary=binary)
    times = poster_times(plan.duration)
    make_candidates(folder, folder / f"{largest}.mp4", times, binary=binary)
    return folder
