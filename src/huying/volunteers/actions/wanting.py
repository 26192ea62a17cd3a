"""A team says whom it wants; volunteers are asked, and join by their own choice. A no is silence (decisions 0021, 0043).

Lock order: Team, Volunteer, Want, Invitation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, clock, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound
from huying.kernel.transactions import begin
from huying.people import actions as people_actions
from huying.people import rules as people_rules
from huying.people.actions import Message
from huying.places.models import Place
from huying.volunteers import rules
from huying.volunteers.actions.oneself import own
from huying.volunteers.actions.teams import enrol
from huying.volunteers.models import Invitation, Membership, Skill, Team, Volunteer, Want
from huying.volunteers.queries.fitting import able, askable
from huying.volunteers.states import SLOTS, InvitationState, WantState

LONGEST = timedelta(days=366)


class WantUnclear(InvalidInput):
    code = "want_unclear"
    message = _("截止要在今天以后、一年以内。")


class PlaceUnplaced(InvalidInput):
    code = "place_unplaced"
    message = _("这个地方和它的上级都还没有标位置，算不出谁住得近。请另选一个地方，或者先标位置。")


class WantOver(Conflict):
    code = "want_over"
    message = _("这支队伍已经不再要人了。")


class InvitationOver(Conflict):
    code = "invitation_over"
    message = _("这个邀请已经结束，谢谢您。")


@dataclass(frozen=True, slots=True)
class WantFacts:
    """Whom a team looks for: at least one person, with all of ``skills``, free at all of ``slots`` (see Volunteer)."""

    team: Team
    place: Place
    headcount: int
    words: str
    until_date: date
    skills: Sequence[Skill] = ()
    slots: Sequence[int] = ()


def state_want(*, actor: Actor, facts: WantFacts) -> Want:
    """Say that a team wants people; by its leaders and keepers. Raises Forbidden, WantUnclear, PlaceUnplaced."""
    if not clock.today() <= facts.until_date <= clock.today() + LONGEST:
        raise WantUnclear(fields={"until_date": WantUnclear.message})
    with begin(actor):
        team = locks.one(Team, pk=facts.team.pk, active=True)
        if not rules.can_keep_members(actor, team):
            raise Forbidden
        lon, lat = position_of(facts.place)
        made = Want.objects.create(
            team=team,
            place=facts.place,
            lon=lon,
            lat=lat,
            slots=sorted({slot for slot in facts.slots if 0 <= slot < SLOTS}),
            headcount=facts.headcount,
            words=facts.words,
            until_date=facts.until_date,
            made_by_id=actor.person_id,
            made_at=clock.now(),
        )
        made.skills.set(facts.skills)
        audit.record(actor, "want.make", made, place_path=team.place.path)
        return made


def position_of(place: Place) -> tuple[float, float]:
    """Longitude and latitude of a place, or of the nearest above it that has them. PlaceUnplaced."""
    keys = [int(one) for one in place.path.strip("/").split("/")]
    placed = Place.objects.filter(pk__in=keys, lon__isnull=False, lat__isnull=False).order_by("-depth")
    found = placed.values_list("lon", "lat").first()
    if found is None or found[0] is None or found[1] is None:
        raise PlaceUnplaced(fields={"place": PlaceUnplaced.message})
    return found[0], found[1]


def withdraw_want(*, actor: Actor, want: Want) -> Want:
    """Look no further: open invitations end with a kind word. Again changes nothing. Raises Forbidden."""
    with begin(actor):
        team = locks.one(Team, pk=want.team_id)
        fresh = locks.one(Want, pk=want.pk)
        if not rules.can_keep_members(actor, team):
            raise Forbidden
        if fresh.state == WantState.OPEN:
            close(actor, fresh, WantState.WITHDRAWN)
            audit.record(actor, "want.withdraw", fresh, place_path=team.place.path)
        return fresh


def close(actor: Actor, want: Want, state: WantState) -> None:
    """The want, locked, is open no more, nor are its invitations; who was still asked hears of it, whatever he did."""
    want.state, want.closed_at = state, clock.now()
    want.save(update_fields=["state", "closed_at", "joined"])
    open_now = Invitation.objects.filter(want=want, state=InvitationState.OPEN)
    title = {
        WantState.FILLED: gettext("%(team)s的人已经找齐了，谢谢您"),
        WantState.WITHDRAWN: gettext("%(team)s暂时不再要人了，谢谢您"),
    }.get(state)
    ended = end(open_now)
    if title is None:
        return
    told = [
        Message(
            one.volunteer.person,
            title % {"team": want.team.name},
            gettext("上次请您入队的事就到这里，不用再答复。"),
            kind="invitation",
            key=f"invitation.over:{one.pk}",
        )
        for one in ended
    ]
    people_actions.send_notices(actor=actor, messages=told)


def end(rows: QuerySet[Invitation]) -> list[Invitation]:
    """Lock and end these invitations; that somebody had said no is wiped with them."""
    ended = locks.many(rows.select_related("volunteer__person"))
    keys = [one.pk for one in ended]
    Invitation.objects.filter(pk__in=keys).update(state=InvitationState.OVER, put_away=False)
    return ended


def end_late(keys: Iterable[int]) -> None:
    """The invitations of these volunteers (locked) whose time has run out make room for another."""
    end(Invitation.objects.filter(volunteer__in=keys, state=InvitationState.OPEN, ends_at__lte=clock.now()))


def invite(*, actor: Actor, want: Want, volunteers: Sequence[Volunteer]) -> list[Invitation]:
    """Ask these volunteers whether they like to join; those who can be asked no more are left out. Forbidden, WantOver.

    Nobody is asked twice by one want, nor by two at once.
    """
    with begin(actor):
        team = locks.one(Team, pk=want.team_id)
        if not rules.can_allocate(actor, team.place):
            raise Forbidden
        kept = people_rules.within(actor, rules.KEEPERS, "base_place__path")
        rows = locks.many(Volunteer.objects.filter(kept, pk__in=[one.pk for one in volunteers]))
        fresh = locks.one(Want, pk=want.pk)
        if not (rules.is_wanted(fresh) and team.active):
            raise WantOver
        made = ask(actor, fresh, [one.pk for one in rows])
        audit.record(actor, "want.invite", fresh, place_path=team.place.path, changes={"invited": len(made)})
        return made


def ask(actor: Actor, want: Want, keys: Iterable[int]) -> list[Invitation]:
    """Invitations for those of these volunteers (locked, like the want) who may be asked now, with word to each."""
    now = clock.now()
    end_late(keys)
    fit = Volunteer.objects.filter(askable(want), able(want), pk__in=keys).order_by("pk")
    last = datetime.combine(want.until_date + timedelta(days=1), time(), clock.SHANGHAI)
    ends = min(now + timedelta(days=max(1, settings.HUYING_INVITATION_DAYS)), last)
    made = Invitation.objects.bulk_create(
        Invitation(want=want, volunteer=one, invited_by_id=actor.person_id, invited_at=now, ends_at=ends)
        for one in fit.select_related("person")
    )
    told = [
        Message(
            one.volunteer.person,
            gettext("%(team)s想请您入队") % {"team": want.team.name},
            gettext("%(words)s 愿意就加入；不愿意不用答复，不会留下任何记录。") % {"words": want.words},
            reverse("volunteers:invitation", args=[one.public_id]),
            kind="invitation",
            key=f"invitation:{one.pk}",
        )
        for one in made
    ]
    people_actions.send_notices(actor=actor, messages=told)
    return made


def take_up(*, actor: Actor, invitation: Invitation) -> Invitation:
    """Yes: join the team, as if its leader had agreed already; again changes nothing. InvitationOver, NotAVolunteer.

    The last place is taken once: places are counted under the lock of the want.
    """
    with begin(actor):
        want = invitation.want
        team = locks.one(Team, pk=want.team_id)
        volunteer = own(actor)
        want = locks.one(Want, pk=want.pk)
        mine = {"pk": invitation.pk, "volunteer": volunteer}
        fresh = locks.one(Invitation, **mine)
        if fresh.state == InvitationState.JOINED:
            return fresh
        asked = fresh.state == InvitationState.OPEN and not fresh.put_away and fresh.ends_at > clock.now()
        if not (asked and rules.is_wanted(want) and team.active):
            raise InvitationOver
        if not Membership.objects.filter(rules.PRESENT, team=team, volunteer=volunteer).exists():
            enrol(actor, team, volunteer, is_leader=False)
        fresh.state, fresh.joined_at = InvitationState.JOINED, clock.now()
        fresh.save(update_fields=["state", "joined_at"])
        want.joined += 1
        if want.joined == want.headcount:
            close(actor, want, WantState.FILLED)
        else:
            want.save(update_fields=["joined"])
        tell_leaders(actor, team, volunteer)
        return fresh


def tell_leaders(actor: Actor, team: Team, volunteer: Volunteer) -> None:
    """Who answers for the team hears who came."""
    leading = Membership.objects.filter(rules.PRESENT, team=team, is_leader=True).select_related("volunteer__person")
    told = [
        Message(
            one.volunteer.person,
            gettext("%(name)s加入了%(team)s") % {"name": volunteer.person.name, "team": team.name},
            gettext("是应邀来的，请打个招呼。"),
            reverse("volunteers:team", args=[team.public_id]),
            kind="invitation",
            about=volunteer.person,
        )
        for one in leading.order_by("pk")
        if one.volunteer_id != volunteer.pk
    ]
    people_actions.send_notices(actor=actor, messages=told)


def put_away(*, actor: Actor, invitation: Invitation) -> Invitation:
    """No, without a reason: it leaves his pages, and stays open for everybody else until its end. NotFound for others.

    Nothing is written but the mark on the row: no trail, no event, no notice.
    """
    with begin(actor):
        fresh = locks.one(Invitation, pk=invitation.pk, volunteer__person_id=actor.person_id or 0)
        if fresh.state == InvitationState.JOINED:
            raise NotFound
        if fresh.state == InvitationState.OPEN:
            fresh.put_away = True
            fresh.save(update_fields=["put_away"])
        return fresh


def end_wants(*, actor: Actor) -> int:
    """What is over by the clock: invitations whose time has run out, wants whose last day has passed; how many wants.

    A second run finds nothing to do.
    """
    with begin(actor):
        late = locks.many(Want.objects.filter(state=WantState.OPEN, until_date__lt=clock.today()))
        over = Q(want__in=late) | Q(ends_at__lte=clock.now())
        end(Invitation.objects.filter(over, state=InvitationState.OPEN))  # all at once: locked in one order
        for want in late:
            close(actor, want, WantState.OVER)
        return len(late)


def end_invitations_of(volunteer: Volunteer) -> None:
    """He volunteers no more: nobody waits for his answer. The caller holds him locked."""
    end(Invitation.objects.filter(volunteer=volunteer, state=InvitationState.OPEN))
