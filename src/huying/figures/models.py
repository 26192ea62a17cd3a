"""Units and metrics as data; what each record adds; facts by day and totals by subtree; what others reported; checks.

Places are named by key without a constraint: millions of facts are not checked against the tree one by one, and nothing
ever deletes a place. What is written by the million has no key but what it is about, which is also the key that a
distributed table needs; what each record adds has one index more, to find the records behind a number. Its metrics and
sources are small numbers, and the widest columns come first.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from huying.figures.states import CheckKind, Direction, FileKind, MetricKind, Rhythm, Sign, Split
from huying.figures.states.feeds import Keep, Lapse
from huying.kernel import chance, clock
from huying.places.models import Place

CODE = r"^[a-z][a-z0-9_]*$"


class Unit(models.Model):
    """What a number counts (catalogue section 6, end). Values of two units never add; those that do not ``adds`` add to
    nothing at all, such as percentages.
    """

    code = models.CharField(_("代码"), max_length=30, primary_key=True)
    name = models.CharField(_("名称"), max_length=20, unique=True)
    name_en = models.CharField(_("英文名称"), max_length=40, blank=True)
    adds = models.BooleanField(_("可以相加"), default=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(code__regex=CODE), name="figureunit_code_shape")]

    def __str__(self) -> str:
        return self.name


class Metric(models.Model):
    """What is counted, in which unit, from which records; or a ratio of two such metrics.

    ``additive``: values of two places make one for both (not where the same person may stand in both). ``least_public``:
    where the public looks, numbers from one to below it are hidden (0: nothing is). ``part_of``: a kind of the whole.
    ``guard``: the count of what it comes from (minutes from records, closed in time from closed); hidden where that is
    hidden, and where both have one unit, also where little of it is left. ``second_guard``: another such count.
    ``number``: what it is called in facts and totals, and nowhere else.
    """

    code = models.CharField(max_length=60, primary_key=True)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=80, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=MetricKind)
    counts = models.CharField(max_length=200)
    counts_en = models.CharField(max_length=300, blank=True)
    numerator = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    denominator = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    part_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts")
    guard = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="guarded")
    second_guard = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    source = models.CharField(max_length=60, blank=True, help_text="label of the records, calls.Call")
    direction = models.CharField(max_length=6, choices=Direction, default=Direction.NONE)
    additive = models.BooleanField(default=True)
    is_public = models.BooleanField(default=False)
    least_public = models.PositiveSmallIntegerField(default=0)
    order = models.PositiveSmallIntegerField(default=0)
    number = models.SmallIntegerField(
        unique=True, editable=False, db_default=Func(Value("figures_metric_number"), function="nextval")
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=CODE), name="metric_code_shape"),
            models.CheckConstraint(condition=Q(kind__in=MetricKind.values), name="metric_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=MetricKind.RATIO, numerator__isnull=False, denominator__isnull=False)
                | ~Q(kind=MetricKind.RATIO) & Q(numerator__isnull=True, denominator__isnull=True),
                name="metric_ratio_of_two",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Source(models.Model):
    """What kind of record tells, by its label (calls.Call)."""

    number = models.SmallAutoField(primary_key=True)
    label = models.CharField(max_length=60, unique=True)

    def __str__(self) -> str:
        return self.label


def metric_key() -> Any:
    """By number, without a constraint and an index of its own."""
    return models.ForeignKey(
        Metric, models.PROTECT, to_field="number", related_name="+", db_index=False, db_constraint=False
    )


def place_key() -> Any:
    return models.ForeignKey(Place, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False)


class Contribution(models.Model):
    """What one record adds to one metric now: the last word on it. Told again it changes nothing. ``source``: its number."""

    pk = models.CompositePrimaryKey("source", "source_id", "metric_id")
    source_id = models.BigIntegerField()
    place = place_key()
    amount = models.BigIntegerField()
    day = models.DateField()
    source = models.SmallIntegerField()
    metric = metric_key()

    class Meta:
        indexes = [  # the records behind a number, newest first; where a correction changes the amount alone, it stays
            models.Index(
                fields=["metric", "-day", "-source_id", "-source"], include=["place"], name="contribution_behind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source}:{self.source_id} {self.metric_id} {self.amount}"


class Change(models.Model):
    """Differences that one telling counted, not yet folded into facts and totals: a column for each field (decision
    0020), ``size`` entries in all. Written by many at once, for nobody waits for a row of another; folded by one.
    """

    size = models.IntegerField()
    metrics = ArrayField(models.SmallIntegerField())
    places = ArrayField(models.BigIntegerField())
    days = ArrayField(models.DateField())
    amounts = ArrayField(models.BigIntegerField())

    def __str__(self) -> str:
        return f"{self.size} differences"


class Fact(models.Model):
    """How much of a metric there was at one place itself on one day."""

    pk = models.CompositePrimaryKey("place_id", "metric_id", "day")
    place = place_key()
    amount = models.BigIntegerField()
    day = models.DateField()
    metric = metric_key()

    def __str__(self) -> str:
        return f"{self.metric_id} {self.place_id} {self.day} {self.amount}"


class Total(models.Model):
    """How much of a metric there was at a place and everywhere below it, in the month that began on ``since``; for towns
    and above on single days (``daily``) too, so that odd days of a period need not be gathered from thousands of places.

    The key begins with the time: what happens now is added up in few pages, whatever place it happens at.
    """

    pk = models.CompositePrimaryKey("since", "metric_id", "daily", "place_id")
    place = place_key()
    amount = models.BigIntegerField()
    since = models.DateField()
    metric = metric_key()
    daily = models.BooleanField()

    def __str__(self) -> str:
        return f"{self.metric_id} {self.place_id} {self.since} {self.amount}"


class Branch(models.Model):
    """Where a place hung when its facts were last added up. Totals follow the tree by comparing it with where the place
    hangs now, so that nothing is added to one chain of places and taken from another. ``daily``: has totals of days.
    """

    place = models.OneToOneField(Place, models.DO_NOTHING, primary_key=True, related_name="+", db_constraint=False)
    path = models.CharField(max_length=340)
    daily = models.BooleanField()

    class Meta:
        indexes = [models.Index(fields=["path"], opclasses=["varchar_pattern_ops"], name="branch_path")]

    def __str__(self) -> str:
        return self.path


class Folding(models.Model):
    """One row: whoever holds it folds changes into totals, or lets totals follow a move of the tree."""

    def __str__(self) -> str:
        return "folding"


class ReportedFigure(models.Model):
    """A number that somebody else told, with source and date, never worked out here and never added to what is.

    ``told`` as it was written, the rest as it was read; ``told_power`` is the power of ten of its last digit. ``names``:
    what the source lists beside the number. A correction is a newer word that ``replaces`` the older; both stay.
    """

    APPEND_ONLY = True

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    code = models.CharField(max_length=60, help_text="what checks call it")
    name = models.CharField(max_length=80)
    metric = models.ForeignKey(Metric, models.PROTECT, null=True, blank=True, related_name="reported")
    told = models.CharField(max_length=40)
    value = models.DecimalField(max_digits=22, decimal_places=6)
    told_power = models.SmallIntegerField()
    sign = models.CharField(max_length=1, choices=Sign, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    names = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    as_of = models.DateField()
    source = models.CharField(max_length=200)
    entered_by = models.BigIntegerField(null=True)
    entered_at = models.DateTimeField(default=clock.now)
    replaces = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="replaced_by")
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["place", "code", "-id"], name="reported_code")]
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=CODE), name="reported_code_shape"),
            models.CheckConstraint(condition=Q(value__gte=0), name="reported_not_negative"),
            models.CheckConstraint(condition=Q(sign__in=Sign.values), name="reported_sign_known"),
            models.CheckConstraint(condition=~Q(source=""), name="reported_source_given"),
            models.CheckConstraint(
                condition=Q(replaces__isnull=True) | ~Q(reason="") & Q(replaces__lt=F("id")),
                name="reported_correction_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.told}"


class Number(models.Model):
    """A number that somebody cited: what it counts, where, and the days from ``since`` until before ``until``; or one that
    others reported. ``code`` stands beside it on paper and opens the page of the number.
    """

    APPEND_ONLY = True

    code = models.CharField(max_length=10, unique=True)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    metric = models.ForeignKey(Metric, models.PROTECT, null=True, related_name="+", db_index=False)
    since = models.DateField(null=True)
    until = models.DateField(null=True)
    reported = models.ForeignKey(ReportedFigure, models.PROTECT, null=True, related_name="+", db_index=False)
    made_by = models.BigIntegerField(null=True)
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["metric", "place", "since", "until"],
                condition=Q(metric__isnull=False),
                name="number_cited_once",
            ),
            models.UniqueConstraint(
                fields=["reported"], condition=Q(reported__isnull=False), name="number_reported_cited_once"
            ),
            models.CheckConstraint(
                condition=Q(metric__isnull=False, reported__isnull=True, since__lt=F("until"))
                | Q(metric__isnull=True, reported__isnull=False, since__isnull=True, until__isnull=True),
                name="number_of_one_thing",
            ),
            models.CheckConstraint(condition=Q(code__regex=r"^[2-9A-HJKMNP-TV-Z]{10}$"), name="number_code_shape"),
        ]

    def __str__(self) -> str:
        return self.code


class Check(models.Model):
    """A question to the reported figures of one place, in the small language of ``rules/checks.py``."""

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=CheckKind)
    statement = models.JSONField()
    made_by = models.BigIntegerField(null=True)
    made_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["place", "id"], name="check_place")]
        constraints = [
            models.UniqueConstraint(
                fields=["place", "name"], condition=Q(ended_at__isnull=True), name="check_name_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=CheckKind.values), name="check_kind_known"),
        ]

    def __str__(self) -> str:
        return self.name


class Feed(models.Model):
    """A file that somebody has made again and again: of the numbers of a place, for the day, week or month before; or of a
    list as it is at that moment, with the filters in ``address``.

    ``next_at``: when the next one is due. It ends when he ends it, or when it lapses: ``why``.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    place = models.ForeignKey(Place, models.PROTECT, null=True, related_name="+")
    address = models.CharField(max_length=600, blank=True)
    person_id = models.BigIntegerField()
    split = models.CharField(max_length=5, choices=Split)
    kind = models.CharField(max_length=4, choices=FileKind)
    rhythm = models.CharField(max_length=7, choices=Rhythm)
    hour = models.PositiveSmallIntegerField()
    next_at = models.DateTimeField()
    made_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    lapsed = models.BooleanField(default=False)
    why = models.CharField(max_length=6, choices=Lapse, blank=True)
    keep_days = models.PositiveSmallIntegerField(choices=Keep, default=Keep.QUARTER)

    class Meta:
        indexes = [
            models.Index(fields=["person_id", "-id"], name="feed_person"),
            models.Index(fields=["next_at"], condition=Q(ended_at__isnull=True), name="feed_due"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person_id", "place", "split", "kind", "rhythm"],
                condition=Q(ended_at__isnull=True, address=""),
                name="feed_once",
            ),
            models.UniqueConstraint(
                fields=["person_id", "address", "kind", "rhythm"],
                condition=Q(ended_at__isnull=True) & ~Q(address=""),
                name="feed_list_once",
            ),
            models.CheckConstraint(
                condition=Q(place__isnull=False, address="") | Q(place__isnull=True) & ~Q(address=""),
                name="feed_of_one_thing",
            ),
            models.CheckConstraint(condition=Q(keep_days__in=Keep.values), name="feed_keep_known"),
            models.CheckConstraint(condition=Q(hour__lt=24), name="feed_hour_of_a_day"),
            models.CheckConstraint(condition=Q(rhythm__in=Rhythm.values), name="feed_rhythm_known"),
            models.CheckConstraint(condition=Q(kind__in=FileKind.values), name="feed_kind_known"),
            models.CheckConstraint(condition=Q(split__in=Split.values), name="feed_split_known"),
        ]

    def __str__(self) -> str:
        return f"{self.place_id or self.address} {self.rhythm} {self.kind}"


class KeptFile(models.Model):
    """One file of a feed, with its bytes: it is there whole or not at all. Kept as long as its feed says.

    ``roles``: of a list, the (kind, path of the place) that its owner held when it was made, for what he saw hangs on them.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    feed = models.ForeignKey(Feed, models.CASCADE, related_name="files")
    since = models.DateField()
    until = models.DateField()
    body = models.BinaryField()
    size = models.PositiveIntegerField()
    made_at = models.DateTimeField(default=clock.now, db_index=True)
    roles = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["feed", "since"], name="kept_file_once"),
            models.CheckConstraint(condition=Q(since__lt=F("until"), size__gt=0), name="kept_file_of_days"),
        ]

    def __str__(self) -> str:
        return f"{self.feed_id} {self.since}"
