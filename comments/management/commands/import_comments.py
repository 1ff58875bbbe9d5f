"""Bring over the comments of another site, with their writers, dates and answers."""

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comments.importing.bringing_in import Plan, bring_in, counted_by_sentence, plan
from comments.importing.files import NotReadable, read
from comments.importing.rows import Problem, Row, judge_all

SHOWN = 100  # problems; whoever has more has made one mistake many times


class Command(BaseCommand):
    help = (
        "Bring over comments from a CSV or JSON file with the columns class (address or title), "
        "reference (of the comment's own, any text), answers (the reference of what it answers), "
        "email, name, text, date, state (published, held, removed) and film (workout-tempo/en). "
        "Without --write it only says what would happen and what is wrong. Run again, it brings "
        "in what is new."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--write", action="store_true", help="Write it, all or nothing.")
        parser.add_argument(
            "--class", dest="class_of_all", default="", help="The class of rows that name none."
        )
        parser.add_argument(
            "--origin",
            default="",
            help="A name for the site they come from, where several have the same references.",
        )
        parser.add_argument(
            "--ask",
            action="store_true",
            help="Let threads without an answer wait on the desks of those who teach the class.",
        )

    def handle(
        self,
        *args: Any,
        file: Path,
        write: bool,
        class_of_all: str,
        origin: str,
        ask: bool,
        **options: Any,
    ) -> None:
        # What is told here is told to the studio, in the language that it works in.
        with translation.override(settings.STUDIO_LANGUAGE):
            rows, problems = self._read(file, class_of_all)
            if problems:
                self._refuse(_together(problems, plan(rows, origin).problems))
            made = bring_in(rows, origin=origin, ask=ask) if write else plan(rows, origin)
            self._refuse(made.problems)
            self._sum_up(made, write=write)

    def _read(self, file: Path, class_of_all: str) -> tuple[list[Row], list[Problem]]:
        """The rows of the file, and what is wrong with each by itself."""
        try:
            source = read(file)
            for note in source.notes:
                self.stderr.write(note)
            return judge_all(source.rows, now=timezone.now(), class_of_all=class_of_all)
        except NotReadable as reason:
            raise CommandError(f"{file.name}: {reason}") from None

    def _refuse(self, problems: Sequence[Problem]) -> None:
        if not problems:
            return
        for problem in problems[:SHOWN]:
            self.stderr.write(str(problem))
        if len(problems) > SHOWN:
            self.stderr.write(_("And so on. In all:"))
            for sentence, number in counted_by_sentence(problems):
                self.stderr.write(f"  {number} × {sentence}")
        rows = len({problem.number for problem in problems})
        sentence = ngettext(
            "Nothing was written: %(n)d row has to be mended first.",
            "Nothing was written: %(n)d rows have to be mended first.",
            rows,
        )
        raise CommandError(sentence % {"n": rows})

    def _sum_up(self, made: Plan, *, write: bool) -> None:
        self._show_the_first(made)
        total = len(made.new)
        came = (
            ngettext("%(n)d comment came in", "%(n)d comments came in", total)
            if write
            else ngettext("%(n)d comment would come in", "%(n)d comments would come in", total)
        )
        under = ngettext("under %(n)d class", "under %(n)d classes", len(made.class_ids))
        were = ngettext("%(n)d was here already", "%(n)d were here already", made.there)
        self.stdout.write(
            f"{came % {'n': total}} {under % {'n': len(made.class_ids)}}; "
            f"{were % {'n': made.there}}."
        )
        if total:
            self.stdout.write(
                _(
                    "%(threads)d open a thread. %(members)d are by members, %(names)d have a "
                    "name only."
                )
                % {
                    "threads": made.threads,
                    "members": made.by_members,
                    "names": total - made.by_members,
                }
            )
        if total and not write:
            self.stdout.write(_("Nothing was written. If this is right, run it with --write."))

    def _show_the_first(self, made: Plan) -> None:
        """Where accents went wrong, it is seen here."""
        for row in made.new[:3]:
            when = f"{row.written_at:%Y-%m-%d}" if row.written_at else "–"
            words = Truncator(" ".join(row.text.split())).chars(60)
            self.stdout.write(f"  {row.name or row.email}, {when}: {words}")


def _together(problems: list[Problem], of_all: list[Problem]) -> list[Problem]:
    """In the order of the file. What is wrong with a cell by itself is said once."""
    told = {(problem.number, problem.column) for problem in problems}
    others = [each for each in of_all if (each.number, each.column) not in told]
    return sorted(problems + others, key=lambda problem: problem.number)
