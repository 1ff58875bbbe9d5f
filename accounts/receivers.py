"""What follows when allauth says that something happened."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from django.dispatch import receiver

from accounts.memberships import start_trial


@receiver(email_confirmed, dispatch_uid="accounts.start_trial")
def start_trial_for_verified_address(
    sender: type, email_address: EmailAddress, **kwargs: Any
) -> None:
    start_trial(email_address.user)
