"""Passbooks of those who want one, and what was stated, confirmed and booked."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from huying.kernel import chance
from huying.points.models.books import Book, Rule
from huying.points.states import NOTICE, BookletState, ClaimState, Ground, ReversalState


class Passbook(models.Model):
    """文明存折: one person in one scheme, by his own wish. What is on it stands in the ledger (``account_id``).

    Leaving costs nothing: what was earned can be used until its time is over, and one may come back.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    book = models.ForeignKey(Book, models.PROTECT, related_name="passbooks")
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    number = models.CharField(max_length=12, unique=True)
    state = models.CharField(max_length=8, choices=BookletState.choices, default=BookletState.OPEN)
    shares = models.BooleanField(default=False, help_text="the household may see it")
    account_id = models.BigIntegerField(unique=True)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    frozen_until = models.DateTimeField(null=True, blank=True)
    frozen_for = models.CharField(max_length=200, blank=True)
    frozen_by = models.ForeignKey("people.Person", models.PROTECT, null=True, blank=True, related_name="+")
    left_at = models.DateTimeField(null=True, blank=True)
    booklet = models.PositiveSmallIntegerField(default=1, help_text="which booklet is good: a lost one is no more")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["book", "person"], name="points_passbook_once"),
            models.CheckConstraint(condition=Q(state__in=BookletState.values), name="points_passbook_state_known"),
            models.CheckConstraint(
                condition=Q(state="frozen", frozen_until__isnull=False)
                | Q(state="open", frozen_until__isnull=True)
                | Q(state="left"),
                name="points_passbook_frozen",
            ),
        ]
        indexes = [models.Index(fields=["person"], name="points_passbook_of")]

    def __str__(self) -> str:
        return self.number


class Claim(models.Model):
    """One thing that was done: who stated it with what proof, who confirmed it, what was booked.

    ``person`` repeats the passbook's, so that the database itself refuses who rewards himself. ``quantity`` counts times,
    minutes or grams, as the rule measures. ``amount`` is what was booked: what the rule gives, cut to what the caps left.
    ``source_type`` and ``source_id`` name the record behind it, each counted once. ``former`` is what an appeal had
    stated anew.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    passbook = models.ForeignKey(Passbook, models.PROTECT, related_name="claims")
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    rule = models.ForeignKey(Rule, models.PROTECT, related_name="claims")
    done_on = models.DateField()
    quantity = models.PositiveIntegerField()
    amount = models.PositiveIntegerField(null=True, blank=True)
    title = models.CharField(max_length=80)
    proof = models.CharField(max_length=300, blank=True)
    source_type = models.CharField(max_length=60, blank=True)
    source_id = models.BigIntegerField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=ClaimState.choices, default=ClaimState.WAITING)
    made_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    ended_by = models.ForeignKey("people.Person", models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    former = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    transfer_id = models.BigIntegerField(null=True, blank=True, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source_type", "source_id", "rule"],
                condition=Q(source_id__isnull=False) & ~Q(state__in=["withdrawn", "refused", "reversed"]),
                name="points_claim_once_a_source",
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="points_claim_quantity"),
            models.CheckConstraint(condition=Q(state__in=ClaimState.values), name="points_claim_state_known"),
            models.CheckConstraint(
                condition=~Q(state__in=["confirmed", "reversed"])
                | Q(amount__isnull=False, amount__gt=0, transfer_id__isnull=False, ended_by__isnull=False),
                name="points_claim_booked",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["confirmed", "reversed"])
                | ~Q(ended_by=F("made_by")) & ~Q(ended_by=F("person")),
                name="points_claim_by_two",
            ),
        ]
        indexes = [
            models.Index(fields=["passbook", "rule", "done_on"], name="points_claim_caps"),
            models.Index(fields=["state", "made_at", "id"], name="points_claim_queue"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.amount}"


class Reversal(models.Model):
    """The only way in which points are taken back: an error or a fraud, with evidence, by two people, after notice.

    While it waits the points are held (``hold_id``): they cannot be spent, and are not lost either. Whose owner reads
    nothing here is told in person (``told_by``); only then his time to object begins.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="reversals")
    ground = models.CharField(max_length=6, choices=Ground.choices)
    evidence = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=ReversalState.choices, default=ReversalState.PROPOSED)
    made_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True, help_text="when its owner could read it, or was told")
    told_by = models.ForeignKey("people.Person", models.PROTECT, null=True, blank=True, related_name="+")
    not_before = models.DateTimeField(null=True, blank=True, help_text="null until he was told")
    until = models.DateTimeField(null=True, blank=True, help_text="decided by then, or the clock drops it")
    agreed_at = models.DateTimeField(null=True, blank=True, help_text="its owner said that it is right")
    ended_by = models.ForeignKey("people.Person", models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    hold_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["claim"], condition=Q(state__in=["proposed", "carried"]), name="points_reversal_once"
            ),
            models.CheckConstraint(condition=~Q(evidence=""), name="points_reversal_evidence"),
            models.CheckConstraint(
                condition=~Q(state="carried") | Q(ended_by__isnull=False) & ~Q(ended_by=F("made_by")),
                name="points_reversal_by_two",
            ),
            models.CheckConstraint(condition=Q(state__in=ReversalState.values), name="points_reversal_state_known"),
            models.CheckConstraint(condition=Q(ground__in=Ground.values), name="points_reversal_ground_known"),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id} {self.ground}"


class Ending(models.Model):
    """The word to an owner that so many points of one lot of the ledger (``lot_id``) can be used until before ``ends_at``.

    ``told_at`` is when he could read it; who has no account is told in person, by ``told_by``. Never changed: the newest
    of a lot holds, and without one nothing ends. One without times takes the word back: he has to be told anew.
    """

    APPEND_ONLY = True

    passbook = models.ForeignKey(Passbook, models.PROTECT, related_name="endings")
    lot_id = models.BigIntegerField()
    points = models.PositiveIntegerField()
    told_at = models.DateTimeField(null=True, blank=True)
    told_by = models.ForeignKey("people.Person", models.PROTECT, null=True, blank=True, related_name="+")
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lot_id", "ends_at"], name="points_ending_told_once"),
            models.CheckConstraint(condition=Q(ends_at__gte=F("told_at") + NOTICE), name="points_ending_word_in_time"),
            models.CheckConstraint(
                condition=Q(told_at__isnull=False, ends_at__isnull=False)
                | Q(told_at__isnull=True, ends_at__isnull=True, told_by__isnull=True),
                name="points_ending_word_or_none",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.points} {self.ends_at}"


class Freezing(models.Model):
    """Who froze a passbook when: the same member of staff does not do it again soon (states.FREEZE_AGAIN)."""

    passbook = models.ForeignKey(Passbook, models.PROTECT, related_name="freezings")
    made_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.passbook_id} {self.made_at:%Y-%m-%d}"


class Printing(models.Model):
    """Who of the staff printed which booklet of somebody: he knows the code that stands on it."""

    APPEND_ONLY = True

    passbook = models.ForeignKey(Passbook, models.PROTECT, related_name="printings")
    booklet = models.PositiveSmallIntegerField(help_text="which one: a lost one is good no more")
    made_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["passbook", "booklet", "made_by"], name="points_printing_by")]

    def __str__(self) -> str:
        return f"{self.passbook_id} {self.booklet}"
