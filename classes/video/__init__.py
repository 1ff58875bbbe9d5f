"""From an uploaded file to one that browsers play: probe, judge, copy, preview, pictures.

Nothing here knows Django, but for the marking of sentences that are translated later: each step
takes paths, gives a frozen dataclass, and refuses with `errors.FilmRefused`. `prepare` alone ties
the steps to the Video row.
"""
