"""A call, its history, who was asked, and what was said."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce

from huying.calls.models.menu import HelperAge, HelperSex, ServiceKind
from huying.calls.states import (
    ENDED_STATES,
    Channel,
    Excuse,
    Level,
    OfferState,
    ReachedBy,
    Stage,
    State,
    Target,
)
from huying.kernel import chance
from huying.kernel.sealed import IndexField, SealedField

NO_CLOCK = Value(datetime(9999, 1, 1, tzinfo=UTC))
"""When calls without a running clock are due: after all others. The list orders by this very expression (index)."""
COUNTED = ("hand_back", "suspend", "reopen")  # steps that the shares of a report ask for (index)


class Call(models.Model):
    """A call for help, from ask to thanks."""

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    number = models.CharField(max_length=24, unique=True)
    kind = models.ForeignKey(ServiceKind, models.PROTECT, related_name="calls")
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="calls")
    requester = models.ForeignKey("people.Person", models.PROTECT, related_name="calls")
    asked_by = models.ForeignKey("people.Person", models.PROTECT, related_name="calls_asked")
    raised_for = models.ForeignKey(
        "places.Place", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )  # raised in the name of this place, not for a person; ``requester`` is who did it
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.WEB)
    door = models.ForeignKey("calls.DoorKey", models.PROTECT, null=True, blank=True, related_name="+")
    reached_by = models.CharField(max_length=10, choices=ReachedBy, default=ReachedBy.PHONE)
    told_at = models.DateTimeField(null=True)
    title = models.CharField(max_length=60)
    details = models.TextField(max_length=2000, blank=True)
    answers = models.JSONField(default=dict)
    address = SealedField(null=True, blank=True, shows=0)
    contact_phone = SealedField(null=True, blank=True)
    contact_index = IndexField(of="contact_phone", purpose="phone", max_length=32, null=True)
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    wanted_from = models.DateTimeField(null=True, blank=True)
    wanted_to = models.DateTimeField(null=True, blank=True)
    people_needed = models.PositiveSmallIntegerField(default=1)
    accepted_count = models.PositiveSmallIntegerField(default=0)
    urgent = models.BooleanField(default=False)
    language = models.ForeignKey(
        "volunteers.Language", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    helper_sex = models.CharField(max_length=8, choices=HelperSex, blank=True, default="", db_default="")
    helper_age = models.CharField(max_length=8, choices=HelperAge, blank=True, default="", db_default="")

    state = models.CharField(max_length=12, choices=State)
    level = models.CharField(max_length=8, choices=Level, default=Level.STATION)
    stage_started_at = models.DateTimeField()
    stage_due_at = models.DateTimeField(null=True)
    amber_at = models.DateTimeField(null=True)
    due_estimated = models.BooleanField(default=False)
    overdue = models.BooleanField(default=False)
    lift_at = models.DateTimeField(null=True)
    urged_at = models.DateTimeField(null=True)
    waiting_since = models.DateTimeField(null=True)
    ring = models.PositiveSmallIntegerField(default=0, help_text="order of the ring that is asked, 0 before the first")
    ring_due_at = models.DateTimeField(null=True)
    held_stage = models.CharField(max_length=10, choices=Stage, blank=True)
    held_since = models.DateTimeField(null=True)
    paused_from = models.CharField(max_length=12, choices=State, blank=True)
    scheduled_at = models.DateTimeField(null=True)
    transferred_to = models.CharField(max_length=10, choices=Target, blank=True)
    duplicate_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="duplicates")
    reopened_count = models.PositiveSmallIntegerField(default=0)
    needs_callback = models.BooleanField(default=False)

    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    rated_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    score = models.PositiveSmallIntegerField(null=True)
    solved = models.BooleanField(null=True)
    comment = models.CharField(max_length=300, blank=True)
    rated_by_proxy = models.BooleanField(default=False)

    search_text = models.TextField(blank=True)
    search_terms = ArrayField(models.CharField(max_length=2), default=list)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(score__isnull=True) | Q(score__gte=1, score__lte=5), name="call_score"),
            models.CheckConstraint(condition=Q(reopened_count__lte=2), name="call_reopened_twice"),
            models.CheckConstraint(condition=Q(accepted_count__lte=F("people_needed")), name="call_not_overfilled"),
            models.CheckConstraint(condition=Q(people_needed__gte=1), name="call_people_needed"),
            models.CheckConstraint(
                condition=Q(wanted_from__isnull=True) | Q(wanted_to__isnull=True) | Q(wanted_to__gt=F("wanted_from")),
                name="call_wanted_span",
            ),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in State]), name="call_state_known"),
            models.CheckConstraint(condition=Q(helper_sex__in=["", *HelperSex.values]), name="call_helper_sex"),
            models.CheckConstraint(condition=Q(helper_age__in=["", *HelperAge.values]), name="call_helper_age"),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(s.value for s in ENDED_STATES)) | Q(ended_at__isnull=False),
                name="call_ended_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.TRANSFERRED) | ~Q(transferred_to=""), name="call_transferred_where"
            ),
            models.CheckConstraint(condition=~Q(state=State.RATED) | Q(score__isnull=False), name="call_rated_score"),
            models.CheckConstraint(
                condition=Q(raised_for__isnull=True) | Q(score__isnull=True) | Q(rated_by_proxy=True),
                name="call_raised_rated_apart",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "stage_due_at", "id"], name="call_board"),
            models.Index(fields=["place", "state", "id"], include=["stage_due_at"], name="call_places"),
            models.Index(fields=["requester", "-id"], name="call_requester"),
            models.Index(fields=["contact_index", "-id"], name="call_contact"),
            models.Index(fields=["lift_at"], condition=Q(lift_at__isnull=False), name="call_lift"),
            models.Index(fields=["ring_due_at"], condition=Q(ring_due_at__isnull=False), name="call_ring"),
            models.Index(Coalesce("stage_due_at", NO_CLOCK), "id", name="call_due_first"),
            models.Index(fields=["ended_at"], condition=Q(ended_at__isnull=False), name="call_ended"),
            models.Index(fields=["submitted_at", "id"], name="call_submitted"),
            models.Index(fields=["asked_by", "-id"], condition=~Q(reached_by="phone"), name="call_to_tell"),
            models.Index(fields=["accepted_at"], condition=Q(accepted_at__isnull=False), name="call_accepted"),
            models.Index(fields=["delivered_at"], condition=Q(delivered_at__isnull=False), name="call_delivered"),
            models.Index(fields=["raised_for", "-id"], condition=Q(raised_for__isnull=False), name="call_raised"),
            GinIndex(fields=["search_terms"], name="call_search"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def limit_at(self) -> datetime | None:
        """The last moment at which those whom a place calls for are still of use; None without one, and for persons."""
        return self.wanted_to if self.raised_for_id is not None else None

    @property
    def asker(self) -> str:
        """Whose call it is: the person served, or the place that raised it."""
        return self.raised_for.name if self.raised_for else self.requester.name


class CallEvent(models.Model):
    """One step in the life of a call. Append-only: history is never edited."""

    APPEND_ONLY = True

    call = models.ForeignKey(Call, models.PROTECT, related_name="events")
    at = models.DateTimeField()
    verb = models.CharField(max_length=20)
    from_state = models.CharField(max_length=12, blank=True)
    to_state = models.CharField(max_length=12)
    person = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    on_behalf = models.BooleanField(default=False)
    facts = models.JSONField(default=dict)
    staff_only = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["call", "id"], name="call_event_call"),
            models.Index(fields=["verb", "call"], condition=Q(verb__in=COUNTED), name="call_event_counted"),
        ]

    def __str__(self) -> str:
        return f"{self.call_id} {self.verb}"

    @property
    def note(self) -> str:
        """What was written with the step; empty when nothing was, or when it was taken away with its person."""
        words: CallNote | None = getattr(self, "words", None)
        return words.text if words else ""


class CallNote(models.Model):
    """The words of one step, beside the history so that they can go when somebody is forgotten (decision 0012)."""

    REMOVE_ONLY = True

    event = models.OneToOneField(CallEvent, models.PROTECT, related_name="words")
    text = models.CharField(max_length=500)

    def __str__(self) -> str:
        return f"{self.event_id}"


class Offer(models.Model):
    """One helper or team asked to answer one call. Saying no needs no reason and costs nothing; a volunteer's no is kept
    as the silence that it may as well have been (decision 0021).

    ``seats``: how many people come with a yes. ``must_answer``: a unit on duty, who says no says why. ``remind_at``: the
    one who was asked wants to be asked again then. ``alone_until``: then somebody else is asked beside this volunteer,
    whatever he said; NULL once that was seen to. ``put_away``: he said no, which is told to nobody but himself and is wiped
    when the question ends by the clock, as it would have. ``arrived_at``, ``left_at``: in a call of many each has a time of his
    own, from his coming to his leaving.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    call = models.ForeignKey(Call, models.PROTECT, related_name="offers")
    volunteer = models.ForeignKey("volunteers.Volunteer", models.PROTECT, null=True, blank=True, related_name="offers")
    team = models.ForeignKey("volunteers.Team", models.PROTECT, null=True, blank=True, related_name="offers")
    state = models.CharField(max_length=12, choices=OfferState, default=OfferState.OFFERED)
    offered_at = models.DateTimeField()
    offered_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    answer_due_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    seats = models.PositiveSmallIntegerField(default=1)
    must_answer = models.BooleanField(default=False)
    remind_at = models.DateTimeField(null=True)
    alone_until = models.DateTimeField(null=True)
    put_away = models.BooleanField(default=False, db_default=False)
    arrived_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    excuse = models.CharField(max_length=10, choices=Excuse, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(seats__gte=1), name="offer_seats"),
            models.CheckConstraint(
                condition=Q(volunteer__isnull=False, team__isnull=True) | Q(volunteer__isnull=True, team__isnull=False),
                name="offer_to_one",
            ),
            models.UniqueConstraint(
                fields=["call", "volunteer"],
                condition=Q(state__in=["offered", "accepted"]),
                name="offer_volunteer_once",
            ),
            models.UniqueConstraint(
                fields=["call", "team"], condition=Q(state__in=["offered", "accepted"]), name="offer_team_once"
            ),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True) | Q(arrived_at__isnull=False, left_at__gte=F("arrived_at")),
                name="offer_left_after_coming",
            ),
            models.CheckConstraint(condition=Q(excuse="") | Q(team__isnull=False), name="offer_excuse_of_team"),
            models.CheckConstraint(
                condition=Q(put_away=False) | Q(state="offered", volunteer__isnull=False), name="offer_no_is_wiped"
            ),
        ]
        indexes = [
            models.Index(fields=["volunteer", "state", "-id"], name="offer_volunteer"),
            models.Index(fields=["team", "state", "-id"], name="offer_team"),
            models.Index(fields=["answer_due_at"], condition=Q(state="offered"), name="offer_due"),
            models.Index(
                fields=["alone_until"], condition=Q(state="offered", alone_until__isnull=False), name="offer_alone"
            ),
            models.Index(fields=["remind_at"], condition=Q(remind_at__isnull=False), name="offer_remind"),
        ]

    def __str__(self) -> str:
        return f"{self.call_id} → {self.volunteer or self.team}"


class CallMessage(models.Model):
    """A short word between the person served, the helper and the staff of one call.

    It is never changed; it goes when the one served or the one who wrote it is forgotten (decision 0012).
    """

    REMOVE_ONLY = True

    call = models.ForeignKey(Call, models.PROTECT, related_name="messages")
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    side = models.CharField(max_length=10)
    text = models.CharField(max_length=500)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["call", "id"], name="call_message_call")]

    def __str__(self) -> str:
        return self.text[:40]
