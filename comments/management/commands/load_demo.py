"""The command that fills an empty site. On the highest floor, since it loads comments too."""

from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.models import Member
from classes.demo.captions import load_captions
from classes.demo.filming import Shoot, shoot_films, waiting_shoots
from classes.demo.load import draw_portraits, is_loaded, load_studio
from classes.demo.passwords import keep_passwords, kept_passwords
from classes.demo.studio import read_studio
from classes.demo.tasks import enqueue_films
from classes.models import Video, WorkoutClass
from classes.video.ffmpeg import FfmpegMissing
from classes.video.processing import first_look
from comments.demo.load import load_comments


class Command(BaseCommand):
    help = (
        "Load the demo studio: classes, films, comments and people to sign in as. "
        "Run again, it changes nothing but makes the films that are still missing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        films = parser.add_mutually_exclusive_group()
        films.add_argument("--without-films", action="store_true", help="Make no films.")
        films.add_argument(
            "--films-now",
            action="store_true",
            help="Draw all films before returning, instead of leaving them to the worker.",
        )

    def handle(self, *args: Any, without_films: bool, films_now: bool, **options: Any) -> None:
        if is_loaded():
            self.say("The demo studio is here, as you left it.")
        else:
            self.load()
        if not without_films:
            self.make_films(all_now=films_now)
        self.print_accounts()

    def load(self) -> None:
        if WorkoutClass.objects.exists():
            raise CommandError(
                "This database holds the classes of a studio. The demo brings people to sign in "
                "as, so it is loaded into an empty database only."
            )
        self.say("Loading the demo studio …")
        now = timezone.now()
        passwords = keep_passwords(
            accounts_file(), [account.email for account in read_studio().accounts]
        )
        portraits = draw_portraits()
        with transaction.atomic():
            load_studio(now=now, passwords=passwords, portraits=portraits)
            comment_count = load_comments(now=now)
            load_captions()
        studio = read_studio()
        self.say(
            f"{len(studio.classes)} classes, {len(studio.instructors)} instructors and "
            f"{comment_count} comments are in."
        )

    def make_films(self, *, all_now: bool) -> None:
        shoots = waiting_shoots()
        first = read_studio().classes[0].slug
        now = [shoot for shoot in shoots if all_now or shoot.demo.slug == first]
        later = sorted((shoot for shoot in shoots if shoot not in now), key=home_page_first)
        if now:
            self.say(f"Making {len(now)} films, some seconds each:")
        try:
            for shoot, video in shoot_films(now):
                if video:
                    first_look(str(video.pk))
                    video.refresh_from_db()
                self.say_how_it_went(shoot, video)
        except FfmpegMissing as problem:
            self.stderr.write(f"There will be no films. {problem}")
            return
        if later:
            enqueue_films(later)
            self.say(
                f"{len(later)} more come from the worker, one by one, and then all of them in "
                "smaller sizes too."
            )

    def say_how_it_went(self, shoot: Shoot, video: Video | None) -> None:
        title = f"  {shoot.demo.title}: {shoot.variant}"
        if video is None:
            self.stderr.write(f"{title} could not be made now; the next time may do.")
        elif video.state == Video.State.FAILED:
            self.stderr.write(f"{title}. {video.error}")
        elif video.plays_as == Video.PlaysAs.NOTHING:
            self.stderr.write(f"{title} waits for the worker.")
        else:
            self.say(title)

    def print_accounts(self) -> None:
        passwords = kept_passwords(accounts_file())
        self.say("Sign in as:")
        for account in read_studio().accounts:
            member = Member.objects.filter(email=account.email).first()
            if member is None:
                continue
            password = passwords.get(account.email)
            opens = password is not None and member.check_password(password)
            shown = password if opens else "(a password of your own)"
            self.say(f"  {account.email:<25} {shown:<32} {account.role}")

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def home_page_first(shoot: Shoot) -> tuple[bool, timedelta]:
    """Newest classes first: they stand where a visitor arrives."""
    return (not shoot.demo.is_listed, shoot.demo.published or timedelta.max)


def accounts_file() -> Path:
    return settings.VAR_DIR / "demo-accounts.json"
