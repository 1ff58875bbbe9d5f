"""hls.js, which plays the ladder where a browser cannot. Not in this repository: npm fetches it."""

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.templatetags.static import static

HLS_SCRIPT = "vendor/hls.light.min.js"


def hls_script() -> str:
    """The address of hls.js, or "" where set-up found no npm.

    A server asks the list of what was collected, which it read when it started; only while
    developing is the disk looked at.
    """
    return static(HLS_SCRIPT) if _is_here() else ""


def _is_here() -> bool:
    if isinstance(staticfiles_storage, ManifestFilesMixin):
        return HLS_SCRIPT in staticfiles_storage.hashed_files
    return finders.find(HLS_SCRIPT) is not None
