from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from huying.kernel import chance, clock
from huying.kernel.sealed import IndexField, SealedField
from huying.people.states import Sex, Tie


class Household(models.Model):
    """People who live together at one place."""

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["place", "id"], name="household_place")]

    def __str__(self) -> str:
        return str(self.public_id)


class Person(models.Model):
    """Somebody the place knows: with or without an account, served or serving.

    Phone, identity number and address are sealed; ``phone_index`` and ``id_index`` are keyed hashes that find
    a row by the exact value and by nothing else. After erasure the row stays as a number without a face. So does a
    double that was merged into another person: it leads there, and stands where history cannot be changed.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    name = models.CharField(_("姓名"), max_length=50)
    sex = models.CharField(_("性别"), max_length=8, choices=Sex.choices, default=Sex.UNKNOWN, blank=True)
    birth_date = models.DateField(_("出生日期"), null=True, blank=True)
    phone = SealedField(null=True, blank=True)
    phone_index = IndexField(of="phone", purpose="phone", max_length=32, null=True, db_index=True)
    id_number = SealedField(null=True, blank=True)
    id_index = IndexField(of="id_number", purpose="id_number", max_length=32, null=True)
    address = SealedField(shows=0, null=True, blank=True)
    home_place = models.ForeignKey("places.Place", models.PROTECT, null=True, blank=True, related_name="+")
    household = models.ForeignKey(Household, models.SET_NULL, null=True, blank=True, related_name="members")
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    preferences = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    created_by = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    erased_at = models.DateTimeField(null=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="doubles")
    sort_key = models.CharField(max_length=200, blank=True)
    search_text = models.TextField(blank=True)
    search_terms = ArrayField(models.CharField(max_length=2), default=list, blank=True)

    class Meta:
        indexes = [
            GinIndex(fields=["search_terms"], name="person_search"),
            models.Index(fields=["home_place", "sort_key", "id"], name="person_home"),
            models.Index(fields=["sort_key", "id"], name="person_sort"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["id_index"], name="person_id_once"),
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True)
                | Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90),
                name="person_position",
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True)
                | Q(
                    phone__isnull=True,
                    phone_index__isnull=True,
                    id_number__isnull=True,
                    id_index__isnull=True,
                    address__isnull=True,
                    birth_date__isnull=True,
                    household__isnull=True,
                    lon__isnull=True,
                    search_text="",
                ),
                name="person_erased_is_empty",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | (Q(erased_at__isnull=False) & ~Q(merged_into=F("id"))),
                name="person_merged_is_empty",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Guardianship(models.Model):
    """One person may act for another: a guardian for a child, a family member who was entrusted by an adult.

    ``proof`` says which papers staff saw when they wrote the tie down.
    A guardian not known here yet is kept as a sealed phone number until somebody with that number confirms.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    ward = models.ForeignKey(Person, models.CASCADE, related_name="guardianships")
    guardian = models.ForeignKey(Person, models.CASCADE, null=True, related_name="wards")
    tie = models.CharField(max_length=12, choices=Tie.choices)
    contact = SealedField(null=True, blank=True)
    contact_index = IndexField(of="contact", purpose="phone", max_length=32, null=True, db_index=True)
    proof = models.CharField(max_length=200, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["guardian", "ward"], name="guardianship_pair")]
        constraints = [
            models.UniqueConstraint(
                fields=["ward", "guardian"], condition=Q(ends_at__isnull=True), name="guardianship_once"
            ),
            models.CheckConstraint(
                condition=Q(guardian__isnull=True) | ~Q(guardian=F("ward")), name="guardianship_of_another"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")), name="guardianship_span"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | Q(guardian__isnull=False),
                name="guardianship_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.guardian_id or '?'} → {self.ward_id}"
