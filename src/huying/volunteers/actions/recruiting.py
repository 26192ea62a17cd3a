"""Campaigns: a true notice, and people who join by their own choice. Who does not join leaves no trace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, clock, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, InvalidInput
from huying.kernel.transactions import begin
from huying.volunteers import rules
from huying.volunteers.actions.oneself import own
from huying.volunteers.actions.teams import enrol
from huying.volunteers.models import Campaign, CampaignJoin, Membership, Team


class CampaignOver(Conflict):
    code = "campaign_over"
    message = _("招募已经结束。")


class CampaignFull(Conflict):
    code = "campaign_full"
    message = _("已经招满，谢谢您。")


class CampaignUnclear(InvalidInput):
    code = "campaign_unclear"
    message = _("截止要晚于开始，也要晚于现在。")


@dataclass(frozen=True, slots=True)
class Notice:
    """What a campaign says (GB/T 40143-2021 6.1): all of it true, risks included (志愿服务条例 art. 12)."""

    team: Team
    title: str
    content: str
    risks: str
    cover: str
    wanted: int
    opens_at: datetime
    closes_at: datetime
    conditions: str = ""
    is_emergency: bool = False


def start_campaign(*, actor: Actor, notice: Notice) -> Campaign:
    """Call for people to join a team; by its leaders and keepers. Raises Forbidden, CampaignUnclear."""
    if notice.closes_at <= max(notice.opens_at, clock.now()):
        raise CampaignUnclear(fields={"closes_at": CampaignUnclear.message})
    with begin(actor):
        team = locks.one(Team, pk=notice.team.pk, active=True)
        if not rules.can_keep_members(actor, team):
            raise Forbidden
        made = Campaign.objects.create(
            team=team,
            title=notice.title,
            content=notice.content,
            conditions=notice.conditions,
            risks=notice.risks,
            cover=notice.cover,
            wanted=notice.wanted,
            opens_at=notice.opens_at,
            closes_at=notice.closes_at,
            is_emergency=notice.is_emergency,
            made_by_id=actor.person_id,
        )
        audit.record(actor, "campaign.start", made, place_path=team.place.path)
        return made


def stop_campaign(*, actor: Actor, campaign: Campaign) -> Campaign:
    """End it before its day. Raises Forbidden."""
    with begin(actor):
        team = locks.one(Team, pk=campaign.team_id)
        fresh = locks.one(Campaign, pk=campaign.pk)
        if not rules.can_keep_members(actor, team):
            raise Forbidden
        if fresh.stopped_at is None:
            fresh.stopped_at = clock.now()
            fresh.save(update_fields=["stopped_at"])
            audit.record(actor, "campaign.stop", fresh, place_path=team.place.path)
        return fresh


def join_campaign(*, actor: Actor, campaign: Campaign) -> CampaignJoin:
    """Join the team by one's own choice; again changes nothing. Raises NotAVolunteer, CampaignOver, CampaignFull."""
    with begin(actor):
        team = locks.one(Team, pk=campaign.team_id)
        volunteer = own(actor)
        fresh = locks.one(Campaign, pk=campaign.pk)
        known = CampaignJoin.objects.filter(campaign=fresh, volunteer=volunteer).first()
        if known is not None:
            return known
        if fresh.stopped_at is not None or not fresh.opens_at <= clock.now() < fresh.closes_at:
            raise CampaignOver
        if fresh.joined >= fresh.wanted:
            raise CampaignFull
        if not Membership.objects.filter(rules.PRESENT, team=team, volunteer=volunteer).exists():
            enrol(actor, team, volunteer, is_leader=False)
        fresh.joined += 1
        fresh.save(update_fields=["joined"])
        return CampaignJoin.objects.create(campaign=fresh, volunteer=volunteer, at=clock.now())
