"""The vocabulary that a studio starts with: movements, exercises, focus tags and the like."""

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from .models import Apparatus, AvoidSet, Exercise, FocusTag, Movement, Prop
from .models.addresses import Addressed
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
    written = read_taxonomy()
    return {
        "movements": _create_missing(
            Movement, written["movements"], defined_at=defined_at or timezone.now()
        ),
        "exercises": _create_missing(Exercise, written["exercises"], to_many="movements"),
        "focus_tags": _create_missing(FocusTag, written["focus_tags"], to_many="forbids"),
        "avoid_sets": _create_missing(AvoidSet, written["avoid_sets"], to_many="movements"),
        "apparatus": _create_missing(Apparatus, written["apparatus"]),
        "props": _create_missing(Prop, written["props"]),
    }


def _create_missing(
    kind: Any, rows: list[dict[str, Any]], *, to_many: str = "", **fields: Any
) -> int:
    """Create what is missing, in the order of the data, and say how many; `to_many` names the
    field that holds movements."""
    created = 0
    for position, row in enumerate(rows, start=1):
        if not _is_missing(kind, row):
            continue
        # Exercises say their place in the classical order, which is that of the data.
        columns = {name: row[name] for name in row if name not in (to_many, "order")}
        term = kind.objects.create(position=position, **columns, **fields)
        if to_many:
            getattr(term, to_many).set(_movements(row[to_many]))
        created += 1
    return created


def _is_missing(kind: type[Term], row: dict[str, Any]) -> bool:
    if kind._default_manager.filter(Q(slug=row["slug"]) | Q(name=row["name"])).exists():
        return False
    return not issubclass(kind, Addressed) or kind.is_slug_free(row["slug"])


def _movements(slugs: list[str]) -> list[Movement]:
    """Those of the data as rows; one that the studio gave another address is found by its name."""
    names = [row["name"] for row in read_taxonomy()["movements"] if row["slug"] in slugs]
    return list(Movement.objects.filter(Q(slug__in=slugs) | Q(name__in=names)))
