"""The catalogue: parse → select and count → page.

    catalogue = keeping.current()
    choices, ignored = parse(request.GET, catalogue.vocabulary)
    counts = catalogue.count(choices)
    hits = catalogue.page(choices, choices.page)

What goes in and out is plain data (`answers`), so that it is all one who works it out: `bitmaps`
from memory or `sql` from the database. Which parameters there are and what they mean is in
`choices`; how the answer looks to a visitor is in `panel` and `cards`.
"""

from .answers import PAGE_SIZE, Catalogue, Counts, Found, Hit, LeftOut, Similar, Version
from .choices import Choices, Ignored, Reason, Sort, parse
from .facets import Facet
from .sql import SqlCatalogue
from .vocabulary import AvoidSetOption, Option, Vocabulary, VocabularyRows

__all__ = [
    "PAGE_SIZE",
    "AvoidSetOption",
    "Catalogue",
    "Choices",
    "Counts",
    "Facet",
    "Found",
    "Hit",
    "Ignored",
    "LeftOut",
    "Option",
    "Reason",
    "Similar",
    "Sort",
    "SqlCatalogue",
    "Version",
    "Vocabulary",
    "VocabularyRows",
    "parse",
]
