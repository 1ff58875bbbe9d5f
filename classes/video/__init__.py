"""From an uploaded file to one that members watch: probe, judge, copy, encode, check, pictures.

Most of it knows nothing of Django, but for the marking of sentences that are translated later: each
step takes paths, gives a frozen dataclass, and refuses with `errors.FilmRefused`. What ties the
steps to the Video row is `processing`, and what it stands on: `attempts`, `showing`, `clearing`.
"""
