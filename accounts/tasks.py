"""What is done for members in the background."""

from uuid import UUID

from django_tasks import task

from accounts.privacy import exports


# Somebody waits for it, but a film that was uploaded plays first.
@task(priority=-5)
def make_export(export_id: str) -> None:
    """Put a member's data together. How it went is on the Export row."""
    exports.make(UUID(export_id))


def take_up_exports() -> int:
    """The sweep: what lapsed or is to be tried again; how many there were."""
    return exports.take_up(make_export)
