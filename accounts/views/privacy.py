"""What is kept, told to everybody; and a member's own data, put together and fetched."""

from typing import Any, cast
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.caching import public_for_visitors
from accounts.models import Departure, Export, Member
from accounts.privacy import archives, exports, page


@public_for_visitors
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """The same for every visitor, without a query. Two more for a member: export, departure."""
    context: dict[str, Any] = {
        "of_members": page.of_members(),
        "of_work": page.of_work(),
        "limits": page.limits(),
        "cookies": page.cookies(),
        "has_bucket": settings.VIDEO_SERVE == "s3",
    }
    if request.user.is_authenticated:
        context |= {
            "export": _latest(request.user),
            "hours": round(exports.KEPT.total_seconds() / 3600),
            "departure": Departure.objects.filter(member=request.user).first(),
        }
    return render(request, "accounts/privacy.html", context)


def _latest(member: Member) -> Export | None:
    """Of one that can no longer be fetched there is nothing to say: its time is over, or the site
    came back from a backup, in which these files are not."""
    export = member.exports.order_by("-asked_at").first()
    if export is None or export.state != Export.State.READY:
        return export
    is_in_time = export.expires_at is not None and export.expires_at > timezone.now()
    return export if is_in_time and archives.path_of(export.pk).is_file() else None


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def privacy_exports(request: HttpRequest) -> HttpResponseBase:
    """Asks for one, once it is sure that it is the member who asks.

    Whoever arrives here by the sign-in has pressed nothing yet, and finds the button.
    """
    return _ask(request) if request.method == "POST" else redirect("accounts:privacy")


@reauthentication_required
def _ask(request: HttpRequest) -> HttpResponse:
    try:
        _export, is_new = exports.ask(cast(Member, request.user))
    except exports.TooMany:
        messages.warning(
            request,
            _("You asked for your data %(number)d times today. Please come back tomorrow.")
            % {"number": exports.MOST_A_DAY},
        )
    else:
        messages.success(
            request,
            _("Your data is being put together. A mail tells you when you can fetch it.")
            if is_new
            else _("Your data is being put together already. A mail tells you when it is done."),
        )
    return redirect("accounts:privacy")


@login_required
@require_safe
def privacy_export(request: HttpRequest, export_id: UUID) -> FileResponse:
    """The file, to its owner, while it is kept. To everybody else there is none."""
    export = get_object_or_404(exports.ready_for(cast(Member, request.user)), pk=export_id)
    try:
        file = archives.path_of(export.pk).open("rb")
    except FileNotFoundError as lost:
        raise Http404 from lost
    name = f"{export.made_at:%Y-%m-%d}.zip" if export.made_at else "data.zip"
    response = FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")
    response["Cache-Control"] = "no-store, private"
    return response
