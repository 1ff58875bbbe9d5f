"""What follows when allauth says that something happened."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed, user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.membership.trials import start_trial
from accounts.models import Member
from accounts.privacy import leaving


@receiver(email_confirmed, dispatch_uid="accounts.start_trial")
def start_trial_for_verified_address(
    sender: type, email_address: EmailAddress, **kwargs: Any
) -> None:
    start_trial(email_address.user)


@receiver(user_logged_in, dispatch_uid="accounts.say_that_account_goes")
def say_that_account_goes(sender: type, request: HttpRequest, user: Member, **kwargs: Any) -> None:
    """Whoever comes back within the seven days may have forgotten, or may not have been asked."""
    leaving.remind(request, user)
