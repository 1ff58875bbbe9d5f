"""The catalogue: parse → select and count → page.

    vocabulary = read_vocabulary()
    choices, ignored = parse(request.GET, vocabulary)
    counts = count(choices)
    hits = page(choices, choices.page)

What goes in and out is plain data, so that what is inside (`sql`) can be replaced by something
faster while the SQL stays to judge it. Which parameters there are and what they mean is in
`choices`; how the answer looks to a visitor is in `panel` and `cards`.
"""

from .choices import Choices, Ignored, Reason, Sort, parse
from .facets import Facet
from .sql import Counts, Hit, count, newest_by_focus, page
from .vocabulary import Vocabulary, read_vocabulary

__all__ = [
    "Choices",
    "Counts",
    "Facet",
    "Hit",
    "Ignored",
    "Reason",
    "Sort",
    "Vocabulary",
    "count",
    "newest_by_focus",
    "page",
    "parse",
    "read_vocabulary",
]
