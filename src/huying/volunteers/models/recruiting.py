"""Looking for more people: campaigns with a true notice (志愿服务条例 art. 12, GB/T 40143 6.1), and who joined by them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from huying.kernel import chance


class Campaign(models.Model):
    """A call for people to join a team: what, where, when, how many, on what conditions, with which risks and cover."""

    public_id = models.UUIDField(default=chance.uuid7, unique=True, editable=False)
    team = models.ForeignKey("volunteers.Team", models.PROTECT, related_name="campaigns")
    title = models.CharField(max_length=80)
    content = models.CharField(max_length=500)
    conditions = models.CharField(max_length=300, blank=True)
    risks = models.CharField(max_length=300)
    cover = models.CharField(max_length=300)
    wanted = models.PositiveIntegerField()
    joined = models.PositiveIntegerField(default=0)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    is_emergency = models.BooleanField(default=False)
    stopped_at = models.DateTimeField(null=True, blank=True)
    made_by = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["closes_at", "id"], name="campaign_closing")]
        constraints = [
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="campaign_span"),
            models.CheckConstraint(condition=Q(joined__lte=F("wanted"), wanted__gte=1), name="campaign_not_too_many"),
        ]

    def __str__(self) -> str:
        return self.title


class CampaignJoin(models.Model):
    """Somebody joined the team by this campaign. Who saw it and did not join is nowhere."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="joins")
    volunteer = models.ForeignKey("volunteers.Volunteer", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "volunteer"], name="campaignjoin_once")]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.volunteer_id}"
