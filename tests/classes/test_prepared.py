"""Questions that are put into SQL once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from classes.models import WorkoutClass
from classes.prepared import NOW, Prepared, aware, lasting, uuid_of
from tests.factories import make_class

LISTED = Prepared(
    lambda *pks: WorkoutClass.objects.listed(NOW).filter(pk__in=pks).values_list("pk"), 2
)
KINDS = Prepared(
    lambda pk: WorkoutClass.objects.filter(pk=pk).values_list(
        "published_at", "variants__video__duration", "variants__video_id"
    ),
    1,
)


@pytest.mark.django_db
def test_now_is_the_moment_of_asking(time_machine):
    here = make_class()
    tomorrow = make_class(published_at=timezone.now() + timedelta(days=1))
    asked = (here.pk, tomorrow.pk)
    assert LISTED.rows(*asked) == [(here.pk,)]

    time_machine.move_to(timezone.now() + timedelta(days=1, minutes=1))

    assert sorted(LISTED.rows(*asked)) == [(here.pk,), (tomorrow.pk,)]


@pytest.mark.django_db
def test_values_come_back_as_the_orm_gives_them():
    workout_class = make_class()
    video = workout_class.variants.get().video

    [(published_at, duration, video_id)] = KINDS.rows(workout_class.pk)

    assert aware(published_at) == workout_class.published_at
    assert lasting(duration) == video.duration
    assert uuid_of(video_id) == video.pk


@pytest.mark.django_db
def test_nothing_stays_nothing():
    workout_class = make_class(variant=False)

    [(_published_at, duration, video_id)] = KINDS.rows(workout_class.pk)

    assert (lasting(duration), uuid_of(video_id)) == (None, None)


def test_wrong_number_of_numbers_is_refused():
    with pytest.raises(ValueError, match="1 numbers for 2 places"):
        LISTED.rows(1)
