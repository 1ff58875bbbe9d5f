"""Who is signed in, as every request reads them."""

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import Member


class MemberBackend(AuthenticationBackend):
    """allauth's own, reading in the same query whether the member teaches.

    Every page of a signed-in member says it in its header, and most members do not.
    """

    def get_user(self, user_id: int) -> Member | None:
        member = Member.objects.select_related("instructor").filter(pk=user_id).first()
        return member if member and self.user_can_authenticate(member) else None
