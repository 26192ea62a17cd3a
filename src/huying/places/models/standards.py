"""Standards of sites (五个一, 十三个一; S4-4.1): checklists as data, and the checks of sites against them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from huying.kernel import chance, clock
from huying.places.models.tree import Place, PlaceKind
from huying.places.states import Answer, CheckState

HEAVIEST = 100


class Standard(models.Model):
    """One version of a checklist for sites of some kinds, below ``place`` or everywhere.

    Its items never change: what is asked anew is the next version. ``ended_at`` says since when it is not in force.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    code = models.CharField(_("代码"), max_length=60)
    version = models.PositiveIntegerField(_("版本"))
    place = models.ForeignKey(Place, models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(_("名称"), max_length=60)
    name_en = models.CharField(_("英文名称"), max_length=120, blank=True)
    about = models.CharField(_("说明"), max_length=300, blank=True)
    about_en = models.CharField(_("英文说明"), max_length=300, blank=True)
    kinds = models.ManyToManyField(PlaceKind, related_name="standards", verbose_name=_("适用于"))
    pack = models.CharField(max_length=80, blank=True)
    made_at = models.DateTimeField(default=clock.now, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code", "place", "version"], nulls_distinct=False, name="standard_version_once"
            ),
            models.UniqueConstraint(
                fields=["code", "place"],
                condition=Q(ended_at__isnull=True),
                nulls_distinct=False,
                name="standard_one_in_force",
            ),
            models.CheckConstraint(condition=Q(code__regex=r"^[a-z][a-z0-9_]*$"), name="standard_code_shape"),
            models.CheckConstraint(condition=Q(version__gte=1), name="standard_version_from_one"),
            models.CheckConstraint(condition=~Q(name=""), name="standard_name_given"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.version}"


class StandardItem(models.Model):
    """One thing asked of a site, what proves it, and how much it weighs."""

    APPEND_ONLY = True

    standard = models.ForeignKey(Standard, models.PROTECT, related_name="items")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(_("要求"), max_length=120)
    name_en = models.CharField(_("英文要求"), max_length=240, blank=True)
    proof = models.CharField(_("怎么算做到"), max_length=200, blank=True)
    proof_en = models.CharField(max_length=300, blank=True)
    weight = models.PositiveSmallIntegerField(_("权重"), default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["standard", "number"], name="standarditem_number_once"),
            models.CheckConstraint(
                condition=Q(number__gte=1, weight__gte=1, weight__lte=HEAVIEST), name="standarditem_ranges"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="standarditem_name_given"),
        ]

    def __str__(self) -> str:
        return self.name


class SiteCheck(models.Model):
    """One self-check of a site, and what another person said of it. ``holds``: the newest that was verified.

    ``met`` and ``applies`` are sums of weights; the score is their share. No check is ever removed.
    """

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    place = models.ForeignKey(Place, models.PROTECT, related_name="checks")
    standard = models.ForeignKey(Standard, models.PROTECT, related_name="checks")
    checked_by_id = models.BigIntegerField(db_index=True)
    checked_at = models.DateTimeField(default=clock.now)
    met = models.PositiveIntegerField()
    applies = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=CheckState.choices)
    decided_by_id = models.BigIntegerField(null=True, db_index=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    holds = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["place", "-checked_at", "-id"], name="sitecheck_place"),
            models.Index(
                fields=["checked_at", "id"], condition=Q(state=CheckState.SELF_CHECKED), name="sitecheck_waiting"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["place", "standard"],
                condition=Q(state=CheckState.SELF_CHECKED),
                name="sitecheck_one_waits",
            ),
            models.UniqueConstraint(fields=["place", "standard"], condition=Q(holds=True), name="sitecheck_one_holds"),
            models.CheckConstraint(condition=Q(state__in=CheckState.values), name="sitecheck_state_known"),
            models.CheckConstraint(
                condition=Q(state=CheckState.SELF_CHECKED, decided_by_id__isnull=True, decided_at__isnull=True)
                | Q(decided_by_id__isnull=False, decided_at__isnull=False) & ~Q(state=CheckState.SELF_CHECKED),
                name="sitecheck_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(decided_by_id__isnull=True) | ~Q(decided_by_id=F("checked_by_id")),
                name="sitecheck_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(holds=False) | Q(state=CheckState.VERIFIED), name="sitecheck_verified_holds"
            ),
            models.CheckConstraint(condition=Q(applies__gte=1, met__lte=F("applies")), name="sitecheck_score_range"),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.standard_id} {self.state}"


class CheckAnswer(models.Model):
    """What was answered to one item. Never changed: a mistake is returned and checked anew."""

    APPEND_ONLY = True

    check_of = models.ForeignKey(SiteCheck, models.PROTECT, related_name="answers")
    item = models.ForeignKey(StandardItem, models.PROTECT, related_name="answers")
    answer = models.CharField(max_length=3, choices=Answer.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["check_of", "item"], name="checkanswer_once"),
            models.CheckConstraint(condition=Q(answer__in=Answer.values), name="checkanswer_known"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.answer}"


class CheckNote(models.Model):
    """What was written beside an answer; it goes when its writer is forgotten (decision 0012)."""

    REMOVE_ONLY = True

    answer = models.OneToOneField(CheckAnswer, models.PROTECT, related_name="note")
    text = models.CharField(max_length=200)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="checknote_says_something")]

    def __str__(self) -> str:
        return self.text
