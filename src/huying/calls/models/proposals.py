"""Who could answer which call, weighed for all open calls at once, before somebody confirms it."""

from __future__ import annotations

from django.db import models
from django.db.models import Case, F, IntegerField, Q, Value, When
from django.db.models.functions import Coalesce

from huying.calls.models.calls import Call
from huying.calls.states import (
    LIVE_PROPOSALS,
    LineState,
    ProposalState,
)
from huying.kernel import chance

NOT_SENT = Coalesce(Case(When(state="stale", then=Value(1)), default=Value(0), output_field=IntegerField()), Value(0))
"""1 for lines that could not be sent: they stand first. The page of a proposal orders by this very expression (index)."""


class Proposal(models.Model):
    """Who could take which of all open calls of a place, all weighed at once; nothing happens before somebody confirms.

    ``figures``: calls, helpers, seats, total and bound (metres, the proof of how good it is), ``settled`` once it was sent: how
    many lines are of each state.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=ProposalState, default=ProposalState.MAKING)
    asked_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    turn = models.PositiveSmallIntegerField(default=1)
    made_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    figures = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["place"], condition=Q(state__in=sorted(LIVE_PROPOSALS)), name="proposal_one_at_a_place"
            ),
            models.CheckConstraint(condition=Q(state__in=ProposalState.values), name="proposal_state_known"),
        ]
        indexes = [models.Index(fields=["place", "-id"], name="proposal_place")]

    def __str__(self) -> str:
        return f"{self.place_id} {self.asked_at:%Y-%m-%d %H:%M}"


class ProposalLine(models.Model):
    """One helper or team for one call. ``km`` straight line, ``held`` calls in hand then, ``knows``: helped before,
    ``seats``: how many people a team would send, ``urgent``: the call was, when it was weighed.

    Found by way of its proposal only, and written by the ten thousand: no index for each key, and calls and helpers,
    which are never deleted, are not looked up again one by one when all is committed. (Confirming makes offers of lines,
    whose keys the database does hold.)
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="lines", db_index=False)
    call = models.ForeignKey(Call, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    volunteer = models.ForeignKey(
        "volunteers.Volunteer", models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    team = models.ForeignKey(
        "volunteers.Team", models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    state = models.CharField(max_length=8, choices=LineState, default=LineState.PROPOSED)
    cost = models.PositiveIntegerField(default=0)
    km = models.FloatField(null=True)
    held = models.PositiveSmallIntegerField(default=0)
    knows = models.BooleanField(default=False)
    seats = models.PositiveSmallIntegerField(default=1, db_default=1)
    urgent = models.BooleanField(default=False, db_default=False)
    by_hand = models.BooleanField(default=False)
    trouble = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(volunteer__isnull=False, team__isnull=True) | Q(volunteer__isnull=True, team__isnull=False),
                name="line_to_one",
            ),
            models.CheckConstraint(condition=Q(seats=1) | Q(seats__gt=1, team__isnull=False), name="line_seats"),
            models.UniqueConstraint(
                fields=["proposal", "volunteer"], condition=~Q(state="dropped"), name="line_volunteer_once"
            ),
        ]
        indexes = [
            models.Index(fields=["proposal", "call"], name="line_proposal_call"),
            models.Index(F("proposal"), NOT_SENT, F("urgent"), F("call"), F("id"), name="line_shown"),
        ]

    def __str__(self) -> str:
        return f"{self.call_id} → {self.volunteer_id or self.team_id}"


class ProposalGap(models.Model):
    """Seats of a call that nobody can take: the rule that binds, how many people passed each question, and who could come
    if what gave way.
    """

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="gaps")
    call = models.ForeignKey(Call, models.PROTECT, related_name="+")
    empty = models.PositiveSmallIntegerField()
    lack = models.CharField(max_length=12)
    people = models.JSONField(default=dict)
    volunteer = models.ForeignKey("volunteers.Volunteer", models.PROTECT, null=True, related_name="+")
    team = models.ForeignKey("volunteers.Team", models.PROTECT, null=True, related_name="+")
    bends = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["proposal", "call"], name="gap_proposal_call")]

    def __str__(self) -> str:
        return f"{self.call_id} {self.lack}"
