"""Packs and their versions, where they are on, and what of them lies in the tables of other rooms."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from huying.kernel import chance, clock
from huying.packs.states import AT_PLACES, LOADED, Status
from huying.places.models import Place

NAME = r"^[a-z][a-z0-9_]*$"
KEPT_AT_PLACES = (*AT_PLACES, "switches")


class Pack(models.Model):
    """A mechanism under the name of the place that wrote it: ``longyan.m14363``. Its newest version is the one in force."""

    namespace = models.CharField(max_length=12)
    code = models.CharField(max_length=30)
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["namespace", "code"], name="pack_once"),
            models.CheckConstraint(condition=Q(namespace__regex=NAME, code__regex=NAME), name="pack_name_shape"),
            models.CheckConstraint(condition=~Q(namespace="platform"), name="pack_not_the_platform"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def key(self) -> str:
        return f"{self.namespace}.{self.code}"


class PackVersion(models.Model):
    """One version as it was loaded: ``body`` in canonical form, ``checksum`` its SHA-256. Never changed."""

    APPEND_ONLY = True

    pack = models.ForeignKey(Pack, models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=80, blank=True)
    status = models.CharField(max_length=4, choices=Status)
    body = models.JSONField()
    checksum = models.CharField(max_length=71)
    signed = models.BooleanField(default=False, help_text="the file carried its checksum, and it was true")
    loaded_by = models.BigIntegerField(null=True)
    loaded_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pack", "version"], name="packversion_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="packversion_from_one"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="packversion_status_known"),
            models.CheckConstraint(condition=Q(checksum__regex=r"^sha256:[0-9a-f]{64}$"), name="packversion_checksum"),
        ]

    def __str__(self) -> str:
        return f"{self.pack} {self.version}"


class Switch(models.Model):
    """That a version is, or was, on at a place: who, from when, until which day. A newer version closes one and opens another."""

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    pack = models.ForeignKey(Pack, models.PROTECT, related_name="switches")
    version = models.ForeignKey(PackVersion, models.PROTECT, related_name="+")
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    until = models.DateField(null=True, blank=True)
    on_at = models.DateTimeField(default=clock.now)
    on_by = models.BigIntegerField(null=True)
    off_at = models.DateTimeField(null=True)
    off_by = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["place", "off_at"], name="switch_place")]
        constraints = [
            models.UniqueConstraint(fields=["pack", "place"], condition=Q(off_at__isnull=True), name="switch_on_once"),
            models.CheckConstraint(
                condition=Q(off_at__isnull=True) | Q(off_at__gte=F("on_at")), name="switch_times_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pack_id} {self.place_id}"


class Installed(models.Model):
    """A row of another room that a pack brought along: its code in the file and the code it is stored under."""

    pack = models.ForeignKey(Pack, models.PROTECT, related_name="installed")
    kind = models.CharField(max_length=20)
    code = models.CharField(max_length=30)
    key = models.CharField(max_length=60)
    retired = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="installed_once"),
            models.UniqueConstraint(fields=["pack", "kind", "code"], name="installed_code_once"),
            models.CheckConstraint(condition=Q(kind__in=LOADED), name="installed_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Kept(models.Model):
    """What a pack holds at one place: the key of a plan, of rings, of a template, a standard or a drafted rule book."""

    pack = models.ForeignKey(Pack, models.PROTECT, related_name="kept")
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    code = models.CharField(max_length=30)
    key = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pack", "place", "kind", "code"], name="kept_once"),
            models.CheckConstraint(condition=Q(kind__in=KEPT_AT_PLACES), name="kept_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.code} {self.place_id}"
