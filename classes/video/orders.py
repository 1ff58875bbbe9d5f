"""What a curator may order of a film: that it stops, has another run, or is made anew.

Orders only change rows; whoever works on a film, or will, finds out there.
"""

from datetime import timedelta

from django.db import transaction

from classes.models import Video

from .showing import locked_variant, put_on_list


def cancel(video: Video) -> bool:
    """Stop what is being made of a film, or waits to be; what plays of it plays on.

    Whoever works on it finds out within seconds. False where nothing was in the works.
    """
    return bool(
        Video.objects.in_the_works()
        .filter(pk=video.pk)
        .update(
            state=Video.State.CANCELLED, held_by=None, lease_until=None, started_at=None, progress=0
        )
    )


def try_again(video: Video) -> bool:
    """Give a film that failed or was stopped another run, at the step where that was.

    False where it is neither: somebody else was quicker.
    """
    with transaction.atomic():
        ended = [Video.State.FAILED, Video.State.CANCELLED]
        is_ours = Video.objects.filter(pk=video.pk, state__in=ended).update(
            state=Video.State.UPLOADED, error="", attempts=0, progress=0, started_at=None
        )
        if is_ours:
            put_on_list(video)
    return bool(is_ours)


def remake(video: Video) -> Video:
    """Make a film's ladder anew from its master, as after a change of FILM_PRESET.

    Returns the row that waits for it: a new one that replaces the film when it is ready, or the one
    that is in the works already. Video.DoesNotExist or LeaseLost where the film is gone.
    """
    with locked_variant(video):  # one at a time
        video = Video.objects.select_related("variant").get(pk=video.pk)
        if video.ladder_at is None:
            try_again(video)
            return video
        same_upload = Video.objects.filter(
            master=video.master.name, uploaded_at__gte=video.uploaded_at
        ).order_by("-uploaded_at")
        coming = same_upload.in_the_works().exclude(pk=video.pk).first()
        if coming:
            return coming
        latest = max(same_upload.values_list("uploaded_at", flat=True))
        again = Video.objects.create(
            variant=video.variant,
            master=video.master.name,
            master_bytes=video.master_bytes,
            original_name=video.original_name,
            uploaded_by=video.uploaded_by,
            keeps_check=True,
            step=Video.Step.LADDER,
            duration=video.duration,
            width=video.width,
            height=video.height,
            has_audio=video.has_audio,
            preview_start=video.preview_start,
            preview_seconds=video.preview_seconds,
            poster_at=video.poster_at,
        )
        # It is as old as what it is made of: an upload that came in between is newer. But not as
        # old as one that was to be made of it before, and failed.
        again.uploaded_at = latest + timedelta(microseconds=1)
        again.save(update_fields=["uploaded_at"])
        put_on_list(again)
    return again
