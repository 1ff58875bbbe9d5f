"""What a membership of one's own opens, until when, and what stays once it has ended."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.membership.standing import last_day, standing, stretches_of
from accounts.models import Member


@login_required
@require_safe
def membership(request: HttpRequest) -> HttpResponse:
    """One query besides session and member, however many memberships there were."""
    memberships = list(cast(Member, request.user).memberships.all())
    context = {
        "standing": standing(stretches_of(memberships), timezone.now()),
        "memberships": [
            (each, last_day(each.ends_at) if each.ends_at else None) for each in memberships
        ],
    }
    return render(request, "accounts/membership.html", context)
