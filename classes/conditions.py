"""Which classes want something done, asked alike by the admin's list and by its start page.

Not on the QuerySet beside the model: what a tag promises is known one step above the models.
"""

from django.db.models import Exists, OuterRef, QuerySet

from classes.body.vouching import Tagging, contradicting_taggings, vouched_taggings
from classes.models import Variant, Video, WorkoutClass


def failed_films() -> QuerySet[Video]:
    """The newest film of its variant, and it failed: members still see the one before, if any."""
    newer = Video.objects.filter(
        variant=OuterRef("variant"), uploaded_at__gt=OuterRef("uploaded_at")
    )
    return Video.objects.filter(~Exists(newer), state=Video.State.FAILED)


def with_failed_film(classes: QuerySet[WorkoutClass]) -> QuerySet[WorkoutClass]:
    return classes.filter(Exists(failed_films().filter(variant__workout_class=OuterRef("pk"))))


def without_film(classes: QuerySet[WorkoutClass]) -> QuerySet[WorkoutClass]:
    return classes.filter(~Exists(Variant.objects.ready().filter(workout_class=OuterRef("pk"))))


def contradicted(classes: QuerySet[WorkoutClass]) -> QuerySet[WorkoutClass]:
    """Classes that contain what one of their tags forbids."""
    return classes.filter(Exists(contradicting_taggings().filter(workoutclass=OuterRef("pk"))))


def not_vouched_for(classes: QuerySet[WorkoutClass]) -> QuerySet[WorkoutClass]:
    """Classes with a tag whose promise nobody stands for, contradictions left aside."""
    open_promises = Tagging.objects.filter(workoutclass=OuterRef("pk")).exclude(
        pk__in=vouched_taggings().values("pk")
    )
    return classes.filter(
        Exists(open_promises.exclude(pk__in=contradicting_taggings().values("pk")))
    )


def check_taken_back(classes: QuerySet[WorkoutClass]) -> QuerySet[WorkoutClass]:
    return classes.filter(checked_at__isnull=True).exclude(check_withdrawn="")
