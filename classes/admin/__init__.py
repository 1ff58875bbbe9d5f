"""The curators' workplace, split by idea. Importing this registers everything with the admin."""

from . import classes, instructors, terms, videos

__all__ = ["classes", "instructors", "terms", "videos"]
