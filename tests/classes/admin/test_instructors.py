"""The pages of those who teach, as curators keep them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from classes.models import Picture
from classes.models.video import pictures_folder
from tests.factories import make_class, make_instructor, make_member


def page_of(instructor) -> str:
    return reverse("admin:classes_instructor_change", args=[instructor.pk])


def submitted(instructor, **changes) -> dict:
    return {"name": instructor.name, "slug": instructor.slug, "bio": "", "position": 0, **changes}


def test_portrait_is_written_anew(desk, photo):
    ada = make_instructor(name="Ada")

    desk.post(page_of(ada), submitted(ada, upload=photo))

    ada.refresh_from_db()
    with Image.open(pictures_folder() / str(ada.portrait.pk) / "320.jpg") as image:
        assert not image.getexif()
    assert f"/media/pictures/{ada.portrait.pk}/" in desk.get(page_of(ada)).content.decode()


def test_portrait_that_is_no_picture_is_refused_in_words(desk):
    ada = make_instructor()
    words = SimpleUploadedFile("ada.png", b"words")

    response = desk.post(page_of(ada), submitted(ada, upload=words))

    assert "no picture that can be read" in response.content.decode()
    assert not Picture.objects.exists()


def test_portrait_can_be_taken_away(desk):
    portrait = Picture.objects.create(width=640, height=360, widths=[320])
    ada = make_instructor(portrait=portrait)

    desk.post(page_of(ada), submitted(ada, remove_picture="on"))

    assert not Picture.objects.exists()


def test_account_with_which_a_teacher_answers_is_chosen(desk):
    ada, member = make_instructor(), make_member()

    desk.post(page_of(ada), submitted(ada, member=member.pk))

    ada.refresh_from_db()
    assert ada.member == member


def test_one_account_is_one_teacher(desk):
    member = make_member()
    make_instructor(member=member)
    ada = make_instructor()

    response = desk.post(page_of(ada), submitted(ada, member=member.pk))

    assert "already exists" in response.content.decode()


@pytest.mark.parametrize("count", [1, 8])
def test_instructor_list_query_count_is_constant(desk, django_assert_num_queries, count):
    for _ in range(count):
        make_class(instructors=[make_instructor(member=make_member())])

    with django_assert_num_queries(7):
        desk.get(reverse("admin:classes_instructor_changelist"))
