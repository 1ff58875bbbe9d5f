"""The curators' workplace, split by idea. Importing this registers everything with the admin."""

from . import body, classes, instructors, terms, videos

__all__ = ["body", "classes", "instructors", "terms", "videos"]
