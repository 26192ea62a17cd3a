"""Roles at places: who gives what, dates, loans, two people, three administrations apart (GB/T 22239-2019
8.1.4).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from django.db import IntegrityError, transaction

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, InvalidInput
from huying.people import actions, queries
from huying.people.actions import roles
from huying.people.models import Notice, Role, RoleProposal
from huying.people.states import GRANTS, SEPARATED, TWO_PEOPLE, RoleKind
from huying.people.tests import factories as make
from huying.places.tests.factories import place

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def at_noon():
    with clock.frozen(NOW):
        yield


def holder(kind: str, at) -> Actor:
    person = make.person(f"{kind}", home=at)
    make.role(person, kind, at)
    return make.actor(person)


def grant(by: Actor, kind: str, at, person=None, **facts) -> Role:
    return actions.grant_role(actor=by, person_id=(person or make.person(home=at)).pk, kind=kind, place=at, **facts)


# ── giving ──────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("giver", list(RoleKind))
def test_everybody_gives_exactly_what_the_table_says(giver, street):
    actor = holder(giver, street)

    allowed = set()
    for kind in RoleKind:
        try:
            grant(actor, kind, street)
            allowed.add(kind)
        except (Forbidden, roles.TwoPeopleNeeded):
            pass

    assert allowed == set(GRANTS.get(giver, ()))


def test_a_giver_reaches_his_place_and_below_but_not_above_or_beside(county, street):
    actor = holder(RoleKind.OFFICE, street)
    beside = place("street", county)

    assert grant(actor, RoleKind.VOLUNTEER, place("community", street)).pk
    for outside in (county, beside):
        with pytest.raises(Forbidden):
            grant(actor, RoleKind.VOLUNTEER, outside)


def test_nobody_gives_himself_a_role(street):
    person = make.person(home=street)
    make.role(person, RoleKind.ADMINISTRATOR, street)

    with pytest.raises(roles.NotOneself):
        grant(make.actor(person), RoleKind.DISPATCHER, street, person)


@pytest.mark.parametrize("kind", TWO_PEOPLE)
def test_roles_of_two_people_are_never_given_by_one(kind, street):
    for giver in RoleKind:
        with pytest.raises((roles.TwoPeopleNeeded, Forbidden)):
            grant(holder(giver, street), kind, street)


def test_a_role_holds_from_its_first_moment_until_before_its_last(street):
    person = make.person(home=street)
    actor = holder(RoleKind.ADMINISTRATOR, street)
    grant(actor, RoleKind.OFFICE, street, person, starts_at=NOW + DAY, ends_at=NOW + 2 * DAY)

    seen = []
    for at in (
        NOW,
        NOW + DAY - timedelta(microseconds=1),
        NOW + DAY,
        NOW + 2 * DAY - timedelta(microseconds=1),
        NOW + 2 * DAY,
    ):
        with clock.frozen(at):
            seen.append([role.kind for role in queries.roles_now(person.pk)])

    assert seen == [[], [], ["office"], ["office"], []]


def test_the_same_role_twice_at_once_is_refused_but_one_after_the_other_is_not(street):
    person = make.person(home=street)
    actor = holder(RoleKind.ADMINISTRATOR, street)
    grant(actor, RoleKind.OFFICE, street, person, ends_at=NOW + DAY)

    with pytest.raises(roles.RoleHeldAlready):
        grant(actor, RoleKind.OFFICE, street, person, starts_at=NOW + DAY - timedelta(seconds=1))
    grant(actor, RoleKind.OFFICE, street, person, starts_at=NOW + DAY)

    assert Role.objects.filter(person=person).count() == 2


@pytest.mark.parametrize(
    ("starts_at", "ends_at"), [(NOW + DAY, NOW + DAY), (NOW + 2 * DAY, NOW + DAY), (NOW - 3 * DAY, NOW - DAY)]
)
def test_spans_that_are_empty_or_over_are_refused(street, starts_at, ends_at):
    with pytest.raises(InvalidInput) as refused:
        grant(holder(RoleKind.ADMINISTRATOR, street), RoleKind.OFFICE, street, starts_at=starts_at, ends_at=ends_at)

    assert set(refused.value.fields) == {"ends"}


def test_the_receiver_is_told(street):
    person = make.person(home=street)

    grant(holder(RoleKind.ADMINISTRATOR, street), RoleKind.OFFICE, street, person)

    notice = Notice.objects.get(person=person)
    assert (notice.kind, notice.body) == ("role", f"{street.name} · 实践所工作人员")


# ── ending ──────────────────────────────────────────────────────────────────
def test_who_may_give_may_end_and_one_may_lay_down_ones_own(street):
    actor = holder(RoleKind.ADMINISTRATOR, street)
    mine, other = grant(actor, RoleKind.OFFICE, street), grant(actor, RoleKind.GRID_WORKER, street)

    actions.end_role(actor=make.actor(mine.person), role_id=mine.pk)
    actions.end_role(actor=actor, role_id=other.pk)

    assert list(queries.roles_now(mine.person_id)) == list(queries.roles_now(other.person_id)) == []


def test_strangers_end_nothing(street, county):
    role = grant(holder(RoleKind.ADMINISTRATOR, street), RoleKind.OFFICE, street)

    for other in (
        make.actor(make.person()),
        holder(RoleKind.STATION_KEEPER, street),
        holder(RoleKind.OFFICE, place("street", county)),
    ):
        with pytest.raises(Forbidden):
            actions.end_role(actor=other, role_id=role.pk)


@pytest.mark.parametrize("kind", TWO_PEOPLE)
def test_roles_of_two_people_are_not_ended_by_one(kind, street):
    person = make.person(home=street)
    role = make.role(person, kind, street)

    for ender in (RoleKind.ADMINISTRATOR, RoleKind.SECURITY_ADMIN, RoleKind.SYSTEM_ADMIN):
        with pytest.raises(Forbidden):
            actions.end_role(actor=holder(ender, street), role_id=role.pk)


def test_an_administration_is_not_laid_down_alone(street):
    person = make.person(home=street)
    role = make.role(person, RoleKind.AUDIT_ADMIN, street)

    with pytest.raises(roles.TwoPeopleNeeded):
        actions.end_role(actor=make.actor(person), role_id=role.pk)


# ── two people ──────────────────────────────────────────────────────────────
def propose(by: Actor, kind: str, at, person=None, **facts) -> RoleProposal:
    return actions.propose_role(
        actor=by, person_id=(person or make.person(home=at)).pk, kind=kind, place=at, reason="岗位调整", **facts
    )


def decide(by: Actor, proposal: RoleProposal, agrees: bool = True) -> RoleProposal:
    return actions.decide_proposal(actor=by, public_id=str(proposal.public_id), agrees=agrees)


def test_one_proposes_another_office_agrees_and_the_role_begins(street):
    security, system = holder(RoleKind.SECURITY_ADMIN, street), holder(RoleKind.SYSTEM_ADMIN, street)
    person = make.person(home=street)

    proposal = propose(security, RoleKind.AUDITOR, street, person)
    before = make.actor(person).roles
    decide(system, proposal)

    role = Role.objects.get(person=person)
    assert before == ()
    assert (role.granted_by_id, role.seconded_by_id) == (security.person_id, system.person_id)
    assert make.actor(person).roles == (("auditor", street.path),)


def test_not_agreed_means_no_role(street):
    proposal = propose(holder(RoleKind.SECURITY_ADMIN, street), RoleKind.AUDITOR, street)

    decide(holder(RoleKind.SYSTEM_ADMIN, street), proposal, agrees=False)

    assert not Role.objects.filter(person=proposal.person).exists()
    with pytest.raises(roles.ProposalSettled):
        decide(holder(RoleKind.SYSTEM_ADMIN, street), proposal)


def test_the_proposer_cannot_agree_and_neither_can_the_receiver_or_his_own_office(street):
    security = holder(RoleKind.SECURITY_ADMIN, street)
    receiver = make.person(home=street)
    make.role(receiver, RoleKind.SYSTEM_ADMIN, street)
    proposal = propose(security, RoleKind.INSPECTOR, street, receiver)

    with pytest.raises(roles.NotOneself):
        decide(security, proposal)
    with pytest.raises(roles.NotOneself):
        decide(make.actor(receiver), proposal)
    with pytest.raises(Forbidden):
        decide(holder(RoleKind.SECURITY_ADMIN, street), proposal)


@pytest.mark.parametrize("kind", SEPARATED)
def test_an_administration_is_given_by_the_two_others_only(kind, street):
    others = [other for other in SEPARATED if other != kind]
    first, second = (holder(other, street) for other in others)

    with pytest.raises(Forbidden):
        propose(holder(kind, street), kind, street)
    proposal = propose(first, kind, street)
    with pytest.raises(Forbidden):
        decide(holder(kind, street), proposal)
    decide(second, proposal)

    assert Role.objects.get(person=proposal.person).kind == kind


@pytest.mark.parametrize("kind", [kind for kind in RoleKind if kind not in SEPARATED])
def test_nobody_outside_the_three_administrations_proposes(kind, street):
    with pytest.raises(Forbidden):
        propose(holder(kind, street), RoleKind.ADMINISTRATOR, street)


@pytest.mark.parametrize(("one", "two"), list(permutations(SEPARATED, 2)))
def test_no_hand_holds_two_administrations(one, two, street):
    person = make.person(home=street)
    make.role(person, one, street)
    first, second = (holder(other, street) for other in SEPARATED if other != two)
    if first.person_id == person.pk:
        pytest.fail("the fixture must use other people")
    proposal = propose(first, two, street, person)

    with pytest.raises(roles.AdministrationsApart):
        decide(second, proposal)


def test_the_database_itself_refuses_what_the_actions_refuse(street):
    person, other = make.person(home=street), make.person(home=street)
    make.role(person, RoleKind.SYSTEM_ADMIN, street)
    facts = {"place": street, "starts_at": NOW, "granted_at": NOW}

    wrong = [
        Role(person=person, kind=RoleKind.AUDIT_ADMIN, **facts),
        Role(person=person, kind=RoleKind.OFFICE, granted_by=person, **facts),
        Role(person=other, kind=RoleKind.AUDITOR, granted_by=person, **facts),
        Role(person=other, kind=RoleKind.AUDITOR, granted_by=person, seconded_by=person, **facts),
        Role(person=other, kind=RoleKind.AUDITOR, granted_by=person, seconded_by=other, **facts),
        Role(person=other, kind=RoleKind.OFFICE, **{**facts, "ends_at": NOW - DAY}),
        Role(person=other, kind=RoleKind.OFFICE, delegated_from=Role.objects.get(), **facts),
        RoleProposal(person=person, kind="auditor", place=street, starts_at=NOW, proposed_at=NOW, proposed_by=person),
        RoleProposal(
            person=person, kind="auditor", place=street, starts_at=NOW, proposed_at=NOW, proposed_by=other,
            state="agreed", decided_at=NOW, decided_by=other,
        ),
    ]  # fmt: skip
    for row in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()


def test_ending_a_two_person_role_takes_two_people_as_well(street):
    security, system = holder(RoleKind.SECURITY_ADMIN, street), holder(RoleKind.SYSTEM_ADMIN, street)
    role = make.role(make.person(home=street), RoleKind.ADMINISTRATOR, street)

    proposal = propose(security, role.kind, street, role.person, ends_role=role)
    assert make.actor(role.person).roles
    decide(system, proposal)

    assert make.actor(role.person).roles == ()


def test_the_same_proposal_waits_once(street):
    security = holder(RoleKind.SECURITY_ADMIN, street)
    person = make.person(home=street)
    propose(security, RoleKind.AUDITOR, street, person)

    with pytest.raises(Conflict):
        propose(security, RoleKind.AUDITOR, street, person)


@pytest.mark.parametrize("reason", ["", "  ", "短", "长" * 201])
def test_a_proposal_says_why(reason, street):
    with pytest.raises(InvalidInput):
        actions.propose_role(
            actor=holder(RoleKind.SECURITY_ADMIN, street),
            person_id=make.person(home=street).pk,
            kind=RoleKind.AUDITOR,
            place=street,
            reason=reason,
        )
