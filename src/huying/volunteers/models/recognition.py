"""What service is recognised by: stars from a table, and certificates that anybody can check."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from huying.kernel import chance


class StarLevel(models.Model):
    """From how many confirmed minutes on how many stars. Rows with a first day: tables differ from place to place.

    The national practice is 100, 300, 600, 1000 and 1500 hours (domain 2.1). ``valid_from`` begins a whole new table.
    """

    stars = models.PositiveSmallIntegerField()
    over_minutes = models.PositiveIntegerField()
    valid_from = models.DateField()
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["valid_from", "stars"], name="starlevel_once"),
            models.CheckConstraint(condition=Q(stars__gte=1, stars__lte=10), name="starlevel_stars"),
        ]

    def __str__(self) -> str:
        return f"{self.stars} ★ > {self.over_minutes}"


class CertificateCounter(models.Model):
    """One row: the serial number given last. It is locked until the certificate is there, so that no number is lost."""

    last = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.last)


class Certificate(models.Model):
    """服务记录证明 over a period (志愿服务条例 art. 19, 民政部令第67号 art. 15-17): free, for the volunteer himself.

    ``serial`` counts up without a gap in this installation (see CertificateCounter). ``records`` is what it rests on at
    that moment: [{"id", "version", "minutes", "evidence"}]; ``code`` is printed and checked by anybody. No name is kept
    here: it is drawn from the person, and gone when he is erased.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    code = models.CharField(max_length=24, unique=True)
    serial = models.PositiveBigIntegerField(null=True, unique=True, editable=False)
    volunteer = models.ForeignKey("volunteers.Volunteer", models.PROTECT, related_name="certificates")
    issuer = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    issuer_name = models.CharField(max_length=120)
    since = models.DateField()
    until = models.DateField()
    minutes = models.PositiveIntegerField()
    stars = models.PositiveSmallIntegerField(default=0)
    records = models.JSONField()
    issued_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey("people.Person", models.PROTECT, null=True, blank=True, related_name="+")
    revoked_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["volunteer", "-id"], name="certificate_of_volunteer")]
        constraints = [
            models.CheckConstraint(condition=Q(minutes__gt=0), name="certificate_minutes"),
            models.CheckConstraint(condition=Q(until__gte=models.F("since")), name="certificate_period"),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False) & ~Q(revoked_reason=""),
                name="certificate_revoked_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def numbered(self) -> str:
        """The serial number as it is printed; empty before it has one."""
        return f"{self.serial:08d}" if self.serial else ""


class CertificatePrint(models.Model):
    """A PDF of a certificate that was handed out, by its SHA-256: anybody who holds a file can ask whether it is ours."""

    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="prints")
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["certificate", "sha256"], name="certificateprint_once")]

    def __str__(self) -> str:
        return self.sha256
