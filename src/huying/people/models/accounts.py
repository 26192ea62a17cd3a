from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from huying.kernel import chance, clock
from huying.kernel.sealed import IndexField, SealedField
from huying.people.models.persons import Person


class Account(AbstractBaseUser):
    """The key of one person's door: a user name, or the phone number found by its keyed hash, and a password.

    Nothing here says what the person may do; that is only in ``Role``.
    """

    username = models.CharField(max_length=40, unique=True)
    person = models.OneToOneField(Person, models.CASCADE, related_name="account")
    phone_index = IndexField(of="person.phone", purpose="phone", max_length=32, null=True, unique=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)
    password_changed_at = models.DateTimeField(null=True)

    USERNAME_FIELD = "username"
    objects = BaseUserManager()
    heard: tuple[str, str] | None = None
    """The path of the home and the stamp of the words on screens, when read with the account (queries.accounts)."""

    def __str__(self) -> str:
        return self.username


class SecondFactor(models.Model):
    """A time-based code generator (RFC 6238). ``last_step`` is the last time step used: a code works once."""

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    account = models.OneToOneField(Account, models.CASCADE, related_name="second_factor")
    secret = SealedField(shows=0)
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.account_id}"


class RecoveryCode(models.Model):
    """One of ten codes on paper for the day the telephone is lost; kept as a keyed hash, used once."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="recovery_codes")
    digest = IndexField(max_length=32)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "digest"], name="recovery_code_once")]

    def __str__(self) -> str:
        return f"{self.account_id}"


class ExternalIdentity(models.Model):
    """The same person at an outside sign-in service (OpenID Connect): issuer and subject, nothing else."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="external_identities")
    issuer = models.CharField(max_length=200)
    subject = models.CharField(max_length=255)
    linked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="external_identity_once")]

    def __str__(self) -> str:
        return f"{self.issuer} {self.account_id}"


class SignIn(models.Model):
    """One open session, so that its owner can see and end it."""

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, unique=True)
    way = models.CharField(max_length=12)
    second_factor = models.BooleanField(default=False)
    address = models.GenericIPAddressField(null=True)
    device = models.CharField(max_length=80, blank=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["account", "seen_at"], name="sign_in_account")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.started_at:%Y-%m-%d %H:%M}"
