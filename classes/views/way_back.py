"""Back to the page that a form stood on."""

from django.http import HttpRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme


class SeeOther(HttpResponseRedirect):
    """303: what was posted is done, and the answer is read there; a reload posts nothing again."""

    status_code = 303


def way_back(request: HttpRequest, otherwise: str) -> str:
    """What the form names as `next`, if that is an address of this site; else the other one."""
    url = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return url if is_ours else otherwise
