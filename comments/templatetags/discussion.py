"""What a class page's head says of `comments` to machines."""

from django import template
from django.utils.safestring import SafeString

from classes.body.shown_timeline import Timeline
from classes.models import Variant, WorkoutClass
from classes.structured_data import as_json, video_object
from comments.structured_data import comment_objects, newest_of

register = template.Library()


@register.simple_tag
def class_as_json(
    workout_class: WorkoutClass, variant: Variant, timeline: Timeline | None = None
) -> SafeString:
    """`{% class_as_json workout_class variant timeline %}`: `VideoObject` with its comments.

    Two queries, and those of the timeline's chapters. It follows the conversation of the class:
    where it is kept, the key names `Conversation.revision` and `.stamp` too.
    """
    data = video_object(workout_class, variant, timeline.stretches if timeline else ())
    if comments := comment_objects(newest_of(workout_class)):
        data["comment"] = comments
    return as_json(data)
