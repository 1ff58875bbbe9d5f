"""Whole numbers as addresses and forms give them."""

MOST_DIGITS = 18  # what every database takes for an id


def whole_number(text: str | None) -> int | None:
    """The number, or None for anything else: a sign, digits of other scripts, a thousand nines."""
    if not (text and text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        return None
    return int(text)
