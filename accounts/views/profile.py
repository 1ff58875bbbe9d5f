"""What a person says of themselves: name, picture, language and clock."""

from copy import copy
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.forms import ProfileForm
from accounts.languages import remember_language
from accounts.membership.standing import standing_of
from accounts.models import Member


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponseBase:
    member = cast(Member, request.user)
    # A copy takes what was typed, so that the header does not show a name that was refused.
    form = ProfileForm(request.POST or None, request.FILES or None, instance=copy(member))
    if form.is_valid():
        return _saved(request, form)
    context = {"form": form, "standing": standing_of(member)}
    return render(request, "accounts/profile.html", context)


def _saved(request: HttpRequest, form: ProfileForm) -> HttpResponse:
    member = form.save()
    # In the language that was just chosen, which is that of the next page.
    with translation.override(member.language or translation.get_language()):
        messages.success(request, _("Saved."))
    response = redirect("accounts:profile")
    if "language" in form.changed_data:
        remember_language(response, member.language)
    return response
