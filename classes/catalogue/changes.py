"""What has changed in the catalogue since some version."""

from dataclasses import dataclass

from classes.models import CatalogueVersion

from .answers import Version


def current_version() -> Version:
    """The version that the catalogue is at, in one query; (0, 0) before anything has changed."""
    row = CatalogueVersion.objects.values_list("number", "stamp").first()
    return Version(*row) if row else Version(0, 0)


@dataclass(frozen=True)
class Changed:
    """The classes that changed, deleted ones too, and the version that they bring one to."""

    version: Version
    class_ids: frozenset[int]


def since(version: Version) -> Changed | None:
    """What changed after that version; None where everything must be read again."""
    now = current_version()
    return Changed(now, frozenset()) if now == version else None
