"""The form under a class, kept for all members whose form is the same.

What is the member's own goes into holes, for each request anew: the CSRF token, the number of this
sending and the mark by which the browser tells whose draft it keeps. The key names all else that
the form is made of: its class, film and address, the language, and whether there is a picker.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any
from uuid import uuid4

from django.core.cache import caches
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from classes import holes
from classes.models import Variant, WorkoutClass
from comments.forms import CommentForm
from comments.picker import may_pick


def form_html(
    request: HttpRequest,
    workout_class: WorkoutClass,
    variant: Variant | None,
    shared: Mapping[str, Any],
    csrf_token: str,
) -> SafeString:
    """The empty form of a member who answers nobody. No query. `shared` is as `_say.html` needs.

    `csrf_token` is the page's: to draw another takes as long as all else here.
    """
    variant_id = variant.pk if variant else None
    names = (workout_class.slug, variant_id, request.path, get_language(), may_pick(request.user))
    cache = caches["fragments"]
    key = f"comment-form:{blake2b(repr(names).encode(), digest_size=20).hexdigest()}"
    pieces = cache.get(key)
    if pieces is None:
        initial = {"variant": variant_id, "submission": holes.hole("submission")}
        own = {
            "form": CommentForm(workout_class, initial=initial),
            "csrf_token": holes.hole("csrf"),
            "reader_mark": holes.hole("reader"),
        }
        pieces = holes.pieces(render_to_string("comments/_say.html", {**shared, **own}, request))
        cache.set(key, pieces)
    contents = {
        "csrf": csrf_token,
        "submission": str(uuid4()),
        "reader": str(request.user.pk),
    }
    return SafeString(holes.filled(pieces, contents))
