"""Makes a large studio, to try out what size does to the site."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from classes.large_studio import LargeStudio
from classes.models import WorkoutClass
from classes.search import upkeep
from comments.large_studio import LargeConversation, unwatched


class Command(BaseCommand):
    help = (
        "Make a large studio that does not exist, to try out what size does to the site: classes "
        "that cannot be played, and comments. The same numbers make the same studio."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--classes", type=whole, default=10_000, help="How many (10000).")
        parser.add_argument("--comments", type=whole, default=0, help="How many (none).")
        parser.add_argument("--seed", type=int, default=7, help="Another one: another studio (7).")
        parser.add_argument(
            "--beside", action="store_true", help="Add to the classes that there are already."
        )

    def handle(
        self, *args: Any, classes: int, comments: int, seed: int, beside: bool, **options: Any
    ) -> None:
        if not beside and WorkoutClass.objects.exists():
            raise CommandError(
                "There are classes here already. Name another database with DATABASE_URL, or add "
                "to them with --beside."
            )
        now, self.began = timezone.now(), time.monotonic()
        with unwatched():
            LargeStudio(now, seed, self.telling("classes", classes)).grow_by(classes)
            LargeConversation(now, seed, self.telling("comments", comments)).grow_by(comments)
        self.say("Preparing the search …")
        upkeep.catch_up()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        self.say(f"Done: {classes:,} classes, {comments:,} comments.")

    def telling(self, things: str, total: int) -> Any:
        return lambda number: self.say(f"{number:,} of {total:,} {things}")

    def say(self, text: str) -> None:
        self.stdout.write(f"{time.monotonic() - self.began:6.1f} s  {text}")
        self.stdout.flush()


def whole(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 10_000_000:
        raise ValueError
    return number
