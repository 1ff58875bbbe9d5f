"""The list of all films."""

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
