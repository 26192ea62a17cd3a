from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce

from huying.calls.states import (
    ENDED_STATES,
    Asks,
    Channel,
    Decision,
    Excuse,
    Level,
    OfferState,
    Outcome,
    ReachedBy,
    Stage,
    State,
    Target,
)
from huying.kernel import chance, clock
from huying.kernel.sealed import IndexField, SealedField

NO_CLOCK = Value(datetime(9999, 1, 1, tzinfo=UTC))
"""When calls without a running clock are due: after all others. The list orders by this very expression (index)."""
COUNTED = ("hand_back", "suspend", "reopen")
"""Steps that the shares of a report ask for (index)."""


class ServiceKind(models.Model):
    """One line of the service menu: what is asked, who may answer, how many, how fast.

    ``category``: what kind of service it is, and so whether a child-protection check or insurance is needed.
    ``public``: that calls of this kind were asked, and how far they are, may be read by anybody (Open311); never words.
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
    public = models.BooleanField(default=False)

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


class DoorKey(models.Model):
    """What another program shows to bring calls in (Open311, hotline). It speaks for its holder, at one place and below,
    as long as he is on duty there; only a hash of it is kept.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    name = models.CharField(max_length=40)
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    holder = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    digest = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Ring(models.Model):
    """One stage of a call that goes out wider and wider (S0-3a, S2-7b); the rings of a place hold for all below it that
    have none of their own, those without a place for all others.

    ``minutes`` empty: no end. ``per_seat``: how many are asked for one open seat. ``duty``: units must answer, silence
    moves the call up. ``level``: who holds the call from this ring on; empty: as it is, and the centre is left in peace.
    """

    place = models.ForeignKey("places.Place", models.CASCADE, null=True, blank=True, related_name="rings")
    order = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=20)
    name_en = models.CharField(max_length=40, blank=True)
    asks = models.CharField(max_length=10, choices=Asks)
    reach_km = models.PositiveSmallIntegerField(null=True, blank=True)
    team_kind = models.ForeignKey("volunteers.TeamKind", models.PROTECT, null=True, blank=True, related_name="+")
    minutes = models.PositiveIntegerField(null=True, blank=True)
    mode = models.CharField(max_length=10, choices=Clock.Mode, default=Clock.Mode.WORKING)
    per_seat = models.PositiveSmallIntegerField(default=3)
    duty = models.BooleanField(default=False)
    level = models.CharField(max_length=8, choices=Level, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["place", "order"], nulls_distinct=False, name="ring_once"),
            models.CheckConstraint(condition=Q(order__gte=1, order__lte=99), name="ring_order"),
            models.CheckConstraint(condition=Q(per_seat__gte=1, per_seat__lte=50), name="ring_per_seat"),
            models.CheckConstraint(
                condition=Q(minutes__isnull=True) | Q(minutes__gte=1, minutes__lte=60 * 24 * 366), name="ring_minutes"
            ),
            models.CheckConstraint(
                condition=~Q(asks__in=["partners", "duty"]) | Q(team_kind__isnull=False), name="ring_kind_of_team"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place or '*'} {self.order} {self.name}"


class Call(models.Model):
    """A call for help, from ask to thanks."""

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    number = models.CharField(max_length=24, unique=True)
    kind = models.ForeignKey(ServiceKind, models.PROTECT, related_name="calls")
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="calls")
    requester = models.ForeignKey("people.Person", models.PROTECT, related_name="calls")
    asked_by = models.ForeignKey("people.Person", models.PROTECT, related_name="calls_asked")
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.WEB)
    door = models.ForeignKey(DoorKey, models.PROTECT, null=True, blank=True, related_name="+")
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
            models.Index(fields=["place", "state", "id"], name="call_place"),
            models.Index(fields=["requester", "-id"], name="call_requester"),
            models.Index(fields=["contact_index", "-id"], name="call_contact"),
            models.Index(fields=["lift_at"], condition=Q(lift_at__isnull=False), name="call_lift"),
            models.Index(fields=["ring_due_at"], condition=Q(ring_due_at__isnull=False), name="call_ring"),
            models.Index(Coalesce("stage_due_at", NO_CLOCK), "id", name="call_due_first"),
            models.Index(fields=["ended_at"], condition=Q(ended_at__isnull=False), name="call_ended"),
            models.Index(fields=["submitted_at", "id"], name="call_submitted"),
            models.Index(fields=["asked_by", "-id"], condition=~Q(reached_by="phone"), name="call_to_tell"),
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
    """One helper or team asked to answer one call. Saying no needs no reason and costs nothing; a volunteer's no is kept
    as the silence that it may as well have been (decision 0021).

    ``seats``: how many people come with a yes. ``must_answer``: a unit on duty, who says no says why. ``remind_at``: the
    one who was asked wants to be asked again then.
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
    arrived_at = models.DateTimeField(null=True)
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
            models.CheckConstraint(condition=Q(excuse="") | Q(team__isnull=False), name="offer_excuse_of_team"),
        ]
        indexes = [
            models.Index(fields=["volunteer", "state", "-id"], name="offer_volunteer"),
            models.Index(fields=["team", "state", "-id"], name="offer_team"),
            models.Index(fields=["answer_due_at"], condition=Q(state="offered"), name="offer_due"),
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


class HotlineDraft(models.Model):
    """Tickets of a hotline that were read from a table and wait for somebody's decisions: sealed, until the next day."""

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    person_id = models.BigIntegerField()
    source = models.CharField(max_length=20)
    file_name = models.CharField(max_length=200)
    rows = SealedField(shows=0, max_length=4_000_000, null=True)
    made_at = models.DateTimeField(default=clock.now, db_index=True)
    done_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.file_name


class HotlineTicket(models.Model):
    """One ticket of a hotline under the number it has there, and the call it became; several may become the same call."""

    source = models.CharField(max_length=20)
    number = models.CharField(max_length=60)
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    call = models.ForeignKey(Call, models.PROTECT, null=True, related_name="tickets")
    decision = models.CharField(max_length=4, choices=Decision)
    sent_at = models.DateTimeField(null=True)
    taken_at = models.DateTimeField()
    taken_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "number"], name="ticket_once"),
            models.CheckConstraint(
                condition=Q(decision="skip", call__isnull=True) | (~Q(decision="skip") & Q(call__isnull=False)),
                name="ticket_skipped_or_call",
            ),
        ]
        indexes = [models.Index(fields=["place", "-taken_at", "-id"], name="ticket_place")]

    def __str__(self) -> str:
        return f"{self.source} {self.number}"


class Slip(models.Model):
    """The code on a paper slip, with which somebody without a telephone asks after his call and rates it."""

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    call = models.OneToOneField(Call, models.PROTECT, related_name="slip")
    code = SealedField(shows=0)
    code_index = IndexField(of="code", purpose="slip", max_length=36)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.call_id)


class Correction(models.Model):
    """Somebody on duty said which kind a call is of: a lesson for the sorter.

    The words stay in the call alone; when they are forgotten there, this row goes (decision 0023). ``proposed`` and
    ``chance``: what the sorter had said, "" and None when there was none.
    """

    call = models.OneToOneField(Call, models.PROTECT, related_name="correction")
    was = models.ForeignKey(ServiceKind, models.PROTECT, related_name="+")
    kind = models.ForeignKey(ServiceKind, models.PROTECT, related_name="+")
    person = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    proposed = models.CharField(max_length=40, blank=True)
    chance = models.FloatField(null=True)

    class Meta:
        indexes = [models.Index(fields=["-at", "-id"], name="correction_newest")]

    def __str__(self) -> str:
        return f"{self.call_id}: {self.kind_id}"


class SorterVersion(models.Model):
    """One trained sorter with its scores. ``body``: npz bytes (``sorting.sorter``), empty when it went with words that
    were forgotten; ``lessons``: keys of the calls it learnt from; ``fingerprint``: everything it learnt, so that the
    same is never taught twice.
    """

    trained_at = models.DateTimeField()
    active = models.BooleanField(default=False)
    fingerprint = models.CharField(max_length=64, unique=True)
    course = models.CharField(max_length=64)
    lessons = ArrayField(models.BigIntegerField(), default=list)
    learnt = models.PositiveIntegerField(default=0, help_text="how many corrections it learnt from, also later")
    scores = models.JSONField()
    score = models.FloatField()
    refused = models.BooleanField(default=False, help_text="did worse than the one before, and does not serve")
    body = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["active"], condition=Q(active=True), name="sorter_one_active"),
            models.CheckConstraint(condition=Q(active=False) | Q(body__isnull=False), name="sorter_active_has_body"),
        ]

    def __str__(self) -> str:
        return f"sorter {self.pk}"


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
