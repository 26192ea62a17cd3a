"""Giving, lending and ending roles. Oversight and administration take two people of different offices."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, clock, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound
from huying.kernel.transactions import begin
from huying.people import rules
from huying.people.actions.notices import send_notice
from huying.people.models import Person, Role, RoleProposal
from huying.people.states import SEPARATED, TWO_PEOPLE, Proposal, RoleKind
from huying.places.models import Place


class RoleHeldAlready(Conflict):
    code = "role_held_already"
    message = _("这个人在这段时间里已经有这个角色了。")


class AdministrationsApart(Conflict):
    code = "administrations_apart"
    message = _("系统、安全、审计三种管理员不能由同一个人担任。")


class TwoPeopleNeeded(Forbidden):
    code = "two_people_needed"
    message = _("这个角色要两个人才能给：一人提出，另一岗位的人同意。")


class NotOneself(Forbidden):
    code = "not_oneself"
    message = _("不能给自己授权，也不能自己同意自己的提议。")


class ProposalSettled(Conflict):
    code = "proposal_settled"
    message = _("这件提议已经有结果了。")


def grant_role(
    *,
    actor: Actor,
    person_id: int,
    kind: str,
    place: Place,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Role:
    """Give one role at one place from ``starts_at`` (now) until before ``ends_at`` (open).

    Raises TwoPeopleNeeded for kinds that need a proposal, NotOneself, Forbidden, RoleHeldAlready.
    """
    starts_at = starts_at or clock.now()
    _check_span(starts_at, ends_at)
    if kind in TWO_PEOPLE and not actor.is_system:
        raise TwoPeopleNeeded
    if not actor.is_system and not rules.can_grant(actor, kind, place):
        raise Forbidden(_("您不能在这个地方授予这个角色。"))
    with begin(actor):
        person = _receiver(actor, person_id)
        role = _make(actor, Role(person=person, kind=kind, place=place, starts_at=starts_at, ends_at=ends_at))
        _told(actor, person, kind, place, gettext("您有了新的角色"))
        return role


def end_role(*, actor: Actor, role_id: int) -> Role:
    """End a role now, and every loan of it. One may always lay down one's own role, except an administration.

    Raises NotFound, Forbidden, TwoPeopleNeeded.
    """
    with begin(actor):
        role = locks.one(Role, pk=role_id)
        _check_may_end(actor, role)
        _end(actor, role)
        if role.person_id != actor.person_id:
            _told(actor, role.person, role.kind, role.place, gettext("您的一个角色结束了"))
        return role


def lend_role(
    *, actor: Actor, role_id: int, person_id: int, place: Place, starts_at: datetime, ends_at: datetime
) -> Role:
    """Let somebody else stand in: the same kind, at the same place or below, for no longer than one's own.

    The loan ends with the lender's own role, whatever its date. Raises Forbidden, InvalidInput, RoleHeldAlready.
    """
    _check_span(starts_at, ends_at)
    with begin(actor):
        person = _receiver(actor, person_id)
        own = locks.one(Role, pk=role_id)
        now = clock.now()
        if not rules.can_lend(actor, own) or not (own.ends_at is None or own.ends_at > now):
            raise Forbidden(_("只能把自己正在担任、可以委托的角色托给别人。"))
        if not place.path.startswith(own.place.path):
            raise InvalidInput(fields={"place": _("只能在您自己负责的范围内委托。")})
        if own.ends_at is not None and ends_at > own.ends_at:
            raise InvalidInput(fields={"ends": _("委托的结束时间不能晚于您自己的任期。")})
        if starts_at < own.starts_at:
            raise InvalidInput(fields={"starts": _("委托不能早于您自己的任期。")})
        loan = Role(
            person=person,
            kind=own.kind,
            place=place,
            starts_at=starts_at,
            ends_at=ends_at,
            delegated_from=own,
        )
        _make(actor, loan)
        _told(actor, person, own.kind, place, gettext("有人把工作委托给您"))
        return loan


def propose_role(
    *,
    actor: Actor,
    person_id: int,
    kind: str,
    place: Place,
    reason: str,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    ends_role: Role | None = None,
) -> RoleProposal:
    """First of two: propose to give a two-person role, or to end one (``ends_role``).

    Raises NotOneself, Forbidden, InvalidInput, Conflict when the same proposal waits already.
    """
    starts_at = starts_at or clock.now()
    _check_span(starts_at, ends_at)
    if kind not in TWO_PEOPLE:
        raise InvalidInput(fields={"kind": _("这个角色可以直接授予，不用提议。")})
    if not rules.can_propose(actor, kind, place):
        raise Forbidden(_("您不能在这个地方提议这个角色。"))
    if not 4 <= len(reason.strip()) <= 200:
        raise InvalidInput(fields={"reason": _("请写明理由（4到200个字）。")})
    with begin(actor):
        person = _receiver(actor, person_id)
        proposal = RoleProposal(
            person=person,
            kind=kind,
            place=place,
            ends_role=ends_role,
            starts_at=starts_at,
            ends_at=ends_at,
            reason=reason.strip(),
            proposed_at=clock.now(),
            proposed_by_id=_me(actor),
        )
        same = RoleProposal.objects.filter(person=person, kind=kind, place=place, state=Proposal.WAITING)
        try:
            with transaction.atomic():
                proposal.save()
        except IntegrityError:
            if same.exists():
                raise Conflict(_("同样的提议正在等待另一人同意。")) from None
            raise
        audit.record(actor, "role.proposed", proposal, place_path=place.path, changes={"kind": kind}, reason=reason)
        return proposal


def decide_proposal(*, actor: Actor, public_id: str, agrees: bool) -> RoleProposal:
    """Second of two: agree, and the role begins or ends; or not. The other office decides, never the same
    person.

    Raises NotFound, NotOneself, Forbidden, ProposalSettled, AdministrationsApart, RoleHeldAlready.
    """
    with begin(actor):
        asked = RoleProposal.objects.filter(public_id=public_id).first()
        if asked is None:
            raise NotFound
        locks.one(Person, pk=asked.person_id)  # two roles written at once would wait for each other in the table
        proposal = locks.one(RoleProposal, pk=asked.pk)
        if proposal.state != Proposal.WAITING:
            raise ProposalSettled
        if actor.person_id in {proposal.proposed_by_id, proposal.person_id}:
            raise NotOneself
        if not rules.can_decide(actor, proposal):
            raise Forbidden(_("要由另一岗位的管理员来决定。"))
        proposal.state = Proposal.AGREED if agrees else Proposal.REFUSED
        proposal.decided_at, proposal.decided_by_id = clock.now(), actor.person_id
        proposal.save()
        if agrees and proposal.ends_role is not None:
            _end(actor, locks.one(Role, pk=proposal.ends_role_id))
        elif agrees:
            _make(
                actor,
                Role(
                    person=proposal.person,
                    kind=proposal.kind,
                    place=proposal.place,
                    starts_at=max(proposal.starts_at, proposal.decided_at),
                    ends_at=proposal.ends_at,
                    granted_by_id=proposal.proposed_by_id,
                    seconded_by_id=actor.person_id,
                ),
            )
        audit.record(actor, "role.decided", proposal, place_path=proposal.place.path, changes={"agrees": agrees})
        return proposal


def _make(actor: Actor, role: Role) -> Role:
    role.granted_at = clock.now()
    if role.granted_by_id is None:
        role.granted_by_id = actor.person_id
    try:
        with transaction.atomic():
            role.save()
    except IntegrityError:
        raise _why_not(role) from None
    audit.record(
        actor,
        "role.granted" if role.delegated_from_id is None else "role.lent",
        role,
        place_path=role.place.path,
        changes={"kind": role.kind, "person": role.person_id},
    )
    return role


def _why_not(role: Role) -> Conflict:
    """The database refused: look at the rows to say why (never at the constraint's name)."""
    meets = Q(ends_at__isnull=True) | Q(ends_at__gt=role.starts_at)
    if role.ends_at is not None:
        meets &= Q(starts_at__lt=role.ends_at)
    others = Role.objects.filter(meets, person=role.person)
    if role.kind in SEPARATED and others.filter(kind__in=SEPARATED).exclude(kind=role.kind).exists():
        return AdministrationsApart()
    return RoleHeldAlready()


def _end(actor: Actor, role: Role) -> None:
    """Close a role and its loans at this moment (one that had not begun becomes empty)."""
    now = clock.now()
    for row in [role, *locks.many(Role.objects.filter(delegated_from=role))]:
        if row.ends_at is None or row.ends_at > now:
            row.ends_at = max(now, row.starts_at)
            row.save(update_fields=["ends_at"])
            audit.record(
                actor,
                "role.ended",
                row,
                place_path=row.place.path,
                changes={"kind": row.kind, "person": row.person_id},
            )


def _check_may_end(actor: Actor, role: Role) -> None:
    if actor.is_system:
        return
    if role.delegated_from is not None and role.delegated_from.person_id == actor.person_id:
        return
    if role.kind in SEPARATED:
        raise TwoPeopleNeeded
    if role.person_id == actor.person_id:
        return
    if role.kind in TWO_PEOPLE:
        raise TwoPeopleNeeded
    if not rules.can_grant(actor, role.kind, role.place):
        raise Forbidden


def _receiver(actor: Actor, person_id: int) -> Person:
    if person_id == actor.person_id:
        raise NotOneself
    person = locks.one(Person, pk=person_id)
    if person.erased_at is not None:
        raise NotFound
    return person


def _check_span(starts_at: datetime, ends_at: datetime | None) -> None:
    if ends_at is None:
        return
    problem: Promise | None = None
    if ends_at <= starts_at:
        problem = _("结束时间要晚于开始时间。")
    elif ends_at <= clock.now():
        problem = _("结束时间已经过去了。")
    if problem is not None:
        raise InvalidInput(fields={"ends": problem})


def _me(actor: Actor) -> int:
    if actor.person_id is None:
        raise Forbidden
    return actor.person_id


def _told(actor: Actor, person: Person, kind: str, place: Place, title: str) -> None:
    send_notice(
        actor=actor,
        person=person,
        kind="role",
        title=title,
        body=f"{place.name} · {RoleKind(kind).label}",
        url="/people/me/roles/",
    )
