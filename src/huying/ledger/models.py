"""Accounts, transfers, holds, lots and seals. Who may write what stands beside each table (``RIGHTS``).

Only functions of the database (migrations/0002_writers) write transfers, holds, lots and the counters of accounts; they run as
the role ``huying_ledger``, which has no UPDATE and no DELETE on transfers. The application role can read, open accounts
with empty counters, and call them.
"""

from __future__ import annotations

from django.db import models
from django.db.models import ExpressionWrapper, F, Q

from huying.kernel import chance, clock
from huying.ledger.states import AssetKind, HoldState


class Asset(models.Model):
    """Something that is counted: minutes of service, points of one scheme, fen, or one kind of goods."""

    code = models.SlugField(max_length=40, unique=True)
    kind = models.CharField(max_length=10, choices=AssetKind)
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60, blank=True)
    unit = models.CharField(max_length=20, help_text="分钟, 分, 份 …; money is shown in 元 and kept in fen")
    unit_en = models.CharField(max_length=20, blank=True)

    def __str__(self) -> str:
        return self.name


class Account(models.Model):
    """What one owner has of one asset for one purpose. Balance = credits - debits; what is held is part of it.

    ``floor`` 0: never less than nothing. ``floor`` None: an issuing account, which may go below nothing because what it
    gives comes into being there; each such transfer takes two different people.
    """

    RIGHTS = {
        "app": "SELECT, INSERT (public_id, asset_id, owner_type, owner_id, purpose, place_path, floor, opened_at),"
        " UPDATE (place_path)",  # a right to one column lets it lock the row
        "ledger": "SELECT, UPDATE (debits, credits, held)",
    }

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="accounts", db_index=False)
    owner_type = models.CharField(max_length=60)
    owner_id = models.BigIntegerField()
    purpose = models.CharField(max_length=40, default="main")
    place_path = models.CharField(max_length=400, blank=True)
    floor = models.BigIntegerField(null=True, blank=True, default=0)
    issuing = models.GeneratedField(
        expression=ExpressionWrapper(Q(floor__isnull=True), models.BooleanField()),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    debits = models.BigIntegerField(db_default=0)
    credits = models.BigIntegerField(db_default=0)
    held = models.BigIntegerField(db_default=0)
    opened_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner_type", "owner_id", "asset", "purpose"], name="ledger_account_once"),
            models.UniqueConstraint(fields=["id", "asset", "issuing"], name="ledger_account_facts"),
            models.UniqueConstraint(fields=["id", "asset"], name="ledger_account_asset"),
            models.CheckConstraint(condition=Q(debits__gte=0, credits__gte=0, held__gte=0), name="ledger_account_sums"),
            models.CheckConstraint(condition=Q(floor__isnull=True) | Q(floor__gte=0), name="ledger_account_floor"),
            models.CheckConstraint(
                condition=Q(floor__isnull=True) | Q(floor__lte=F("credits") - F("debits") - F("held")),
                name="ledger_account_above_floor",
            ),
        ]
        indexes = [models.Index(fields=["place_path"], name="ledger_account_place", opclasses=["text_pattern_ops"])]

    def __str__(self) -> str:
        return f"{self.owner_type}:{self.owner_id} {self.purpose}"

    @property
    def balance(self) -> int:
        """Units owned, those held included."""
        return self.credits - self.debits

    @property
    def available(self) -> int:
        """Units that can be given away now."""
        return self.credits - self.debits - self.held - (self.floor or 0)


TWO_PEOPLE = (
    Q(made_by_id__isnull=False) & Q(approved_by_id__isnull=False) & ~Q(made_by_id=F("approved_by_id")) & ~Q(evidence="")
)


class Transfer(models.Model):
    """``amount`` units of one asset from ``debit_account`` to ``credit_account``. Never changed, never deleted.

    A mistake is put right by one transfer of the same amount the other way (``reverses``, once, by two people). People
    are plain numbers, for the row outlives their names. ``issuing`` repeats what the debit account is, under a foreign
    key, so that the rule of two people can be a CHECK.
    """

    APPEND_ONLY = True
    RIGHTS = {"app": "SELECT", "ledger": "SELECT, INSERT"}

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    debit_account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    credit_account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    issuing = models.BooleanField()
    amount = models.BigIntegerField()
    key = models.CharField(max_length=120, db_collation="C")
    reverses = models.ForeignKey("self", models.PROTECT, related_name="reversals", null=True, db_index=False)
    made_by_id = models.BigIntegerField(null=True)
    approved_by_id = models.BigIntegerField(null=True)
    on_behalf = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    rule_version = models.CharField(max_length=60, blank=True)
    evidence = models.CharField(max_length=120, blank=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="ledger_transfer_key"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="ledger_transfer_amount"),
            models.CheckConstraint(condition=~Q(debit_account=F("credit_account")), name="ledger_transfer_between_two"),
            models.CheckConstraint(condition=Q(issuing=False) | TWO_PEOPLE, name="ledger_transfer_two_people"),
            models.CheckConstraint(
                condition=Q(reverses__isnull=True) | TWO_PEOPLE, name="ledger_transfer_reversed_by_two"
            ),
            models.UniqueConstraint(
                fields=["reverses"], condition=Q(reverses__isnull=False), name="ledger_transfer_reversed_once"
            ),
        ]
        indexes = [
            models.Index(fields=["debit_account", "id"], name="ledger_transfer_from"),
            models.Index(fields=["credit_account", "id"], name="ledger_transfer_to"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.debit_account_id} → {self.credit_account_id}"


class Hold(models.Model):
    """An amount set aside on ``debit_account`` until it is posted to ``credit_account``, voided, or ``until`` is past."""

    RIGHTS = {
        "app": "SELECT, UPDATE (end_reason)",  # a right to one column lets it lock the row
        "ledger": "SELECT, INSERT, UPDATE (state, ended_at, transfer_id, end_reason, ended_by_id)",
    }

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    debit_account = models.ForeignKey(Account, models.PROTECT, related_name="holds", db_constraint=False)
    credit_account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    amount = models.BigIntegerField()
    key = models.CharField(max_length=120, db_collation="C")
    state = models.CharField(max_length=10, choices=HoldState, default=HoldState.PENDING)
    made_by_id = models.BigIntegerField(null=True)
    approved_by_id = models.BigIntegerField(null=True)
    on_behalf = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    rule_version = models.CharField(max_length=60, blank=True)
    evidence = models.CharField(max_length=120, blank=True)
    until = models.DateTimeField()
    recorded_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by_id = models.BigIntegerField(null=True)
    end_reason = models.CharField(max_length=300, blank=True)
    transfer = models.OneToOneField(Transfer, models.PROTECT, related_name="hold", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="ledger_hold_key"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="ledger_hold_amount"),
            models.CheckConstraint(condition=~Q(debit_account=F("credit_account")), name="ledger_hold_between_two"),
            models.CheckConstraint(
                condition=Q(state="pending", ended_at__isnull=True, transfer__isnull=True)
                | Q(state="posted", ended_at__isnull=False, transfer__isnull=False)
                | Q(state="voided", ended_at__isnull=False, transfer__isnull=True),
                name="ledger_hold_life",
            ),
        ]
        indexes = [models.Index(fields=["until", "id"], condition=Q(state="pending"), name="ledger_hold_due")]

    def __str__(self) -> str:
        return f"{self.amount} {self.state}"


class Lot(models.Model):
    """Units that came by one transfer and go when they are not used by ``expires_at``; ``gone`` of them went so.

    What was spent is not written here: spending takes the oldest units first, so it follows from the account's sums.
    """

    RIGHTS = {"app": "SELECT", "ledger": "SELECT, INSERT, UPDATE (gone, closed_at)"}

    account = models.ForeignKey(Account, models.PROTECT, related_name="lots", db_constraint=False)
    transfer = models.OneToOneField(Transfer, models.PROTECT, related_name="lot")
    amount = models.BigIntegerField()
    gone = models.BigIntegerField(default=0)
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(gone__gte=0, gone__lte=F("amount")), name="ledger_lot_gone"),
        ]
        indexes = [
            models.Index(fields=["expires_at", "id"], condition=Q(closed_at__isnull=True), name="ledger_lot_due"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.expires_at:%Y-%m-%d}"


class Seal(models.Model):
    """A Merkle root over the transfers ``first_id`` to ``last_id``, chained to the seal before (RFC 6962 tree).

    ``leaves`` holds key (8 bytes) and leaf hash (32) of each of them, so that a changed row can be named; ``signature``
    is made with a key that is not in the database.
    """

    APPEND_ONLY = True

    number = models.BigIntegerField(unique=True)
    first_id = models.BigIntegerField(unique=True)
    last_id = models.BigIntegerField(unique=True)
    count = models.IntegerField()
    leaves = models.BinaryField()
    root = models.BinaryField(max_length=32)
    previous = models.BinaryField(max_length=32)
    head = models.BinaryField(max_length=32)
    signature = models.CharField(max_length=120)
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(first_id__lte=F("last_id"), count__gt=0), name="ledger_seal_range"),
        ]
        indexes = [models.Index(fields=["sealed_at"], name="ledger_seal_time")]

    def __str__(self) -> str:
        return f"{self.number}"
