"""What is kept so that calls can be measured fairly."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from huying.calls.models.calls import Call
from huying.calls.states import LIVE_EXCLUSIONS, ExclusionState, Ground, Outcome, Stage
from huying.kernel import chance


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


class Exclusion(models.Model):
    """A claim left out of the shares (domain.md section 2.3): proposed by one person, decided by another, undone by a third
    or the second. Each word is kept beside who said it; all rows of a call stay, so that they are its trail.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    call = models.ForeignKey(Call, models.PROTECT, related_name="exclusions")
    ground = models.CharField(max_length=12, choices=Ground)
    state = models.CharField(max_length=10, choices=ExclusionState, default=ExclusionState.PROPOSED)
    reason = models.CharField(max_length=300, blank=True)
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    decision = models.CharField(max_length=300, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    undoing = models.CharField(max_length=300, blank=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["call"], condition=Q(state__in=sorted(LIVE_EXCLUSIONS)), name="exclusion_one_a_call"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")), name="exclusion_two_people"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["in_force", "refused", "undone"], decided_by__isnull=False)
                | Q(state__in=["proposed", "withdrawn"], decided_by__isnull=True),
                name="exclusion_decided_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="exclusion_state")]

    def __str__(self) -> str:
        return f"{self.call_id} {self.state}"
