from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce

from huying.calls.states import ENDED_STATES, Channel, Excuse, Level, OfferState, Outcome, Stage, State, Target
from huying.kernel import chance
from huying.kernel.sealed import IndexField, SealedField

NO_CLOCK = Value(datetime(9999, 1, 1, tzinfo=UTC))
"""When calls without a running clock are due: after all others. The list orders by this very expression (index)."""
COUNTED = ("hand_back", "suspend", "reopen")  # steps that the shares of a report ask for (index)


class ServiceKind(models.Model):
    """One line of the service menu: what is asked, who may answer, how many, how fast.

    ``category``: what kind of service it is, and so whether a child-protection check or insurance is needed.
    """

    class AnsweredBy(models.TextChoices):
        VOLUNTEER = "volunteer"
        TEAM = "team"
        EITHER = "either"

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=20)
    name_en = models.CharField(max_length=40, blank=True)
    summary = models.CharField(max_length=120)
    summary_en = models.CharField(max_length=200, blank=True)
    icon = models.CharField(max_length=60)
    tone = models.CharField(max_length=10)
    example = models.CharField(max_length=120, blank=True)
    example_en = models.CharField(max_length=200, blank=True)
    questions = models.JSONField(default=list)
    skills = models.ManyToManyField("volunteers.Skill", blank=True, related_name="+")
    category = models.ForeignKey("volunteers.ServiceCategory", models.PROTECT, null=True, blank=True, related_name="+")
    people_needed = models.PositiveSmallIntegerField(default=1)
    answered_by = models.CharField(max_length=10, choices=AnsweredBy, default=AnsweredBy.EITHER)
    visit = models.BooleanField(default=True, help_text="helpers come to an address")
    urgent = models.BooleanField(default=False)
    emergency = models.CharField(max_length=40, blank=True, help_text="numbers shown first, e.g. 120 110")
    order = models.PositiveSmallIntegerField(default=100)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(people_needed__gte=1, people_needed__lte=500), name="kind_people_needed")
        ]

    def __str__(self) -> str:
        return self.name


class Clock(models.Model):
    """How long a stage may take; the row with no kind is the rule for all. Minutes of office hours, of the site's own
    hours, or of natural time.
    """

    class Mode(models.TextChoices):
        WORKING = "working"
        SITE = "site"
        NATURAL = "natural"

    kind = models.ForeignKey(ServiceKind, models.CASCADE, null=True, blank=True, related_name="clocks")
    stage = models.CharField(max_length=10, choices=Stage)
    urgent = models.BooleanField(default=False)
    minutes = models.PositiveIntegerField()
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.WORKING)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "stage", "urgent"], nulls_distinct=False, name="clock_once"),
            models.CheckConstraint(condition=Q(minutes__gte=1, minutes__lte=60 * 24 * 366), name="clock_minutes"),
        ]

    def __str__(self) -> str:
        return f"{self.kind or '*'} {self.stage} {self.minutes} min"


class Call(models.Model):
    """A call for help, from ask to thanks."""

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    number = models.CharField(max_length=24, unique=True)
    kind = models.ForeignKey(ServiceKind, models.PROTECT, related_name="calls")
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="calls")
    requester = models.ForeignKey("people.Person", models.PROTECT, related_name="calls")
    asked_by = models.ForeignKey("people.Person", models.PROTECT, related_name="calls_asked")
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.WEB)
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
            models.CheckConstraint(
                condition=~Q(state__in=sorted(s.value for s in ENDED_STATES)) | Q(ended_at__isnull=False),
                name="call_ended_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.TRANSFERRED) | ~Q(transferred_to=""), name="call_transferred_where"
            ),
            models.CheckConstraint(condition=~Q(state=State.RATED) | Q(score__isnull=False), name="call_rated_score"),
        ]
        indexes = [
            models.Index(fields=["state", "stage_due_at", "id"], name="call_board"),
            models.Index(fields=["place", "state", "id"], include=["stage_due_at"], name="call_places"),
            models.Index(fields=["requester", "-id"], name="call_requester"),
            models.Index(fields=["contact_index", "-id"], name="call_contact"),
            models.Index(fields=["lift_at"], condition=Q(lift_at__isnull=False), name="call_lift"),
            models.Index(Coalesce("stage_due_at", NO_CLOCK), "id", name="call_due_first"),
            models.Index(fields=["ended_at"], condition=Q(ended_at__isnull=False), name="call_ended"),
            models.Index(fields=["accepted_at"], condition=Q(accepted_at__isnull=False), name="call_accepted"),
            GinIndex(fields=["search_terms"], name="call_search"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


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
    """One helper or team asked to answer one call. Saying no needs no reason and costs nothing."""

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
    excuse = models.CharField(max_length=10, choices=Excuse, blank=True)

    class Meta:
        constraints = [
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
            models.CheckConstraint(condition=Q(excuse="") | Q(team__isnull=False), name="offer_excuse_of_team"),
        ]
        indexes = [
            models.Index(fields=["volunteer", "state", "-id"], name="offer_volunteer"),
            models.Index(fields=["team", "state", "-id"], name="offer_team"),
            models.Index(fields=["answer_due_at"], condition=Q(state="offered"), name="offer_due"),
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


class LateStage(models.Model):
    """A stage of a call that lasted longer than its clock gave; written when the call leaves it. Append-only.

    Waiting for the person served to rate is no stage of ours, so it is never late.
    """

    APPEND_ONLY = True

    call = models.ForeignKey(Call, models.PROTECT, related_name="late_stages")
    stage = models.CharField(max_length=10, choices=Stage)
    due_at = models.DateTimeField()
    left_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["call", "stage"], name="late_stage_call")]
        constraints = [models.CheckConstraint(condition=Q(left_at__gt=F("due_at")), name="late_stage_is_late")]

    def __str__(self) -> str:
        return f"{self.call_id} {self.stage}"


class ScoreRule(models.Model):
    """How the score of a team is made, in percent (domain.md section 1). Append-only: the newest row counts.

    ``prior``: how many ratings the county's mean weighs (C); ``least``: with fewer ratings a team has no score yet;
    ``middling``: how much 基本满意 counts as satisfied.
    """

    APPEND_ONLY = True

    prior = models.PositiveSmallIntegerField(default=10)
    least = models.PositiveSmallIntegerField(default=10)
    rating = models.PositiveSmallIntegerField(default=35)
    on_time = models.PositiveSmallIntegerField(default=25)
    accept = models.PositiveSmallIntegerField(default=15)
    lasting = models.PositiveSmallIntegerField(default=15)
    recorded = models.PositiveSmallIntegerField(default=10)
    middling = models.PositiveSmallIntegerField(default=100)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(rating=100 - F("on_time") - F("accept") - F("lasting") - F("recorded")),
                name="score_rule_whole",
            ),
            models.CheckConstraint(
                condition=Q(prior__lte=1000, least__gte=1, middling__lte=100), name="score_rule_sane"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.set_at:%Y-%m-%d}"


class Draw(models.Model):
    """Calls drawn by the system to be called back (回访抽样). Append-only, and repeatable from ``seed``.

    ``digest`` stands for the whole population drawn from, in order, so that a second drawing can be compared.
    """

    APPEND_ONLY = True

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    size = models.PositiveSmallIntegerField()
    seed = models.CharField(max_length=32)
    population = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    drawn_at = models.DateTimeField()
    drawn_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="draw_span"),
            models.CheckConstraint(condition=Q(size__gte=1, size__lte=F("population")), name="draw_size"),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.seed}"


class Callback(models.Model):
    """One drawn call and what the person served said when somebody who had no hand in it called back."""

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    draw = models.ForeignKey(Draw, models.PROTECT, related_name="callbacks")
    call = models.OneToOneField(Call, models.PROTECT, related_name="callback")
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    solved = models.BooleanField(null=True)
    score = models.PositiveSmallIntegerField(null=True)
    recorded_at = models.DateTimeField(null=True)
    recorded_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__gte=1, score__lte=5), name="callback_score"
            ),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.ANSWERED, solved__isnull=False, score__isnull=False)
                | (~Q(outcome=Outcome.ANSWERED) & Q(solved__isnull=True, score__isnull=True)),
                name="callback_answered_whole",
            ),
        ]
        indexes = [models.Index(fields=["draw", "outcome", "id"], name="callback_draw")]

    def __str__(self) -> str:
        return f"{self.draw_id} {self.call_id}"
