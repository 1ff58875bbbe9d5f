"""Where the files lie that members take along: one ZIP for each, named by its export's id.

A file there is complete: it is written under a name that begins with a dot, and takes its own by a
rename. Nothing of it is ever served but to its owner.
"""

from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models.fields.files import FieldFile


def folder() -> Path:
    return Path(settings.VAR_DIR) / "exports"


def path_of(export_id: UUID) -> Path:
    return folder() / f"{export_id}.zip"


def unfinished_path_of(export_id: UUID, holder: UUID) -> Path:
    return folder() / f".{export_id}.{holder}"


def path_inside(holding: str, file: FieldFile) -> str:
    """Where a file stands in the archive: "profile/8f14.webp"."""
    return f"{holding}/{Path(file.name or '').name}"


def remove(export_ids: Iterable[UUID]) -> None:
    for export_id in export_ids:
        path_of(export_id).unlink(missing_ok=True)
