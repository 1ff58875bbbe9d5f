"""Who a person is, and until when the films are open to them."""

from datetime import datetime
from typing import Any, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.history import HistoryOfChanges


class MemberManager(BaseUserManager["Member"]):
    """Makes members. The e-mail address is what they sign in with; there is no user name."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Member":
        member = self.model(email=self.normalize_email(email), **fields)
        member.set_password(password)
        member.save(using=self._db)
        return member

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "Member":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str | None) -> "Member":
        return self.get(email__iexact=email)


class Member(AbstractBaseUser, PermissionsMixin):
    """A person with an account."""

    email = models.EmailField(_("e-mail address"), unique=True)
    display_name = models.CharField(
        _("display name"), max_length=40, help_text=_("What others see beside your comments.")
    )
    avatar = models.ImageField(_("picture"), upload_to="avatars", blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    is_staff = models.BooleanField(
        _("staff"), default=False, help_text=_("May sign in to the studio's administration.")
    )
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Take this away instead of deleting an account.")
    )
    date_joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)

    # History rows copy every column of a row; the hash of a password is not theirs to keep.
    history = HistoryOfChanges(
        excluded_fields=["password", "last_login", "avatar"], m2m_fields=["groups"]
    )

    objects = MemberManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["display_name"]

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_member_per_address"),
        ]

    def __str__(self) -> str:
        return self.display_name

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name


class MembershipQuerySet(models.QuerySet["Membership"]):
    def running(self, at: datetime | None = None) -> Self:
        """Those that open the films at a moment (now): start ≤ moment < end, or no end."""
        at = at or timezone.now()
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at), starts_at__lte=at)


class Membership(models.Model):
    """A stretch of time in which a member may watch every film."""

    class Source(models.TextChoices):
        TRIAL = "trial", _("Trial")
        CURATOR = "curator", _("Given by the studio")
        PAYMENT = "payment", _("Payment")

    member = models.ForeignKey(
        Member, verbose_name=_("member"), on_delete=models.CASCADE, related_name="memberships"
    )
    starts_at = models.DateTimeField(_("starts"), default=timezone.now)
    ends_at = models.DateTimeField(
        _("ends"), null=True, blank=True, help_text=_("Empty: until somebody ends it.")
    )
    source = models.CharField(_("source"), max_length=10, choices=Source, default=Source.CURATOR)
    note = models.CharField(_("note"), max_length=200, blank=True)

    history = HistoricalRecords()
    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="membership_ends_after_it_starts",
                violation_error_message=_("A membership ends after it starts."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()} · {self.starts_at:%Y-%m-%d}"


class TrialTaken(models.Model):
    """Remembers that an address had its trial, without keeping the address.

    Outlives the account, so that signing up again does not start another trial.
    """

    address_hash = models.CharField(max_length=64, unique=True)
    taken_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("trial taken")
        verbose_name_plural = _("trials taken")

    def __str__(self) -> str:
        return f"{self.taken_at:%Y-%m-%d}"
