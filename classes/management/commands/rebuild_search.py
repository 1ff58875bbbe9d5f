"""Makes anew what the search looks its words up in."""

from typing import Any

from django.core.management.base import BaseCommand

from classes.models import SearchDocument
from classes.search.upkeep import rebuild


class Command(BaseCommand):
    help = (
        "Make anew what the search looks its words up in. The worker keeps that up to date by "
        "itself; this is for a search that finds what is not there."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        rebuild()
        self.stdout.write(f"{SearchDocument.objects.count()} classes can be searched.")
