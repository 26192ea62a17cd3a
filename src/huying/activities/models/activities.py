"""Activities, who hosts them, when they take place, and the places to take in them."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, IntegerRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q

from huying.activities.models.data import ActivityKind, Theme
from huying.activities.states import STEP_TO_CONFIRM_HOURS, WHOLE, ActivityState, SessionState, Side
from huying.kernel import chance, clock


class Activity(models.Model):
    """Something people are invited to: once, on several days, or in a rhythm (``rrule``, RFC 5545, from ``first_at`` on,
    each ``length`` long).

    ``place`` is whose activity it is: its keepers run it, and the listing finds it there. A template is a draft that
    is only copied. ``sequence`` rises with every change that calendars must hear of.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    kind = models.ForeignKey(ActivityKind, models.PROTECT, related_name="activities")
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="activities")
    title = models.CharField(max_length=60)
    summary = models.CharField(max_length=120, blank=True)
    about = models.TextField(max_length=3000, blank=True)
    programme = models.TextField(max_length=1000, blank=True, help_text="one item a line")
    audience = models.CharField(max_length=80, blank=True)
    bring = models.CharField(max_length=200, blank=True)
    risks = models.CharField(max_length=300, blank=True)
    guarantees = models.CharField(max_length=300, blank=True)
    contact_name = models.CharField(max_length=40)
    contact_phone = models.CharField(max_length=40, blank=True)
    age_from = models.PositiveSmallIntegerField(null=True, blank=True)
    age_to = models.PositiveSmallIntegerField(null=True, blank=True)
    venue = models.ForeignKey("places.Place", models.PROTECT, null=True, blank=True, related_name="+")
    where = models.CharField(max_length=120, blank=True)
    themes = models.ManyToManyField(Theme, related_name="activities", blank=True)
    chosen_themes = models.ManyToManyField(Theme, related_name="+", blank=True)
    rrule = models.CharField(max_length=300, blank=True)
    first_at = models.DateTimeField(null=True)
    length = models.DurationField(null=True)
    needs_sign_up = models.BooleanField(default=True)
    takes_groups = models.BooleanField(default=False)
    closes_minutes = models.PositiveIntegerField(default=0)
    confirm_hours = models.PositiveSmallIntegerField(default=STEP_TO_CONFIRM_HOURS)
    is_template = models.BooleanField(default=False)
    copied_from = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="copies")
    state = models.CharField(max_length=10, choices=ActivityState.choices, default=ActivityState.DRAFT)
    reason = models.CharField(max_length=200, blank=True)
    sequence = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)
    published_at = models.DateTimeField(null=True)
    search_text = models.TextField(blank=True)
    search_terms = ArrayField(models.CharField(max_length=2), default=list)

    class Meta:
        indexes = [
            GinIndex(fields=["search_terms"], name="activity_search"),
            models.Index(fields=["place", "state"], name="activity_place"),
            models.Index(fields=["-changed_at", "-id"], name="activity_changed"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="activity_title_given"),
            models.CheckConstraint(condition=Q(state__in=ActivityState.values), name="activity_state_known"),
            models.CheckConstraint(
                condition=~Q(state__in=["published", "ended"]) | Q(published_at__isnull=False, is_template=False),
                name="activity_published_when",
            ),
            models.CheckConstraint(
                condition=Q(age_from__isnull=True) | Q(age_to__isnull=True) | Q(age_from__lte=F("age_to")),
                name="activity_ages_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class PartRange(Func):
    """A slice of the whole credit as a half-open range."""

    function = "INT4RANGE"
    output_field = IntegerRangeField()


class Party(models.Model):
    """A unit or team that hosts, organises or joins in, with its share of the credit (S0-5.1, S1-5.1).

    The share is a slice [part_from, part_to) of 10 000 parts: slices of one activity never overlap, so the database
    never holds more than 100 %; the action fills it exactly.
    """

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="parties")
    side = models.CharField(max_length=10, choices=Side.choices)
    name = models.CharField(max_length=80)
    place = models.ForeignKey("places.Place", models.PROTECT, null=True, blank=True, related_name="+")
    team = models.ForeignKey("volunteers.Team", models.PROTECT, null=True, blank=True, related_name="parties")
    part_from = models.PositiveIntegerField()
    part_to = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(part_from__lte=F("part_to"), part_to__lte=WHOLE), name="party_share_within_whole"
            ),
            ExclusionConstraint(
                name="party_shares_apart",
                expressions=[
                    ("activity", RangeOperators.EQUAL),
                    (PartRange("part_from", "part_to"), RangeOperators.OVERLAPS),
                ],
            ),
            models.UniqueConstraint(fields=["activity", "name"], name="party_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def share(self) -> int:
        """Hundredths of a per cent."""
        return self.part_to - self.part_from


class ActivityRole(models.Model):
    """What one can be in an activity: guest, helper at the gate, driver; how many, and what they must be able to do.

    ``category``: what kind of service it is, and so whether a child-protection check or insurance is needed.
    """

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="roles")
    name = models.CharField(max_length=30)
    about = models.CharField(max_length=120, blank=True)
    capacity = models.PositiveIntegerField()
    is_volunteer = models.BooleanField(default=False, help_text="serves, so hours are recorded")
    category = models.ForeignKey("volunteers.ServiceCategory", models.PROTECT, null=True, blank=True, related_name="+")
    skills = models.ManyToManyField("volunteers.Skill", related_name="+", blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["activity", "name"], name="role_name_once"),
            models.CheckConstraint(condition=Q(capacity__gte=1, capacity__lte=100_000), name="role_capacity"),
        ]

    def __str__(self) -> str:
        return self.name


class Session(models.Model):
    """One time an activity takes place. ``original_at`` is when the rhythm had it, if it was moved (RECURRENCE-ID)."""

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    activity = models.ForeignKey(Activity, models.CASCADE, related_name="sessions")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    original_at = models.DateTimeField(null=True)
    venue = models.ForeignKey("places.Place", models.PROTECT, null=True, blank=True, related_name="+")
    where = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=10, choices=SessionState.choices, default=SessionState.PLANNED)
    reason = models.CharField(max_length=200, blank=True)
    sequence = models.PositiveIntegerField(default=0)
    held_at = models.DateTimeField(null=True)
    held_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["starts_at", "id"], name="actsession_starts"),
            models.Index(fields=["activity", "starts_at"], name="actsession_activity"),
            models.Index(fields=["state", "ends_at"], name="actsession_state"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="actsession_span"),
            models.CheckConstraint(condition=Q(state__in=SessionState.values), name="actsession_state_known"),
            models.UniqueConstraint(
                fields=["activity", "starts_at"], condition=~Q(state=SessionState.CANCELLED), name="actsession_once"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["held", "recorded"]) | Q(held_at__isnull=False), name="actsession_held_when"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.activity_id} {self.starts_at:%Y-%m-%d %H:%M}"


class Shift(models.Model):
    """The places of one role in one session. ``taken`` never passes ``capacity``: the database sees to it."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="shifts")
    role = models.ForeignKey(ActivityRole, models.PROTECT, related_name="shifts")
    capacity = models.PositiveIntegerField()
    taken = models.PositiveIntegerField(default=0)
    waiting = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "role"], name="shift_once"),
            models.CheckConstraint(condition=Q(taken__lte=F("capacity")), name="shift_not_overfilled"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.role_id} {self.taken}/{self.capacity}"

    @property
    def free(self) -> int:
        """Places that a newcomer gets at once; none while others stand in line."""
        return 0 if self.waiting else self.capacity - self.taken


class ActivityEvent(models.Model):
    """One step of an activity or of one of its sessions, without free text. Never changed, never deleted."""

    APPEND_ONLY = True

    activity = models.ForeignKey(Activity, models.PROTECT, related_name="events")
    session = models.ForeignKey(Session, models.PROTECT, null=True, related_name="events")
    at = models.DateTimeField()
    verb = models.CharField(max_length=20)
    person = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    facts = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["activity", "-id"], name="activityevent_activity")]

    def __str__(self) -> str:
        return f"{self.activity_id} {self.verb}"

    @property
    def reason(self) -> str:
        """What was written with the step; empty when nothing was, or when it was taken away with its person."""
        words: ActivityNote | None = getattr(self, "words", None)
        return words.text if words else ""


class ActivityNote(models.Model):
    """The words of one step, beside the history so that they can go when somebody is forgotten (decision 0012)."""

    REMOVE_ONLY = True

    event = models.OneToOneField(ActivityEvent, models.PROTECT, related_name="words")
    text = models.CharField(max_length=200)

    def __str__(self) -> str:
        return f"{self.event_id}"
