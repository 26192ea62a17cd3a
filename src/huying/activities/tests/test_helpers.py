"""Who may help at an activity: papers that count, checks for work with children, guardians of the young (K04)."""

from __future__ import annotations

from datetime import date

import pytest

from huying.activities import actions
from huying.activities.actions import Group, RoleFacts
from huying.activities.actions.refusals import ByNameOnly, GroupsAreGuests, GuardianConsentNeeded, ProofNeeded
from huying.activities.models import Activity, Party
from huying.activities.states import SignUpState
from huying.activities.tests.factories import DAY, come, page, pressed, session_of, shift_of
from huying.calls.tests.browsing import browser
from huying.calls.tests.factories import START, actor, role, skill, team
from huying.kernel import clock
from huying.people import actions as people_actions
from huying.people.models import Guardianship, Notice
from huying.volunteers import actions as volunteers
from huying.volunteers.models import ServiceCategory, ServiceRecord, SkillProof


@pytest.fixture(autouse=True)
def purposes(world):
    people_actions.load_purposes()


def kind(code):
    return ServiceCategory.objects.get(code=code)


def serving(world, code, **more):
    """The shift of a role that serves with this kind of service, two days ahead."""
    roles = [RoleFacts("志愿者", 5, True, category=kind(code))]
    return shift_of(world.published(roles=roles, risks="注意安全", **more))


def family(world, born):
    young, mother = world.guest("周小雨", birth_date=born), world.guest("周母")
    tie = {"tie": "parent", "starts_at": START, "confirmed_at": START, "confirmed_by": mother}
    Guardianship.objects.create(ward=young, guardian=mother, **tie)
    return young, mother


def test_a_paper_must_hold_on_the_day_of_the_activity(world):
    drive = skill("drive", "会开车")
    drive.needs_proof = True
    drive.save()
    shift = shift_of(world.published(roles=[RoleFacts("司机", 2, True, "", [drive])], risks="路上注意"))
    helper = world.volunteer()
    helper.skills.add(drive)
    facts = {"volunteer": helper, "person": helper.person, "skill": drive, "made_at": START}
    seen = {"verified_by": world.keeper, "verified_at": START}

    with pytest.raises(ProofNeeded, match="会开车"):
        come(helper.person, shift)
    SkillProof.objects.create(**facts, **seen, valid_until=(START + DAY).date())
    with pytest.raises(ProofNeeded):
        come(helper.person, shift)
    SkillProof.objects.create(**facts, **seen, valid_until=(START + 3 * DAY).date())

    assert come(helper.person, shift).state == SignUpState.SIGNED


def test_an_activity_with_children_refuses_helpers_who_were_not_checked(world):
    shift, helper = serving(world, "children"), world.volunteer()

    with pytest.raises(volunteers.NotReady, match="儿童保护核查"):
        come(helper.person, shift)
    volunteers.record_check(actor=world.boss, volunteer=helper, passed=True, valid_until=(START + DAY).date())
    with pytest.raises(volunteers.NotReady):  # it ends before the activity
        come(helper.person, shift)
    volunteers.record_check(actor=world.boss, volunteer=helper, passed=True, valid_until=(START + 9 * DAY).date())

    assert come(helper.person, shift).state == SignUpState.SIGNED


def test_the_page_says_what_is_missing(world):
    shift, helper = serving(world, "children"), world.volunteer()
    shift.session.activity.refresh_from_db()

    answer = pressed(browser(helper.person), "join", shift.session.public_id, status=409, shift=str(shift.pk))

    assert "儿童保护核查" in answer.content.decode()


def test_helpers_with_children_come_by_name_never_as_a_number(world):
    shift, leader = serving(world, "children", takes_groups=True), world.volunteer()
    ours = team("蓝马甲", world.home, leader)

    with pytest.raises(ByNameOnly):
        actions.sign_up_team(actor=actor(leader.person), shift=shift, team=ours, count=2)
    with pytest.raises(GroupsAreGuests):
        actions.sign_up_group(actor=actor(leader.person), shift=shift, group=Group("三年级", 2, "李老师", ""))


def test_the_kind_of_service_stands_in_the_record(world):
    shift, helper = serving(world, "elderly"), world.volunteer()
    row, session = come(helper.person, shift), shift.session
    with clock.frozen(session.starts_at):
        actions.check_in(actor=world.boss, sign_up=row)
    with clock.frozen(session.ends_at):
        actions.check_out(actor=world.boss, sign_up=row)
        actions.hold(actor=world.boss, session=session)
        actions.hand_in_hours(actor=world.boss, session=session)

    assert ServiceRecord.objects.get().category == kind("elderly")


def test_somebody_of_sixteen_needs_the_guardians_yes_where_there_is_a_risk_and_the_guardian_is_asked(world):
    young, mother = family(world, date(2010, 1, 5))
    helper = volunteers.save_profile(actor=actor(young), profile=volunteers.Profile(base_place=world.home))
    risky, calm = serving(world, "environment"), serving(world, "elderly")

    for _twice in range(2):
        with pytest.raises(volunteers.NotReady, match="监护人"):
            come(young, risky)
    asked = Notice.objects.filter(person=mother, about=young).count()
    people_actions.give_consent(actor=actor(mother), person_id=young.pk, code="youth_service")

    assert asked == 1
    assert [come(helper.person, one).state for one in (risky, calm)] == [SignUpState.SIGNED] * 2
    told = Notice.objects.filter(person=mother, about=young).order_by("id").values_list("title", flat=True)
    title = risky.session.activity.title
    assert list(told) == ["周小雨想参加有风险的志愿服务，请您决定", f"周小雨参加有风险的志愿服务：{title}"]


def test_a_guardian_who_signs_his_ward_up_has_said_yes(world):
    young, mother = family(world, date(2010, 1, 5))
    volunteers.save_profile(actor=actor(young), profile=volunteers.Profile(base_place=world.home))

    made = come(mother, serving(world, "environment"), person=young)

    assert (made.person, made.state, Notice.objects.filter(person=mother).count()) == (young, SignUpState.SIGNED, 0)


def test_others_sign_a_child_up_only_with_the_guardians_consent_on_record(world):
    child, mother = family(world, date(2017, 5, 1))
    shift = shift_of(world.published())
    grid = world.guest()
    role(grid, "grid_worker", world.home)

    for relay in (world.keeper, grid):
        with pytest.raises(GuardianConsentNeeded):
            come(relay, shift, person=child)
    people_actions.give_consent(actor=actor(mother), person_id=child.pk, code="child_activity")

    assert come(grid, shift, person=child).on_behalf
    people_actions.withdraw_consent(actor=actor(mother), person_id=child.pk, code="child_activity")
    with pytest.raises(GuardianConsentNeeded):
        come(grid, shift_of(world.published()), person=child)


def test_the_kind_of_service_is_chosen_beside_the_role_and_only_where_it_serves(world):
    activity = world.draft(roles=[RoleFacts("参加者", 3)])
    client = browser(world.keeper)
    given = {
        "title": activity.title, "kind": "culture", "place": str(world.home.public_id), "contact_name": "王守一",
        "starts_at": "2026-06-03T09:00", "ends_at": "2026-06-03T11:00", "needs_sign_up": "on", "where": "广场",
        "risks": "没有特别风险", "role_name_0": "辅导员", "role_capacity_0": "4", "role_category_0": "learning",
        "party_name_0": "和平社区", "party_side_0": "host", "party_share_0": "100",
    }  # fmt: skip

    plain = pressed(client, "edit", activity.public_id, status=422, **given)
    pressed(client, "edit", activity.public_id, **given, role_serves_0="on")

    assert "请勾选“是志愿服务”" in plain.content.decode()
    made = session_of(activity).shifts.get().role
    assert (made.name, made.category) == ("辅导员", kind("learning"))
    assert actions.facts_of(activity, START, START + DAY).roles[0].category == kind("learning")


def test_a_registered_team_is_known_by_its_name_and_gets_the_hours(world):
    ours, client = team("和平义工队", world.home), browser(world.keeper)
    given = {
        "title": "清理河道", "kind": "culture", "place": str(world.home.public_id), "contact_name": "王守一",
        "starts_at": "2026-06-03T09:00", "ends_at": "2026-06-03T11:00", "where": "广场",
        "party_name_0": "和平义工队", "party_side_0": "host", "party_share_0": "60",
        "party_name_1": "供销社", "party_side_1": "partner", "party_share_1": "40",
    }  # fmt: skip

    assert '<option value="和平义工队">' in page(client, "new")
    pressed(client, "new", **given)

    activity = Activity.objects.get()
    assert dict(activity.parties.values_list("name", "team")) == {"和平义工队": ours.pk, "供销社": None}


def test_of_teams_with_one_name_that_of_the_place_is_meant_or_the_form_asks(world):
    here, above = team("义工队", world.home), team("义工队", world.street)
    chief = world.guest("方街长")
    role(chief, "office", world.street)
    client, other = browser(chief), team("义工队", world.other)
    given = {
        "title": "清理河道", "kind": "culture", "contact_name": "王守一", "party_name_0": "义工队",
        "starts_at": "2026-06-03T09:00", "ends_at": "2026-06-03T11:00", "where": "广场", "party_side_0": "host",
        "party_share_0": "100",
    }  # fmt: skip

    pressed(client, "new", **given, place=str(world.home.public_id))
    unclear = pressed(client, "new", status=422, **given, place=str(world.station.public_id))
    pressed(client, "new", **given | {"party_name_0": "义工队（安宁社区）"}, place=str(world.station.public_id))

    assert "有 3 支队伍叫这个名字" in unclear.content.decode()
    assert [one.parties.get().team for one in Activity.objects.order_by("id")] == [here, other]
    assert above not in {one.team for one in Party.objects.all()}
    assert Party.objects.filter(name="义工队").count() == 2
