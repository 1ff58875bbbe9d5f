"""Where a member is signed in."""

from typing import Any

from allauth.usersessions.models import UserSession
from allauth.usersessions.views import ListUserSessionsView
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.views.generic import FormView


class SessionListView(ListUserSessionsView):
    """allauth's page. It asks of each row whether its session still lives; here one query does."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = FormView.get_context_data(self, **kwargs)  # past allauth's own
        alive = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
        sessions = list(
            UserSession.objects.filter(
                user_id=self.request.user.pk, session_key__in=alive
            ).order_by("created_at")
        )
        return context | {"sessions": sessions, "session_count": len(sessions)}
