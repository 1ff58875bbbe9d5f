"""A curator at work: on the staff, in the group, and no superuser."""

import io

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.models import Member
from classes.models import WorkoutClass
from tests.factories import make_member


@pytest.fixture(autouse=True)
def allowed_to_read_row_by_row(no_query_per_row, settings) -> None:
    """What is sent back is read so by others: the history package looks the class up once for
    each relation, and Django's formset each row that is saved.
    """
    settings.ZEAL_ALLOWLIST = [
        *settings.ZEAL_ALLOWLIST,
        {"model": "classes.WorkoutClass", "field": "get()"},
        {"model": "classes.Variant", "field": "get()"},
    ]


@pytest.fixture
def curator(db) -> Member:
    member = make_member(display_name="Ines", is_staff=True)
    member.groups.add(Group.objects.get(name="Curators"))
    return member


@pytest.fixture
def desk(client: Client, curator: Member) -> Client:
    """The curator's browser."""
    client.force_login(curator)
    return client


@pytest.fixture
def photo() -> SimpleUploadedFile:
    """A small JPEG that says where it was taken."""
    image = Image.new("RGB", (400, 225), "teal")
    exif = image.getexif()
    exif[0x010E] = "at home"
    made = io.BytesIO()
    image.save(made, "JPEG", exif=exif)
    return SimpleUploadedFile("photo.jpg", made.getvalue(), "image/jpeg")


def submitted(workout_class: WorkoutClass | None = None, **changes) -> dict:
    """What the class page sends: the class as it is, with changes. None leaves a field out."""
    data = {
        "title": "Morning",
        "slug": "",
        "level": "beginner",
        "description": "",
        "state": "draft",
    }
    rows = []
    if workout_class is not None:
        data.update(
            title=workout_class.title,
            slug=workout_class.slug,
            level=workout_class.level,
            description=workout_class.description,
            state=workout_class.state,
        )
        if workout_class.is_free:
            data["is_free"] = "on"
        if workout_class.published_at:
            data["published_at_0"] = f"{workout_class.published_at:%Y-%m-%d}"
            data["published_at_1"] = f"{workout_class.published_at:%H:%M:%S}"
        for name in ("instructors", "focus_tags", "apparatus", "props", "ticked_movements"):
            data[name] = [row.pk for row in getattr(workout_class, name).all()]
        rows = list(workout_class.variants.all())
    data["variants-TOTAL_FORMS"] = len(rows) + 1
    data["variants-INITIAL_FORMS"] = len(rows)
    for number, variant in enumerate(rows):
        data[f"variants-{number}-id"] = variant.pk
        data[f"variants-{number}-workout_class"] = workout_class.pk
        data[f"variants-{number}-tempo"] = variant.tempo
        data[f"variants-{number}-language"] = variant.language
        data[f"initial-variants-{number}-language"] = variant.language
    data[f"variants-{len(rows)}-tempo"] = "workout-tempo"
    data[f"variants-{len(rows)}-language"] = "en"
    data[f"initial-variants-{len(rows)}-language"] = "en"
    data.update(changes)
    return {name: value for name, value in data.items() if value is not None}


def messages_of(response) -> str:
    """Everything that the next page tells the curator, in one text."""
    return " ".join(str(message) for message in response.context["messages"])


def errors_of(response) -> str:
    """Everything that a refused class page says is wrong, in one text."""
    formsets = response.context["inline_admin_formsets"]
    form = response.context["adminform"].form
    said = [str(form.errors), *(str(f.formset.errors) for f in formsets)]
    return " ".join([*said, *(str(f.formset.non_form_errors()) for f in formsets)])
