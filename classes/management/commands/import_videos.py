"""Bring in a folder of films, as a studio has that moves in with its archive."""

from argparse import ArgumentParser
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from classes.durations import clock
from classes.film_folder import FilmFile, Fit, NotTaken, came_in_before, judge, read_folder, take

LINE_AGAIN = "\r\x1b[K"  # what a terminal takes for: write this line anew
INTERRUPTED = 130  # what a shell calls a program that was stopped by Ctrl-C


class Command(BaseCommand):
    help = (
        "Bring in the films of a folder, named like class-address.workout-tempo.en.mp4. "
        "Run again, it goes on where it stopped."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="Look at every file and say what would happen, but change nothing.",
        )
        parser.add_argument(
            "--replace",
            action="store_true",
            help="Bring in films for which there is another one already.",
        )

    def handle(
        self, *args: Any, folder: Path, dry_run: bool, replace: bool, **options: Any
    ) -> None:
        # What is kept with a class is written in the language that the studio works in.
        with translation.override(settings.STUDIO_LANGUAGE):
            if not folder.is_dir():
                raise CommandError(_("There is no folder %(folder)s.") % {"folder": folder})
            try:
                self._go_through(folder, dry_run=dry_run, replace=replace)
            except KeyboardInterrupt:
                sentence = _("Stopped. What came in stays; run this again to go on.")
                raise CommandError(sentence, returncode=INTERRUPTED) from None

    def _go_through(self, folder: Path, *, dry_run: bool, replace: bool) -> None:
        taken = there = refused = promised = 0
        films = read_folder(folder)
        for number, (path, file) in enumerate(films, 1):
            try:
                if isinstance(file, NotTaken):
                    raise file
                if came_in_before(file):
                    self._say(path, _("is here already"))
                    there += 1
                    continue
                fit = judge(file, replace=replace, promised=promised)
                if dry_run:
                    promised += file.size
                else:
                    take(file, on_progress=self._progress(file, f"{number}/{len(films)}"))
            except NotTaken as reason:
                self._refuse(path, str(reason))
                refused += 1
            except OSError as fault:
                self._refuse(path, _("It cannot be copied: %(fault)s") % {"fault": fault.strerror})
                refused += 1
            else:
                self._say(path, self._what_happens(file, fit, dry_run=dry_run))
                taken += 1
        self._sum_up(taken, there, refused, dry_run=dry_run)

    def _what_happens(self, file: FilmFile, fit: Fit, *, dry_run: bool) -> str:
        words = _("would come in") if dry_run else _("came in")
        facts = [
            clock(timedelta(seconds=fit.probe.duration)),
            f"{fit.probe.width} × {fit.probe.height}",
            filesizeformat(file.size),
        ]
        notes = []
        if fit.is_new_variant:
            notes.append(_("Its tempo and language are new for the class."))
        if fit.replaces:
            notes.append(_("It replaces “%(film)s”.") % {"film": fit.replaces})
        if fit.takes_check_back:
            notes.append(_("The body check of the class is taken back."))
        return " ".join([f"{words} ({', '.join(facts)}).", *notes])

    def _sum_up(self, taken: int, there: int, refused: int, *, dry_run: bool) -> None:
        came = (
            ngettext("%(n)d film would come in", "%(n)d films would come in", taken)
            if dry_run
            else ngettext("%(n)d film came in", "%(n)d films came in", taken)
        )
        were = ngettext("%(n)d was here already", "%(n)d were here already", there)
        self.stdout.write(f"{came % {'n': taken}}, {were % {'n': there}}.")
        if refused:
            sentence = ngettext("%(n)d file was refused.", "%(n)d files were refused.", refused)
            raise CommandError(sentence % {"n": refused})

    def _progress(self, file: FilmFile, place: str) -> Callable[[int], None] | None:
        """Writes one line over and over, where somebody is looking."""
        if not self.stdout.isatty():
            return None
        size = file.size

        def show(copied: int) -> None:
            done = f"{filesizeformat(copied)} / {filesizeformat(size)}"
            self.stdout.write(f"{LINE_AGAIN}{place} {file.path.name}: {done}", ending="")

        return show

    def _say(self, path: Path, what: str) -> None:
        self._clear_line()
        self.stdout.write(f"{path.name}: {what}")

    def _refuse(self, path: Path, why: str) -> None:
        self._clear_line()
        self.stderr.write(f"{path.name}: {why}")

    def _clear_line(self) -> None:
        if self.stdout.isatty():
            self.stdout.write(LINE_AGAIN, ending="")
