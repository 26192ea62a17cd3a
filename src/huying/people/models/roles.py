from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from huying.kernel import chance
from huying.people.models.persons import Person
from huying.people.states import SEPARATED, TWO_PEOPLE, Proposal, RoleKind


class Span(Func):
    """The half-open time range of a role."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class Role(models.Model):
    """Somebody is something at a place, from one moment until before another; it reaches the whole subtree.

    The database itself refuses: the same role twice at once, two of the three administrations in one hand,
    a role that somebody gave to himself, an administration that one person alone gave, a loan without an end.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="roles")
    kind = models.CharField(max_length=20, choices=RoleKind.choices)
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="roles")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    granted_at = models.DateTimeField()
    granted_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    seconded_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    delegated_from = models.ForeignKey("self", models.PROTECT, null=True, related_name="loans")

    class Meta:
        indexes = [
            models.Index(fields=["person", "ends_at"], name="role_person"),
            models.Index(fields=["place", "kind"], name="role_place"),
        ]
        constraints = [
            ExclusionConstraint(
                name="role_once_at_a_time",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    ("place", RangeOperators.EQUAL),
                    (Span("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
            ),
            ExclusionConstraint(
                name="role_administrations_apart",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("kind", RangeOperators.NOT_EQUAL),
                    (Span("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
                condition=Q(kind__in=[kind.value for kind in SEPARATED]),
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")), name="role_span"
            ),
            models.CheckConstraint(
                condition=Q(granted_by__isnull=True) | ~Q(granted_by=F("person")), name="role_not_to_oneself"
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=[kind.value for kind in TWO_PEOPLE])
                | Q(granted_by__isnull=True)
                | (Q(seconded_by__isnull=False) & ~Q(seconded_by=F("granted_by")) & ~Q(seconded_by=F("person"))),
                name="role_of_two_people",
            ),
            models.CheckConstraint(
                condition=Q(delegated_from__isnull=True) | Q(ends_at__isnull=False), name="role_loan_ends"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.kind} {self.place_id}"


class RoleProposal(models.Model):
    """One person proposes to give or to end a two-person role; another agrees or not."""

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=RoleKind.choices)
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    ends_role = models.ForeignKey(Role, models.CASCADE, null=True, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200)
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=Proposal.choices, default=Proposal.WAITING)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["state", "place"], name="proposal_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "place"], condition=Q(state="waiting"), name="proposal_once"
            ),
            models.CheckConstraint(condition=~Q(proposed_by=F("person")), name="proposal_not_for_oneself"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | (~Q(decided_by=F("proposed_by")) & ~Q(decided_by=F("person"))),
                name="proposal_of_two_people",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at__isnull=True, decided_by__isnull=True)
                | (~Q(state="waiting") & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="proposal_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.kind} {self.state}"
