"""The list of all films, and the page of one."""

import pytest
from django.urls import reverse

from tests.factories import make_class


@pytest.mark.parametrize("count", [1, 8])
def test_list_of_films_query_count_is_constant(desk, django_assert_num_queries, count):
    for _ in range(count):
        make_class()

    # session, member, two of rights, two counts, films with their classes, uploads, languages
    with django_assert_num_queries(9):
        desk.get(reverse("admin:classes_variant_changelist"))


def test_page_of_a_film_offers_no_deletion_which_is_refused(desk):
    variant = make_class().variants.get()
    delete = reverse("admin:classes_variant_delete", args=[variant.pk])

    page = desk.get(reverse("admin:classes_variant_change", args=[variant.pk]))

    assert page.status_code == 200
    assert delete not in page.content.decode()
    assert desk.get(delete).status_code == 403
