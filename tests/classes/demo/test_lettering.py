"""The letters of exercises' names."""

import pytest

from classes.demo.lettering import can_be_set


@pytest.mark.parametrize(
    ("name", "has_letters"),
    [
        ("Swan, Prone", True),
        ("Joseph’s Roll", True),
        ("Torsión de columna", True),
        ("Pingüino, mañana, à la fenêtre", True),
        ("百", False),
        ("Řím", False),
        ("  ", False),
    ],
)
def test_can_be_set_knows_its_letters(name, has_letters):
    assert can_be_set(name) is has_letters
