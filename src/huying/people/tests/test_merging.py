"""One person written down twice becomes one: everything moves, nothing is lost, and who is not sure is refused."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from huying.calls import actions as calls
from huying.calls.models import Call, Callback, CallEvent, Correction, DoorKey, Draw, HotlineTicket, Proposal, ScoreRule
from huying.calls.states import State
from huying.calls.tests.factories import Cast, volunteer
from huying.cockpit.models import BoardSetting
from huying.kernel import clock
from huying.kernel.errors import InvalidInput, NotFound
from huying.kernel.models import AuditLine
from huying.people import actions, queries
from huying.people.actions.merging import CHOOSABLE, CannotMerge, references
from huying.people.models import Account, Consent, Guardianship, Household, Notice, Person, Role
from huying.people.states import RoleKind, Tie
from huying.people.tests import doings, thanked
from huying.people.tests import factories as make
from huying.places.tests.factories import place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("purposes")]
PHONE, ID_NUMBER, BORN = "13944445555", "11010519491231002X", date(1949, 12, 31)
WHY = "本人带身份证来过，是同一个人"


class Two:
    """Somebody written down twice, and the keeper of his community."""

    def __init__(self) -> None:
        self.home = place("community")
        self.keeper = make.staff(RoleKind.STATION_KEEPER, self.home)
        self.kept = make.person("陈桂英", home=self.home, phone=PHONE, birth_date=BORN)
        self.double = make.person("陈桂瑛", home=self.home, phone=PHONE, birth_date=BORN, id_number=ID_NUMBER)

    def merge(self, **more: Any) -> Person:
        given = {"kept_id": self.kept.pk, "double_id": self.double.pk, "take": ["id_number"], "reason": WHY}
        return actions.merge_persons(actor=make.actor(self.keeper), **{**given, **more})


@pytest.fixture
def two(purposes: None) -> Two:
    return Two()


def fill(two: Two) -> set[str]:
    """One row for every foreign key to a person there is, all naming the double; the keys that were filled."""
    cast = Cast()
    double, now = two.double, clock.now()
    other = make.person(home=two.home)
    actions.give_consent(actor=make.actor(double), person_id=double.pk, code="photo")
    actions.withdraw_consent(actor=make.actor(double), person_id=double.pk, code="photo")
    Consent.objects.update(recorded_by=double)
    make.account(double)
    make.role(double, RoleKind.VOLUNTEER, two.home)
    make.role(other, RoleKind.VOLUNTEER, two.home, granted_by=double, seconded_by=double)
    make.role(other, RoleKind.RESIDENT, two.home, granted_by=two.keeper)
    proposal = {"kind": RoleKind.INSPECTOR, "place": two.home, "starts_at": now, "reason": "岗位", "proposed_at": now}
    from huying.people.models import RoleProposal

    RoleProposal.objects.create(person=other, proposed_by=double, **proposal)
    RoleProposal.objects.create(
        person=other, proposed_by=two.keeper, decided_by=double, decided_at=now, state="refused", **proposal
    )
    RoleProposal.objects.create(person=double, proposed_by=two.keeper, **proposal)
    for ward, guardian in ((double, other), (two.keeper, double)):
        tie = {"tie": Tie.ENTRUSTED, "starts_at": now, "confirmed_at": now, "confirmed_by": double}
        Guardianship.objects.create(ward=ward, guardian=guardian, **tie)
    Notice.objects.create(person=double, about=double, title="停水", created_at=now, show_after=now)
    volunteer(double, two.home)
    call = cast.call(State.DISPATCHED)
    Call.objects.update(requester=double, asked_by=double)
    call.offers.update(offered_by=double, answered_by=double)
    calls.say(actor=make.actor(double), call=call, text="谢谢")
    DoorKey.objects.create(name="城市 App", place=two.home, holder=double, digest=b"x" * 32, made_at=now)
    HotlineTicket.objects.create(
        source="12345", number="SJ1", place=two.home, decision="skip", taken_at=now, taken_by=double
    )
    draw = Draw(
        place=two.home,
        since=now - timedelta(days=1),
        until=now,
        size=1,
        seed="1",
        population=1,
        digest="d",
        drawn_at=now,
    )
    draw.drawn_by = double
    draw.save()
    Callback.objects.create(
        draw=draw, call=call, outcome="answered", recorded_by=double, recorded_at=now, score=5, solved=True
    )
    ScoreRule.objects.create(set_at=now, set_by=double)
    BoardSetting.objects.create(place=two.home, ranks=True, reason="试行", set_at=now, set_by=double)
    doings.leave_out(call, double, two.keeper)
    Correction.objects.create(call=call, was=call.kind, kind=call.kind, person=double, at=now)
    Proposal.objects.create(place=two.home, asked_by=double, asked_at=now, confirmed_by=double, confirmed_at=now)
    Person.objects.filter(pk=other.pk).update(created_by=double)
    doings.serve(double, volunteer(other, two.home), two.home)
    doings.gather(double, two.home)
    thanked.thank(double, other, two.home)
    old = make.person()
    Person.objects.filter(pk=old.pk).update(erased_at=now, merged_into=double, birth_date=None, search_text="")
    return {key for key, count in counts(double).items() if count}


def keys() -> list[models.ForeignKey[Any, Any]]:
    """Every foreign key to a person, found another way than the action finds them."""
    related = [
        field.field
        for field in Person._meta.get_fields(include_hidden=True)
        if field.auto_created and not field.concrete and getattr(field, "field", None) is not None
    ]
    return [field for field in related if isinstance(field, models.ForeignKey)]


def counts(person: Person) -> dict[str, int]:
    return {
        f"{key.model._meta.label}.{key.name}": key.model._base_manager.filter(**{key.name: person}).count()
        for key in keys()
    }


def stays() -> set[str]:
    """History and words are never changed; they stay with the double, under the name of the person kept."""
    return {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model is Person
        and (getattr(model, "APPEND_ONLY", False) or getattr(model, "REMOVE_ONLY", False))
    }


def test_every_key_to_a_person_in_the_whole_product_is_moved_or_is_history(two: Two) -> None:
    moved = {f"{key.model._meta.label}.{key.name}" for key in references()}

    assert moved | stays() == {f"{key.model._meta.label}.{key.name}" for key in keys()}
    histories = {"calls.CallEvent.person", "activities.ActivityEvent.person", "volunteers.ServiceEvent.by"}
    assert stays() - histories == {
        "calls.CallMessage.person",
        "calls.ScoreRule.set_by",
        "calls.Draw.drawn_by",
        *thanked.STAYS,
    }


def test_everything_that_refers_to_the_double_moves(two: Two) -> None:
    filled = fill(two)
    assert filled == set(counts(two.double)), "this test fills every key: add a row for a new one"
    before = counts(two.double)

    two.merge()

    own = {"people.Person.merged_into": 1}
    assert {key: count for key, count in counts(two.double).items() if count} == {key: before[key] for key in stays()}
    after = counts(two.kept)
    for key in filled - stays():
        assert after[key] >= before[key] + own.get(key, 0), key


def test_the_double_becomes_a_number_that_leads_to_the_person_kept(two: Two) -> None:
    two.merge()

    two.double.refresh_from_db()
    two.kept.refresh_from_db()
    assert (two.double.merged_into, two.double.name, two.double.search_text) == (two.kept, "陈桂英", "")
    assert (two.double.phone, two.double.id_index, two.double.birth_date) == (None, None, None)
    assert (two.kept.name, two.kept.id_number.open()) == ("陈桂英", ID_NUMBER)
    keeper = make.actor(two.keeper)
    assert list(queries.search_persons(keeper, ID_NUMBER)) == [two.kept]
    assert list(queries.search_persons(keeper, PHONE)) == [two.kept]
    assert queries.likely_doubles(keeper) == []


@pytest.mark.parametrize("name", CHOOSABLE)
def test_each_fact_is_the_one_that_was_chosen(two: Two, name: str) -> None:
    facts = actions.Facts(
        name="陈桂瑛", sex="female", address="桂花里5幢", home_place=place("community", two.home.parent)
    )
    Person.objects.filter(pk=two.kept.pk).update(birth_date=BORN, sex="male")
    actions.edit_person(actor=make.SYSTEM, person_id=two.double.pk, facts=facts)
    two.double.refresh_from_db()
    wanted = str(open_(getattr(two.double, name)))
    office = make.staff(RoleKind.OFFICE, two.home.parent)

    kept = actions.merge_persons(
        actor=make.actor(office), kept_id=two.kept.pk, double_id=two.double.pk, take=[name], reason=WHY
    )

    kept = Person.objects.get(pk=kept.pk)
    assert str(open_(getattr(kept, name))) == wanted
    if name == "name":
        assert list(queries.search_persons(make.SYSTEM, "陈桂瑛")) == [kept]


def open_(value: Any) -> Any:
    return value.open() if hasattr(value, "open") else value


def test_what_both_have_is_there_once(two: Two) -> None:
    parent = make.person(home=two.home)
    for person in (two.kept, two.double):
        actions.give_consent(actor=make.actor(person), person_id=person.pk, code="health")
        make.role(person, RoleKind.VOLUNTEER, two.home)
        actions.record_tie(
            actor=make.actor(two.keeper), ward_id=person.pk, guardian_id=parent.pk, tie=Tie.ENTRUSTED, proof="委托书"
        )
    actions.record_tie(
        actor=make.actor(two.keeper), ward_id=two.kept.pk, guardian_id=two.double.pk, tie=Tie.ENTRUSTED, proof="委托书"
    )

    two.merge()

    assert Consent.objects.filter(person=two.kept, withdrawn_at__isnull=True).count() == 1
    assert Consent.objects.filter(person=two.kept).count() == 2
    assert Guardianship.objects.filter(ward=two.kept, guardian=parent, ends_at__isnull=True).count() == 1
    assert not Guardianship.objects.filter(guardian=two.kept).exists()
    line = AuditLine.objects.get(verb="person.merged")
    assert line.changes["left"] == {"people.Role.person": 1}
    assert Role.objects.filter(person=two.kept).count() == Role.objects.filter(person=two.double).count() == 1


def test_the_account_of_the_double_opens_the_person_kept(two: Two) -> None:
    account = make.account(two.double)
    browser = make.client(account)

    two.merge()

    account.refresh_from_db()
    assert account.person == two.kept
    assert "陈桂英" in browser.get("/people/me/").content.decode()
    assert Notice.objects.filter(person=two.kept, title="您的两份资料已合并成一份").exists()


def test_two_accounts_are_refused_in_clear_words(two: Two) -> None:
    for number, person in enumerate((two.kept, two.double)):
        Account.objects.create(username=f"two{number}", person=person)

    with pytest.raises(CannotMerge) as refused:
        two.merge()

    assert "登录账号" in str(refused.value)
    assert Person.objects.get(pk=two.double.pk).merged_into is None


def test_two_volunteers_are_refused_in_clear_words(two: Two) -> None:
    volunteer(two.kept, two.home)
    volunteer(two.double, two.home)

    with pytest.raises(CannotMerge, match="志愿服务"):
        two.merge()


def test_staff_are_not_merged_so_that_no_role_changes_hands(two: Two) -> None:
    make.role(two.double, RoleKind.GRID_WORKER, two.home)

    with pytest.raises(CannotMerge, match="工作人员"):
        two.merge()


def test_who_does_not_look_like_one_is_not_merged(two: Two) -> None:
    stranger = make.person(home=two.home, phone=make.phone_number(), birth_date=BORN)
    with pytest.raises(CannotMerge, match="看不出是同一个人"):
        two.merge(double_id=stranger.pk)

    actions.edit_person(actor=make.SYSTEM, person_id=two.kept.pk, facts=actions.Facts(id_number="110105194912310038"))
    with pytest.raises(CannotMerge, match="证件号码"):
        two.merge()
    with pytest.raises(CannotMerge):
        two.merge(double_id=two.kept.pk)


def test_nobody_merges_himself_outside_his_places_or_without_a_reason(two: Two) -> None:
    elsewhere = make.staff(RoleKind.STATION_KEEPER, place("community"))
    for actor in (make.actor(elsewhere), make.actor(two.kept), make.actor(make.person(home=two.home))):
        with pytest.raises(NotFound):
            actions.merge_persons(actor=actor, kept_id=two.kept.pk, double_id=two.double.pk, take=[], reason=WHY)
    with pytest.raises(InvalidInput):
        two.merge(reason="  ")


def test_merging_again_changes_nothing(two: Two) -> None:
    two.merge()
    lines = AuditLine.objects.count()

    assert two.merge() == two.kept
    assert AuditLine.objects.count() == lines
    with pytest.raises((CannotMerge, NotFound)):
        two.merge(kept_id=two.double.pk, double_id=two.kept.pk)


def test_the_trail_says_what_moved_and_holds_no_name(two: Two) -> None:
    fill(two)
    two.merge(reason="陈桂英和陈桂瑛是同一个人，电话13944445555")

    line = AuditLine.objects.get(verb="person.merged")
    assert line.changes["double"] == two.double.pk and line.changes["took"] == ["id_number"]
    assert line.changes["moved"]["calls.Call.requester"] == 1
    assert "陈桂" not in line.reason and "139" not in line.reason
    assert AuditLine.objects.get(verb="person.merged_away").subject_id == two.double.pk


def test_the_copy_of_the_person_kept_holds_what_the_double_wrote(two: Two) -> None:
    fill(two)
    two.merge()

    sections = actions.export_person(actor=make.actor(two.kept), person_id=two.kept.pk)

    found = {section.code: section.rows for section in sections}
    assert [row["text"] for row in found["messages"]] == ["谢谢"]
    assert len(found["calls"]) == 1


def test_who_was_merged_is_forgotten_as_a_whole(two: Two) -> None:
    fill(two)
    Call.objects.update(state=State.CLOSED, ended_at=clock.now(), score=5)
    two.merge(take=["name"])
    two.kept.refresh_from_db()

    actions.erase_person(actor=make.actor(two.kept), person_id=two.kept.pk)

    assert set(Person.objects.filter(pk__in=[two.kept.pk, two.double.pk]).values_list("name", flat=True)) == {"已注销"}
    assert not CallEvent.objects.filter(words__text__contains="谢谢").exists()
    from huying.calls.models import CallMessage

    assert not CallMessage.objects.exists()


def test_the_household_of_the_double_is_kept_when_there_is_no_other(two: Two) -> None:
    home = Household.objects.create(place=two.home)
    Person.objects.filter(pk=two.double.pk).update(household=home)

    two.merge()

    assert Person.objects.get(pk=two.kept.pk).household == home


# ── pages ───────────────────────────────────────────────────────────────────
def at(two: Two) -> str:
    return f"/people/persons/{two.kept.public_id}/merge/{two.double.public_id}/"


def test_the_page_shows_what_differs_and_says_that_it_cannot_be_undone(two: Two) -> None:
    page = make.client(two.keeper).get(at(two)).content.decode()

    assert "陈桂英" in page and "陈桂瑛" in page and "不能撤销" in page
    assert PHONE not in page and ID_NUMBER not in page
    assert at(two) in make.client(two.keeper).get("/people/persons/doubles/").content.decode()


def test_merging_by_the_page(two: Two) -> None:
    browser = make.client(two.keeper)
    form = {
        "name": "double",
        "sex": "double",
        "id_number": "double",
        "reason": WHY,
        "sure": "on",
        "idempotency_key": "merge-them-1",
    }

    answer = browser.post(at(two), form)

    assert answer.status_code == 303, answer.content.decode()
    kept = Person.objects.get(pk=two.kept.pk)
    assert (kept.name, kept.id_number.open()) == ("陈桂瑛", ID_NUMBER)
    assert browser.get(f"/people/persons/{two.double.public_id}/")["Location"] == f"/people/persons/{kept.public_id}/"


def test_the_page_keeps_what_was_typed_when_it_refuses(two: Two) -> None:
    browser = make.client(two.keeper)
    chosen = {"name": "kept", "sex": "double", "id_number": "double"}
    unsure = browser.post(at(two), {"reason": WHY, "idempotency_key": "merge-them-2"})
    make.role(two.double, RoleKind.GRID_WORKER, two.home)
    refused = browser.post(at(two), {**chosen, "reason": WHY, "sure": "on", "idempotency_key": "merge-them-3"})

    assert (unsure.status_code, refused.status_code) == (422, 409)
    assert WHY in unsure.content.decode() and "工作人员" in refused.content.decode()


def test_a_page_of_strangers_is_not_there(two: Two) -> None:
    elsewhere = make.staff(RoleKind.STATION_KEEPER, place("community"))

    assert make.client(elsewhere).get(at(two)).status_code == 404


def test_references_come_in_the_declared_order_of_locks(settings: Any) -> None:
    order = settings.HUYING_LOCK_ORDER
    ranks = [order.index(label) for field in references() if (label := field.model._meta.label) in order]

    assert ranks == sorted(ranks)
