"""Banks (文明储蓄所): what lies on their shelves, who pays for it, what was exchanged and settled."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from huying.kernel import chance
from huying.kernel.sealed import IndexField
from huying.points.models.books import Book
from huying.points.models.earning import Passbook
from huying.points.states import GIFT_MOST, GiftState, IntakeKind, IntakeState, SheetState, Way


class Partner(models.Model):
    """Who gives goods or money for a book, or whose goods are settled later: a shop, a unit, an association."""

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    book = models.ForeignKey(Book, models.PROTECT, related_name="partners")
    name = models.CharField(max_length=60)
    is_sponsor = models.BooleanField(default=False)
    is_merchant = models.BooleanField(default=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["book", "name"], name="points_partner_once"),
            models.CheckConstraint(
                condition=Q(is_sponsor=True) | Q(is_merchant=True), name="points_partner_is_something"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Bank(models.Model):
    """A counter at a place where points of one book are exchanged."""

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    book = models.ForeignKey(Book, models.PROTECT, related_name="banks")
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60, blank=True)
    hours = models.CharField(max_length=100, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["book", "name"], name="points_bank_once")]

    def __str__(self) -> str:
        return self.name


class Good(models.Model):
    """One thing or small service on the shelf of a bank; how many there are stands in the ledger.

    ``value_fen`` is what it is worth, for sheets and figures; never a price for the public. ``partner``: whose it is when
    it is settled by a sheet.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    bank = models.ForeignKey(Bank, models.PROTECT, related_name="goods")
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60, blank=True)
    unit = models.CharField(max_length=8)
    points = models.PositiveIntegerField()
    value_fen = models.PositiveIntegerField()
    month_most = models.PositiveSmallIntegerField(null=True, blank=True)
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="goods")
    active = models.BooleanField(default=True)
    litter = models.CharField(max_length=20, blank=True, help_text="what may be brought for it by weight")
    litter_grams = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bank", "name"], name="points_good_once"),
            models.CheckConstraint(condition=Q(points__gt=0), name="points_good_costs"),
            models.CheckConstraint(
                condition=Q(litter="", litter_grams__isnull=True)
                | ~Q(litter="") & Q(litter_grams__isnull=False, litter_grams__gt=0),
                name="points_good_by_weight",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def asset_code(self) -> str:
        return f"goods-{self.pk}"


class Intake(models.Model):
    """Goods or money that came, goods that broke: entered by one, counted by another, then in the ledger."""

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    book = models.ForeignKey(Book, models.PROTECT, related_name="intakes")
    kind = models.CharField(max_length=6, choices=IntakeKind.choices)
    good = models.ForeignKey(Good, models.PROTECT, null=True, blank=True, related_name="intakes")
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="intakes")
    amount = models.PositiveIntegerField()
    evidence = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=IntakeState.choices, default=IntakeState.WAITING)
    made_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    checked_by = models.ForeignKey("people.Person", models.PROTECT, null=True, blank=True, related_name="+")
    checked_at = models.DateTimeField(null=True, blank=True)
    transfer_id = models.BigIntegerField(null=True, blank=True, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="points_intake_amount"),
            models.CheckConstraint(condition=~Q(evidence=""), name="points_intake_evidence"),
            models.CheckConstraint(
                condition=Q(kind="money", good__isnull=True, partner__isnull=False)
                | Q(kind__in=["goods", "loss"], good__isnull=False),
                name="points_intake_of_something",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed")
                | Q(checked_by__isnull=False, transfer_id__isnull=False) & ~Q(checked_by=F("made_by")),
                name="points_intake_by_two",
            ),
            models.CheckConstraint(condition=Q(state__in=IntakeState.values), name="points_intake_state_known"),
        ]
        indexes = [models.Index(fields=["book", "state", "-id"], name="points_intake_queue")]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"


class Sheet(models.Model):
    """What one merchant is settled for: gifts handed over from ``since`` until before ``until``, paid by a sponsor."""

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    book = models.ForeignKey(Book, models.PROTECT, related_name="sheets")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="sheets")
    funded_by = models.ForeignKey(Partner, models.PROTECT, related_name="funded")
    since = models.DateField()
    until = models.DateField()
    total_fen = models.PositiveBigIntegerField()
    state = models.CharField(max_length=10, choices=SheetState.choices, default=SheetState.DRAFT)
    made_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    approved_by = models.ForeignKey("people.Person", models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    evidence = models.CharField(max_length=120, blank=True)
    transfer_id = models.BigIntegerField(null=True, blank=True, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(since__lt=F("until")), name="points_sheet_span"),
            models.CheckConstraint(condition=Q(total_fen__gt=0), name="points_sheet_total"),
            models.CheckConstraint(
                condition=~Q(state="approved")
                | Q(approved_by__isnull=False, transfer_id__isnull=False) & ~Q(approved_by=F("made_by")),
                name="points_sheet_by_two",
            ),
            models.CheckConstraint(condition=Q(state__in=SheetState.values), name="points_sheet_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.partner_id} {self.since}"


GAVE = ["handed", "returned"]
"""States of exchanges that were given out."""


class Gift(models.Model):
    """One exchange: points are held and goods set aside, fetched with a code or on paper, settled by a sheet.

    ``partner`` is whose good it was then, who is paid. The code is not kept, only its keyed hash; ``serial`` counts the
    codes that were made, the last one is good. What was given wrongly comes back by another person's word; a settled one
    keeps its sheet, for the merchant was paid.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    passbook = models.ForeignKey(Passbook, models.PROTECT, related_name="gifts")
    good = models.ForeignKey(Good, models.PROTECT, related_name="gifts")
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="+")
    quantity = models.PositiveSmallIntegerField()
    points = models.PositiveIntegerField()
    value_fen = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=GiftState.choices, default=GiftState.RESERVED)
    code_index = IndexField(max_length=36, null=True, blank=True)
    serial = models.PositiveSmallIntegerField(default=1)
    until = models.DateTimeField()
    made_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    ended_by = models.ForeignKey("people.Person", models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    way = models.CharField(max_length=8, choices=Way.choices, blank=True)
    returned_by = models.ForeignKey("people.Person", models.PROTECT, null=True, blank=True, related_name="+")
    returned_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True, help_text="why it came back")
    hold_id = models.BigIntegerField(null=True, blank=True, unique=True)
    sheet = models.ForeignKey(Sheet, models.PROTECT, null=True, blank=True, related_name="gifts")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0, quantity__lte=GIFT_MOST), name="points_gift_quantity"),
            models.CheckConstraint(condition=Q(points__gt=0), name="points_gift_costs"),
            models.CheckConstraint(condition=Q(state__in=GiftState.values), name="points_gift_state_known"),
            models.CheckConstraint(
                condition=Q(state="reserved", ended_at__isnull=True) | ~Q(state="reserved") & Q(ended_at__isnull=False),
                name="points_gift_ended",
            ),
            models.CheckConstraint(
                condition=Q(state__in=GAVE, way__in=Way.values) | ~Q(state__in=GAVE) & Q(way=""),
                name="points_gift_shown",
            ),
            models.CheckConstraint(condition=Q(sheet__isnull=True) | Q(state__in=GAVE), name="points_gift_settled"),
            models.CheckConstraint(condition=Q(state__in=GAVE) | Q(hold_id__isnull=False), name="points_gift_held"),
            models.CheckConstraint(
                condition=~Q(state="returned") & Q(returned_by__isnull=True, returned_at__isnull=True)
                | Q(state="returned", returned_by__isnull=False, returned_at__isnull=False)
                & ~Q(reason="")
                & ~Q(returned_by=F("ended_by")),
                name="points_gift_returned_by_another",
            ),
            models.UniqueConstraint(fields=["code_index"], condition=Q(state="reserved"), name="points_gift_code"),
        ]
        indexes = [
            models.Index(fields=["state", "until"], name="points_gift_due"),
            models.Index(fields=["passbook", "-id"], name="points_gift_of"),
        ]

    def __str__(self) -> str:
        return f"{self.good_id} × {self.quantity}"


class Weighing(models.Model):
    """Litter that was weighed and goods that were given for it at once: nobody has to say who he is (S3-5c.3)."""

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    good = models.ForeignKey(Good, models.PROTECT, related_name="weighings")
    grams = models.PositiveIntegerField()
    quantity = models.PositiveSmallIntegerField()
    value_fen = models.PositiveIntegerField()
    made_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    transfer_id = models.BigIntegerField(unique=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(grams__gt=0, quantity__gt=0), name="points_weighing_amounts")]

    def __str__(self) -> str:
        return f"{self.good_id} {self.grams} g"
