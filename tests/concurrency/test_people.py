"""People at the same moment: budgets, codes, consents, roles, numbers. Rules have controls that break without them."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.people import actions
from huying.people.actions import limits, second_factor, signing_in
from huying.people.models import (
    Account,
    Allowance,
    Consent,
    Guardianship,
    Notice,
    OneTimeCode,
    OutgoingText,
    Person,
    RecoveryCode,
    Role,
    SecondFactor,
    SignIn,
)
from huying.people.states import RoleKind
from huying.people.tests import factories as make
from huying.places.tests.factories import place
from tests.concurrency.conftest import NOW
from tests.concurrency.racing import all_at_once, race, race_without_locks, refusals

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("at_noon")]
DAY = timedelta(days=1)
PHONE = "13900000001"
Work = Callable[[], Any]


def visitor(number: int) -> Actor:
    return Actor(person_id=None, address=f"203.0.{number}.9")


def together(count: int, work: Callable[[int], Any]) -> list[Any]:
    """The same work ``count`` times at once, each told its number."""
    return all_at_once(*(partial(work, number) for number in range(count)))


# ── budgets ─────────────────────────────────────────────────────────────────
def test_a_budget_is_never_passed_however_many_spend_at_once():
    limit = limits.Limit("race", 7, DAY)

    results = together(20, lambda number: limits.spend(limit, "key"))

    assert results.count(0) == 7
    assert Allowance.objects.get(scope="race").used == 7


def test_control_reading_first_and_writing_then_passes_the_budget():
    Allowance.objects.create(scope="race", key="key", begins_at=NOW, used=0)
    meet = threading.Barrier(2, timeout=10)

    def careless(number: int) -> bool:
        with transaction.atomic():
            row = Allowance.objects.get(scope="race")
            meet.wait()
            if row.used >= 1:
                return False
            Allowance.objects.filter(pk=row.pk).update(used=F("used") + 1)
            return True

    assert together(2, careless) == [True, True]
    assert Allowance.objects.get(scope="race").used == 2


def test_two_asks_for_one_number_send_one_code():
    results = together(2, lambda number: actions.request_code(actor=visitor(number), phone=PHONE))

    assert refusals(results) == ["TooManyCodes"]
    assert (OutgoingText.objects.count(), OneTimeCode.objects.count()) == (1, 1)


def test_many_processes_never_pass_the_budget_of_the_jurisdiction(settings):
    settings.HUYING_CODES_PER_DAY = 5

    results = together(12, lambda n: actions.request_code(actor=visitor(n), phone=f"139000001{n:02d}"))

    assert refusals(results) == ["TooManyCodes"] * 7
    assert OutgoingText.objects.count() == 5


def test_guesses_at_once_are_locked_like_guesses_one_by_one():
    account = make.account()

    def guess(number: int) -> Any:
        return signing_in.check_password(actor=visitor(1), identifier=account.username, password=f"wrong-{number}")

    assert refusals(together(12, guess)) == ["LockedOut"] * 7


# ── what works once ─────────────────────────────────────────────────────────
def code_sent() -> str:
    words = OutgoingText.objects.get().words
    assert words is not None
    found = re.search(r"\d{6}", words.open())
    assert found is not None
    return found.group()


def test_a_code_given_twice_at_once_opens_once():
    actions.request_code(actor=visitor(0), phone=PHONE)
    code = code_sent()

    results = together(4, lambda number: actions.check_code(actor=visitor(number), phone=PHONE, code=code))

    assert sorted(map(str, results)) == ["False", "False", "False", "True"]


def test_control_a_code_that_is_read_and_then_marked_opens_twice():
    actions.request_code(actor=visitor(0), phone=PHONE)
    meet = threading.Barrier(2, timeout=10)

    def careless(number: int) -> bool:
        row = OneTimeCode.objects.get()
        meet.wait()
        if row.used_at is not None:
            return False
        row.used_at = clock.now()
        row.save()
        return True

    assert together(2, careless) == [True, True]


def test_wrong_codes_at_once_count_each():
    actions.request_code(actor=visitor(0), phone=PHONE)
    code = code_sent()
    wrong = f"{(int(code) + 1) % 10**6:06d}"

    together(8, lambda number: actions.check_code(actor=visitor(number), phone=PHONE, code=wrong))

    assert OneTimeCode.objects.get().tries == 5
    assert not actions.check_code(actor=visitor(0), phone=PHONE, code=code)


def with_second_factor() -> Account:
    account = make.account()
    with clock.frozen(NOW - timedelta(hours=1)):
        second_factor.begin_enrolment(actor=make.SYSTEM, account=account)
        assert second_factor.confirm_enrolment(actor=make.SYSTEM, account=account, code=time_code(account))
    return account


def time_code(account: Account) -> str:
    secret = second_factor.base64.b32decode(second_factor.secret_of(SecondFactor.objects.get(account=account)))
    return second_factor.time_code(secret, int(clock.now().timestamp()) // 30)


def test_a_time_code_and_a_recovery_code_each_open_once():
    account = with_second_factor()
    recovery = second_factor.new_recovery_codes(actor=make.SYSTEM, account=account)[0]

    for code in (time_code(account), recovery):
        results = together(
            4, lambda n, code=code: second_factor.check_second(actor=visitor(n), account=account, code=code)
        )
        assert results.count(True) == 1, results
    assert RecoveryCode.objects.filter(used_at__isnull=False).count() == 1


# ── one of each ─────────────────────────────────────────────────────────────
def test_two_registrations_with_one_number_make_one_account():
    form = actions.Registration(phone=PHONE, name="姚望", birth_date=date(1990, 5, 1), agrees=True)

    results = together(2, lambda number: actions.register_person(actor=visitor(number), form=form))

    assert refusals(results) == ["AccountExists"]
    assert (Account.objects.count(), Person.objects.count(), Consent.objects.count()) == (1, 1, 1)


def test_two_consents_at_once_are_one():
    person = make.person()
    give = partial(actions.give_consent, actor=make.actor(person), person_id=person.pk, code="photo")

    first, second = race(give, give)

    assert first.pk == second.pk
    assert Consent.objects.count() == 1


def test_control_without_locks_the_table_itself_stops_the_second_consent():
    person = make.person()
    give = partial(actions.give_consent, actor=make.actor(person), person_id=person.pk, code="photo")

    assert refusals(race_without_locks(give, give, at='INSERT INTO "people_consent"')) == ["IntegrityError"]
    assert Consent.objects.count() == 1


def test_giving_and_taking_back_at_once_leaves_one_clear_answer():
    person = make.person()
    me = make.actor(person)
    actions.give_consent(actor=me, person_id=person.pk, code="photo")

    race(
        partial(actions.withdraw_consent, actor=me, person_id=person.pk, code="photo"),
        partial(actions.give_consent, actor=me, person_id=person.pk, code="photo"),
    )

    assert Consent.objects.filter(withdrawn_at__isnull=True).count() == 1
    assert Consent.objects.count() == 2


def test_two_grants_of_one_role_at_once_give_one():
    street = place("street")
    admin, person = make.person(home=street), make.person(home=street)
    make.role(admin, RoleKind.ADMINISTRATOR, street)
    grant = partial(
        actions.grant_role, actor=make.actor(admin), person_id=person.pk, kind=RoleKind.OFFICE, place=street
    )

    results = race(grant, grant)

    assert refusals(results) == ["RoleHeldAlready"]
    assert Role.objects.filter(person=person).count() == 1


def test_control_without_locks_the_table_itself_stops_the_second_grant():
    street = place("street")
    admin, person = make.person(home=street), make.person(home=street)
    make.role(admin, RoleKind.ADMINISTRATOR, street)
    grant = partial(
        actions.grant_role, actor=make.actor(admin), person_id=person.pk, kind=RoleKind.OFFICE, place=street
    )

    refused = refusals(race_without_locks(grant, grant, at='INSERT INTO "people_role"'))

    assert refused in (["RoleHeldAlready"], ["OperationalError"])  # the table refuses, or finds that both wait
    assert Role.objects.filter(person=person).count() == 1


def proposal(kind: str, street: Any, person: Person, *, by: str, decider: str) -> Work:
    """A waiting proposal and the agreement to it, ready to be given."""
    hands = []
    for office in (by, decider):
        hand = make.person(home=street)
        make.role(hand, office, street)
        hands.append(make.actor(hand))
    made = actions.propose_role(actor=hands[0], person_id=person.pk, kind=kind, place=street, reason="岗位调整")
    return partial(actions.decide_proposal, actor=hands[1], public_id=str(made.public_id), agrees=True)


def test_two_administrations_agreed_at_once_do_not_meet_in_one_hand():
    street = place("street")
    person = make.person(home=street)
    first = proposal(RoleKind.SYSTEM_ADMIN, street, person, by=RoleKind.SECURITY_ADMIN, decider=RoleKind.AUDIT_ADMIN)
    second = proposal(RoleKind.AUDIT_ADMIN, street, person, by=RoleKind.SYSTEM_ADMIN, decider=RoleKind.SECURITY_ADMIN)

    results = race(first, second)

    assert refusals(results) == ["AdministrationsApart"]
    assert Role.objects.filter(person=person).count() == 1


def test_one_proposal_is_decided_once():
    street = place("street")
    person = make.person(home=street)
    agree = proposal(RoleKind.AUDITOR, street, person, by=RoleKind.SECURITY_ADMIN, decider=RoleKind.SYSTEM_ADMIN)

    assert refusals(race(agree, agree)) == ["ProposalSettled"]
    assert Role.objects.filter(person=person).count() == 1


def test_lending_while_the_own_role_ends_leaves_no_loan_behind():
    street = place("street")
    lender, helper = make.person(home=street), make.person(home=street)
    role = make.role(lender, RoleKind.OFFICE, street)
    lend = partial(
        actions.lend_role,
        actor=make.actor(lender),
        role_id=role.pk,
        person_id=helper.pk,
        place=street,
        starts_at=NOW,
        ends_at=NOW + DAY,
    )
    end = partial(actions.end_role, actor=make.actor(lender), role_id=role.pk)

    all_at_once(lend, end)

    assert make.actor(helper).roles == ()


def test_one_identity_number_belongs_to_one_of_two_written_down_at_once():
    street = place("street")
    keeper = make.person(home=street)
    make.role(keeper, RoleKind.OFFICE, street)

    def add(number: int) -> Person:
        facts = actions.Facts(name=f"甲{number}", home_place=street, id_number="11010519491231002X")
        return actions.add_person(actor=make.actor(keeper), facts=facts)

    results = together(4, add)

    assert refusals(results) == ["IdNumberTaken"] * 3
    assert Person.objects.filter(id_index__isnull=False).count() == 1


def test_an_invitation_is_agreed_to_once():
    mother, daughter = make.person(), make.account(make.person(phone=PHONE)).person
    bond = actions.entrust(actor=make.actor(mother), phone=PHONE)
    agree = partial(actions.confirm_tie, actor=make.actor(daughter), public_id=str(bond.public_id))

    results = race(agree, agree)

    assert refusals(results) == ["NotFound"]
    assert Guardianship.objects.filter(guardian=daughter, confirmed_at__isnull=False).count() == 1


def test_one_key_leaves_one_message():
    person = make.person()

    results = together(6, lambda n: actions.send_notice(actor=make.SYSTEM, person=person, title="一次", key="once").pk)

    assert len(set(results)) == Notice.objects.count() == 1


# ── being forgotten while something else happens ────────────────────────────
def test_what_is_written_while_somebody_is_erased_is_refused_or_erased_too():
    street = place("street")
    keeper, person = make.person(home=street), make.person("将要注销", home=street, phone=PHONE)
    make.role(keeper, RoleKind.OFFICE, street)
    erase = partial(actions.erase_person, actor=make.actor(person), person_id=person.pk)
    edit = partial(
        actions.edit_person,
        actor=make.actor(keeper),
        person_id=person.pk,
        facts=actions.Facts(name="还在", address="桂花街1号"),
    )

    results = race(erase, edit)

    person.refresh_from_db()
    assert refusals(results) == ["Forbidden"]
    assert (person.name, person.address, person.search_text) == ("已注销", None, "")


def test_ending_all_sessions_twice_at_once_breaks_nothing():
    account = make.account()
    for _number in range(3):
        make.client(account)
    end = partial(signing_in.end_sessions, actor=make.SYSTEM, account=account)

    assert refusals(all_at_once(end, end)) == []
    assert not SignIn.objects.exists()
