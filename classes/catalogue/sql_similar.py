"""Similar classes, by asking the database: see `sql`."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from classes.body.vouching import vouched_taggings
from classes.models import WorkoutClass

from .answers import Hit, Similar
from .choices import Choices
from .sql_rows import Asked, Contained, Ids, OnApparatus, band_of, first_film

FOR_TAG, FOR_LEVEL, FOR_LENGTH, FOR_APPARATUS, FOR_MOVEMENT = 4, 2, 1, 1, 1
MOST_MOVEMENTS = 3  # that count
_MOST_BESIDES = FOR_LEVEL + FOR_LENGTH + FOR_APPARATUS


def similar(class_id: int, size: int, avoids: Sequence[str]) -> tuple[Similar, ...]:
    """By a sum that everybody can follow; the newest first where it is the same. Four queries.

    Four for each tag that is vouched for on both, two for the level, one for the band of the
    first film, one for the apparatus, and one for each movement that both contain, up to three.
    Only classes with such a tag or movement in common.
    """
    this = _facts(WorkoutClass.objects.filter(pk=class_id), class_id).first()
    if this is None:
        return ()
    _pk, _published_at, level, _film, band, _apparatus = this
    classes = Asked(Choices(avoid=tuple(avoids))).classes().exclude(pk=class_id)
    tags = _in_common(vouched_taggings(), "focustag", class_id, classes)
    movements = _in_common(Contained.objects.all(), "movement", class_id, classes)
    shared = {
        pk: FOR_TAG * len(tags.get(pk, ()))
        + FOR_MOVEMENT * min(MOST_MOVEMENTS, len(movements.get(pk, ())))
        for pk in (*tags, *movements)
    }
    # Who is too far behind the last of the best by now cannot come before it any more.
    best = sorted(shared.values(), reverse=True)[:size]
    near = [pk for pk, number in shared.items() if best and number >= best[-1] - _MOST_BESIDES]
    rows = [
        (
            shared[pk]
            + FOR_LEVEL * (its_level == level)
            + FOR_LENGTH * (its_band is not None and its_band == band)
            + FOR_APPARATUS * same_apparatus,
            published_at,
            pk,
            Similar(
                Hit(pk, film),
                focus=tags.get(pk, ()),
                movements=movements.get(pk, ()),
                same_level=its_level == level,
                same_length=its_band is not None and its_band == band,
            ),
        )
        for pk, published_at, its_level, film, its_band, same_apparatus in _facts(
            classes.filter(pk__in=Ids(near)), class_id
        )
    ]
    rows.sort(key=lambda row: row[:3], reverse=True)
    return tuple(row[3] for row in rows[:size])


def _facts(classes: QuerySet[WorkoutClass], class_id: int) -> QuerySet:
    """Rows (id, published, level, first film, its band, whether on an apparatus of that class)."""
    own = OnApparatus.objects.filter(workoutclass=class_id).values("apparatus_id")
    same_apparatus = OnApparatus.objects.filter(workoutclass=OuterRef("pk"), apparatus__in=own)
    film = first_film()
    return (
        classes.order_by()
        .annotate(film=Subquery(film.values("pk")))
        .annotate(film_length=Subquery(film.values("video__duration")))
        .annotate(band=band_of("film_length"), same_apparatus=Exists(same_apparatus))
        .values_list("pk", "published_at", "level", "film", "band", "same_apparatus")
    )


def _in_common(
    rows: QuerySet, term: str, class_id: int, classes: QuerySet[WorkoutClass]
) -> dict[int, tuple[str, ...]]:
    """Slugs that the classes share with that one, by class, in the studio's order."""
    own = rows.filter(workoutclass=class_id).values(f"{term}_id")
    shared = (
        rows.filter(workoutclass__in=classes, **{f"{term}__in": own})
        .order_by(f"{term}__position", f"{term}__name")
        .values_list("workoutclass_id", f"{term}__slug")
    )
    slugs: dict[int, tuple[str, ...]] = {}
    for pk, slug in shared:
        slugs[pk] = (*slugs.get(pk, ()), slug)
    return slugs
