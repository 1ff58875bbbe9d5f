"""What every template may say about the studio."""

from django.conf import settings
from django.http import HttpRequest


def studio(request: HttpRequest) -> dict[str, str | bool]:
    return {
        "studio_name": settings.STUDIO_NAME,
        "site_url": settings.SITE_URL,
        "sign_up_open": settings.SIGN_UP_OPEN,
    }
