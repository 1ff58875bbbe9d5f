"""Similar classes by SQL: see `sql`."""

from collections.abc import Sequence

from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce, Least

from classes.body.vouching import vouched_taggings
from classes.models import WorkoutClass

from .answers import Hit, Similar
from .choices import Choices
from .facets import BANDS
from .sql_rows import Asked, Contained, OnApparatus, band_of, first_film, in_band


def similar(class_id: int, size: int, avoids: Sequence[str]) -> tuple[Similar, ...]:
    """By a sum that everybody can follow; the newest first where it is the same.

    Four for each tag that is vouched for on both, two for the level, one for the band of the
    first film, one for the apparatus, and one for each movement that both contain, up to three.
    Only classes with such a tag or movement in common.
    """
    film_length = Subquery(first_film().values("video__duration"))
    this = (
        WorkoutClass.objects.order_by()
        .filter(pk=class_id)
        .annotate(film_length=film_length)
        .values_list("level", band_of("film_length"))
        .first()
    )
    if this is None:
        return ()
    level, band = this
    own_tags = vouched_taggings().filter(workoutclass=class_id)
    own_movements = Contained.objects.filter(workoutclass=class_id)
    own_apparatus = OnApparatus.objects.filter(workoutclass=class_id)
    shared_tags = vouched_taggings().filter(focustag__in=own_tags.values("focustag_id"))
    shared_movements = Contained.objects.filter(movement__in=own_movements.values("movement_id"))
    shared_apparatus = OnApparatus.objects.filter(
        apparatus__in=own_apparatus.values("apparatus_id")
    )
    rows = (
        Asked(Choices(avoid=tuple(avoids)))
        .classes()
        .exclude(pk=class_id)
        .annotate(
            tags=_number_of(shared_tags),
            moves=_number_of(shared_movements),
            film=Subquery(first_film().values("pk")),
            film_length=film_length,
            same_level=_one_if(Q(level=level)),
            same_apparatus=_one_if(Q(pk__in=shared_apparatus.values("workoutclass_id"))),
        )
        .annotate(same_length=_one_if(in_band(BANDS[band], "film_length") if band else _NEVER))
        .filter(Q(tags__gt=0) | Q(moves__gt=0))
        .annotate(
            score=4 * F("tags")
            + 2 * F("same_level")
            + F("same_length")
            + F("same_apparatus")
            + Least("moves", 3)
        )
        .order_by("-score", "-published_at", "-pk")
        .values_list("pk", "film", "same_level", "same_length")[:size]
    )
    found = [row[0] for row in rows]
    tags = _slugs_of(shared_tags, "focustag", found)
    movements = _slugs_of(shared_movements, "movement", found)
    return tuple(
        Similar(
            Hit(pk, film),
            focus=tags.get(pk, ()),
            movements=movements.get(pk, ()),
            same_level=bool(same_level),
            same_length=bool(same_length),
        )
        for pk, film, same_level, same_length in rows
    )


_NEVER = Q(pk__in=())


def _one_if(condition: Q) -> Case:
    return Case(When(condition, then=1), default=0, output_field=IntegerField())


def _number_of(rows: QuerySet) -> Coalesce:
    """How many of the rows are about the class."""
    numbers = (
        rows.filter(workoutclass=OuterRef("pk"))
        .values("workoutclass_id")
        .annotate(number=Count("pk"))
    )
    return Coalesce(Subquery(numbers.values("number")), 0)


def _slugs_of(rows: QuerySet, term: str, class_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """By class, in the studio's order."""
    slugs: dict[int, tuple[str, ...]] = {}
    found = rows.filter(workoutclass__in=class_ids).order_by(f"{term}__position", f"{term}__name")
    for class_id, slug in found.values_list("workoutclass_id", f"{term}__slug"):
        slugs[class_id] = (*slugs.get(class_id, ()), slug)
    return slugs
