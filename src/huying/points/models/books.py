"""Rule books: what is rewarded with how much, which assembly adopted it, and the versions that were published."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from huying.kernel import chance
from huying.points.states import LEAST_MONTHS, LEAST_VALID, Assembly, Confirmer, EditionState, Measure, Source


class Book(models.Model):
    """The scheme of one place: it reaches everybody who belongs there, unless a place below has its own.

    Its points are an asset of the ledger of their own (``asset_code``), so that points of two schemes never mix.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    place = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60, blank=True)
    about = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["place"], condition=Q(ended_at__isnull=True), name="points_book_of_place"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def asset_code(self) -> str:
        return f"points-{self.pk}"


class Edition(models.Model):
    """One version of a book. ``items`` is only paper: rules come into being when it is published, and never change.

    ``valid_from`` is never before it was published: nothing is retroactive. It holds until the next one begins.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    book = models.ForeignKey(Book, models.PROTECT, related_name="editions")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=EditionState.choices, default=EditionState.DRAFT)
    items = models.JSONField(default=list)
    cap_day = models.PositiveIntegerField(null=True, blank=True)
    cap_month = models.PositiveIntegerField(null=True, blank=True)
    cap_year = models.PositiveIntegerField(null=True, blank=True)
    source = models.CharField(max_length=120, blank=True)
    drafted_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    drafted_at = models.DateTimeField()
    published_by = models.ForeignKey("people.Person", models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    valid_from = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["book", "number"], name="points_edition_number"),
            models.UniqueConstraint(
                fields=["book"], condition=Q(state__in=["draft", "adopted"]), name="points_edition_one_open"
            ),
            models.UniqueConstraint(fields=["book", "valid_from"], name="points_edition_begins_once"),
            models.CheckConstraint(
                condition=Q(state="published", published_at__isnull=False, valid_from__isnull=False)
                | ~Q(state="published") & Q(published_at__isnull=True, valid_from__isnull=True),
                name="points_edition_published",
            ),
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True) | Q(valid_from__gte=F("published_at")),
                name="points_edition_never_back",
            ),
            models.CheckConstraint(condition=Q(state__in=EditionState.values), name="points_edition_state_known"),
        ]
        indexes = [models.Index(fields=["book", "-valid_from"], name="points_edition_in_force")]

    def __str__(self) -> str:
        return f"{self.book_id} {self.number}"


class Adoption(models.Model):
    """Which assembly adopted an edition, how it voted and where its minutes are kept. Never changed.

    ``digest`` is over the items as they were read out: other items need another vote.
    """

    APPEND_ONLY = True

    edition = models.OneToOneField(Edition, models.PROTECT, related_name="adoption")
    assembly = models.CharField(max_length=12, choices=Assembly.choices)
    held_on = models.DateField()
    eligible = models.PositiveIntegerField()
    present = models.PositiveIntegerField()
    in_favour = models.PositiveIntegerField()
    against = models.PositiveIntegerField()
    abstained = models.PositiveIntegerField()
    minutes = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    recorded_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(present=F("in_favour") + F("against") + F("abstained"), present__lte=F("eligible")),
                name="points_adoption_counts",
            ),
            models.CheckConstraint(condition=Q(present__lt=F("in_favour") * 2), name="points_adoption_by_most"),
            models.CheckConstraint(
                condition=Q(assembly=Assembly.ALL, eligible__lt=F("present") * 2)
                | ~Q(assembly=Assembly.ALL) & Q(eligible__lte=F("present") * 3 / 2),
                name="points_adoption_enough_there",
            ),
            models.CheckConstraint(condition=~Q(minutes=""), name="points_adoption_minutes"),
        ]

    def __str__(self) -> str:
        return f"{self.edition_id} {self.in_favour}/{self.present}"


class Rule(models.Model):
    """One item of a published edition: ``amount`` points per measure, always more than nothing. Never changed."""

    APPEND_ONLY = True

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="rules")
    order = models.PositiveSmallIntegerField()
    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60, blank=True)
    source = models.CharField(max_length=10, choices=Source.choices)
    measure = models.CharField(max_length=6, choices=Measure.choices)
    amount = models.PositiveIntegerField()
    cap_day = models.PositiveIntegerField(null=True, blank=True)
    cap_month = models.PositiveIntegerField(null=True, blank=True)
    cap_year = models.PositiveIntegerField(null=True, blank=True)
    proof = models.CharField(max_length=120)
    confirmer = models.CharField(max_length=10, choices=Confirmer.choices)
    validity_days = models.PositiveSmallIntegerField(null=True, blank=True)
    validity_months = models.PositiveSmallIntegerField(null=True, blank=True, help_text="calendar months")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["edition", "code"], name="points_rule_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="points_rule_only_rewards"),
            models.CheckConstraint(
                condition=Q(validity_days__isnull=True) | Q(validity_days__gte=LEAST_VALID),
                name="points_rule_time_for_notice",
            ),
            models.CheckConstraint(
                condition=Q(validity_months__isnull=True)
                | Q(validity_months__gte=LEAST_MONTHS, validity_days__isnull=True),
                name="points_rule_months_for_notice",
            ),
            models.CheckConstraint(
                condition=Q(source__in=Source.values, measure__in=Measure.values, confirmer__in=Confirmer.values),
                name="points_rule_words_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.amount}"
