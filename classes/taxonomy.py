"""The vocabulary that a studio starts with: movements, focus tags, apparatus and props.

`data/taxonomy.json` also holds exercises and avoid sets, which have no tables yet; the films of
the demo studio show exercises by their names there.
"""

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from .models import Apparatus, FocusTag, Movement, Prop
from .models.terms import Term


@cache
def read_taxonomy() -> dict[str, list[dict[str, Any]]]:
    return json.loads((Path(__file__).parent / "data" / "taxonomy.json").read_text("utf-8"))


@transaction.atomic
def load_taxonomy(*, defined_at: datetime | None = None) -> dict[str, int]:
    """Create the terms that are missing and return how many of each kind that were.

    What a studio edited stays as it is: a term is missing only if nothing of its kind has its
    name, or has or had its address. `defined_at` is the moment from which a check covers the new
    movements; it is now unless given.
    """
    defined_at = defined_at or timezone.now()
    written = read_taxonomy()
    created = {
        "movements": _create_missing(Movement, written["movements"], defined_at=defined_at),
        "focus_tags": _create_missing(FocusTag, written["focus_tags"]),
        "apparatus": _create_missing(Apparatus, written["apparatus"]),
        "props": _create_missing(Prop, written["props"]),
    }
    for tag in created["focus_tags"]:
        tag.forbids.set(_forbidden_by(tag.slug))
    return {kind: len(terms) for kind, terms in created.items()}


def _create_missing(kind: Any, rows: list[dict[str, Any]], **fields: Any) -> list[Any]:
    created = []
    for position, row in enumerate(rows, start=1):
        columns = {name: value for name, value in row.items() if name != "forbids"}
        if _is_missing(kind, row):
            created.append(kind.objects.create(position=position, **columns, **fields))
    return created


def _is_missing(kind: type[Term], row: dict[str, Any]) -> bool:
    if kind._default_manager.filter(Q(slug=row["slug"]) | Q(name=row["name"])).exists():
        return False
    return not issubclass(kind, FocusTag) or kind.is_slug_free(row["slug"])


def _forbidden_by(slug: str) -> list[Movement]:
    """The rule of a tag as rows; one that the studio gave another address is found by its name."""
    written = read_taxonomy()
    [rule] = [row["forbids"] for row in written["focus_tags"] if row["slug"] == slug]
    names = [row["name"] for row in written["movements"] if row["slug"] in rule]
    return list(Movement.objects.filter(Q(slug__in=rule) | Q(name__in=names)))
