"""How a person comes in: devices that were seen before, and an address that is being changed."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.member import Member


class KnownDevice(models.Model):
    """A browser in which a member signed in before. It keeps the key; here is only its hash."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="known_devices")
    key_hash = models.CharField(max_length=64)
    first_seen_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("known device")
        verbose_name_plural = _("known devices")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["member", "key_hash"], name="device_known_once"),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.first_seen_at:%Y-%m-%d}"


class AddressChange(models.Model):
    """A new address that counts once a code from each of the two mailboxes was entered."""

    member = models.OneToOneField(
        Member, on_delete=models.CASCADE, primary_key=True, related_name="address_change"
    )
    new_address = models.EmailField()
    old_code_hash = models.CharField(max_length=64)
    new_code_hash = models.CharField(max_length=64)
    old_confirmed_at = models.DateTimeField(null=True, blank=True)
    new_confirmed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)  # wrong codes so far
    asked_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("change of address")
        verbose_name_plural = _("changes of address")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.member}: {self.asked_at:%Y-%m-%d}"
