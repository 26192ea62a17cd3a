"""Proofs, checks, insurance, other systems' numbers, teams below teams, campaigns, and counts kept apart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from PIL import Image

from huying.kernel import clock
from huying.kernel.errors import Forbidden
from huying.people import actions as people_actions
from huying.places.models import Place
from huying.volunteers import actions, queries
from huying.volunteers.models import (
    Attendance,
    Campaign,
    CampaignJoin,
    ExternalId,
    Language,
    Membership,
    ProtectionCheck,
    ReportedCount,
    ServiceCategory,
    ServiceRecord,
    Skill,
    SkillProof,
    Team,
    TeamKind,
    Volunteer,
)
from huying.volunteers.states import Measure
from huying.volunteers.tests.factories import START, Cast, actor, browser, sent
from huying.volunteers.tests.test_service import confirmed

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        yield Cast()


def url(name: str, *args: Any) -> str:
    return reverse(f"volunteers:{name}", args=args)


def picture() -> SimpleUploadedFile:
    body = BytesIO()
    Image.new("RGB", (60, 40), (200, 30, 30)).save(body, "PNG")
    return SimpleUploadedFile("证书.png", body.getvalue(), "image/png")


# ── the profile ─────────────────────────────────────────────────────────────
def test_languages_kinds_of_service_and_free_time_are_part_of_the_profile(cast: Cast) -> None:
    client = browser(cast.li.person)
    facts = {"skills": ["cook"], "place": str(cast.home.public_id), "travel_km": "3", "weekly_limit": "5"}

    answer = sent(
        client, url("join"), **facts, languages=["hmong", "mandarin"], categories=["elderly"], availability=["0", "20"]
    )
    odd = sent(client, url("join"), **facts, availability=["21"])

    made = Volunteer.objects.get(pk=cast.li.pk)
    assert (answer.status_code, odd.status_code) == (303, 422)
    assert made.availability == [0, 20]
    assert set(made.languages.values_list("code", flat=True)) == {"hmong", "mandarin"}
    assert client.get(url("join")).context["form"]["availability"].value() == [0, 20]


def test_people_who_speak_two_languages_are_found_by_language(cast: Cast) -> None:
    cast.li.languages.set(Language.objects.filter(code__in=["hmong", "mandarin"]))

    page = browser(cast.keeper).get(url("list"), {"language": "hmong"})

    assert [row.pk for row in page.context["page"].rows] == [cast.li.pk]


# ── proofs and checks ───────────────────────────────────────────────────────
def test_a_paper_is_shown_by_oneself_and_looked_at_by_the_keeper(cast: Cast) -> None:
    me, keeper = browser(cast.li.person), browser(cast.keeper)

    sent_in = sent(me, url("proofs"), skill="cook", picture=picture(), valid_until="2026-12-31")
    proof = SkillProof.objects.get()
    page = keeper.get(url("volunteer", cast.li.public_id))
    done = sent(keeper, url("volunteer", cast.li.public_id), act="verify", proof=str(proof.public_id))
    by_stranger = browser(cast.outsider).get(url("volunteer", cast.li.public_id))

    proof.refresh_from_db()
    assert (sent_in.status_code, page.status_code, done.status_code, by_stranger.status_code) == (303, 200, 303, 404)
    assert (proof.verified_by, proof.skill) == (cast.keeper, cast.cook)
    assert keeper.get(page.context["proofs"][0]["url"]).status_code == 200
    assert not any(one.expired for one in queries.proofs_of(cast.li))
    with clock.frozen(START + 400 * DAY):
        assert all(one.expired for one in queries.proofs_of(cast.li))


def test_what_is_no_picture_and_days_gone_by_are_refused(cast: Cast) -> None:
    me = browser(cast.li.person)

    text = sent(me, url("proofs"), skill="cook", picture=SimpleUploadedFile("x.png", b"hello", "image/png"))
    gone = sent(me, url("proofs"), skill="cook", picture=picture(), valid_until="2026-03-02")

    assert (text.status_code, gone.status_code, SkillProof.objects.count()) == (422, 422, 0)


def test_a_keeper_who_volunteers_does_not_vouch_for_himself(cast: Cast) -> None:
    own = actions.save_profile(actor=actor(cast.keeper), profile=actions.Profile(base_place=cast.home))

    with pytest.raises(Forbidden):
        actions.record_check(actor=actor(cast.keeper), volunteer=own, passed=True, valid_until=clock.today() + DAY)
    assert browser(cast.keeper).get(url("volunteer", own.public_id)).status_code == 403
    with pytest.raises(IntegrityError), transaction.atomic():
        ProtectionCheck.objects.create(
            volunteer=own,
            person=cast.keeper,
            passed=True,
            valid_until=clock.today(),
            checked_by=cast.keeper,
            checked_at=START,
        )


@pytest.mark.parametrize(("category", "needs"), [("children", "check"), ("traffic", "insurance"), ("elderly", "")])
def test_service_with_children_needs_a_check_and_dangerous_service_an_insurance(
    cast: Cast, category: str, needs: str
) -> None:
    leader, keeper = actor(cast.wu.person), actor(cast.keeper)
    plan = actions.SessionPlan(
        "服务", cast.home, START, START + 2 * HOUR, cast.team, ServiceCategory.objects.get(code=category)
    )
    session = actions.open_session(actor=leader, plan=plan)

    before = actions.call_roll(actor=leader, session=session, volunteers=[cast.li], leaving=False)
    actions.record_check(actor=keeper, volunteer=cast.li, passed=True, valid_until=clock.today())
    actions.record_insurance(actor=keeper, volunteer=cast.li, until=clock.today(), note="平安意外险")
    after = actions.call_roll(actor=leader, session=session, volunteers=[cast.li], leaving=False)
    failed = actions.record_check(actor=keeper, volunteer=cast.he, passed=False, valid_until=clock.today())

    assert (bool(before[0]), bool(after[0])) == (not needs, True)
    assert failed.passed is False
    assert Attendance.objects.count() == 1


def test_the_keepers_page_records_check_insurance_and_number_elsewhere(cast: Cast) -> None:
    client, page = browser(cast.keeper), url("volunteer", cast.li.public_id)

    answers = [
        sent(client, page, act="check", passed="on", valid_until="2027-03-03", note="公安核查"),
        sent(client, page, act="check", passed="on", valid_until="2020-03-03"),
        sent(client, page, act="insurance", until="2026-12-31", note="团体意外险"),
        sent(client, page, act="external", system="全国志愿服务信息系统", value="3301-xyz 007"),
        sent(client, page, act="external", system="全国志愿服务信息系统", value="另一个"),
        sent(client, page, act="fly"),
    ]

    assert [one.status_code for one in answers] == [303, 422, 303, 303, 422, 422]
    assert ExternalId.objects.get().value == "3301-xyz 007"
    assert client.get(page).status_code == 200


# ── teams below teams ───────────────────────────────────────────────────────
def federation(cast: Cast, depth: int) -> list[Team]:
    """Teams each below the one before."""
    teams: list[Team] = []
    for number in range(depth):
        facts = actions.TeamFacts(
            name=f"第{number}层", place=cast.street, parent=teams[-1] if teams else None, kind=TeamKind.objects.first()
        )
        teams.append(actions.save_team(actor=actor(cast.office), facts=facts))
    return teams


def test_teams_stand_below_teams_to_any_depth_and_add_up_without_counting_twice(cast: Cast) -> None:
    teams = federation(cast, 12)
    for team in teams[3:6]:
        Membership.objects.create(team=team, volunteer=cast.li, starts_at=START)
    Membership.objects.create(team=teams[-1], volunteer=cast.he, starts_at=START)

    summed = queries.rolled_up(queries.below(teams[0]))
    page = browser(cast.office).get(url("team", teams[0].public_id))

    assert (summed.teams, summed.members) == (12, 2)
    assert len(page.context["story"].below) == 11


def test_no_team_stands_below_itself(cast: Cast) -> None:
    teams = federation(cast, 4)

    for parent in (teams[0], teams[3]):
        with pytest.raises(actions.TeamCircle):
            actions.save_team(
                actor=actor(cast.office),
                team=teams[0],
                facts=actions.TeamFacts(name="第0层", place=cast.street, parent=parent),
            )
    with pytest.raises(IntegrityError), transaction.atomic():
        Team.objects.filter(pk=teams[1].pk).update(parent_id=teams[1].pk)


def test_a_team_is_put_below_another_by_who_keeps_that_other(cast: Cast) -> None:
    upper = federation(cast, 1)[0]
    facts = actions.TeamFacts(name="和平助老队", place=cast.home, parent=upper)

    with pytest.raises(Forbidden):
        actions.save_team(actor=actor(cast.keeper), team=cast.team, facts=facts)
    done = actions.save_team(actor=actor(cast.office), team=cast.team, facts=facts)
    again = actions.save_team(actor=actor(cast.keeper), team=cast.team, facts=facts)

    assert (done.parent, again.parent) == (upper, upper)
    form = browser(cast.keeper).get(url("team_edit", cast.team.public_id)).context["form"]
    assert str(upper.public_id) in dict(form.fields["parent"].choices)


# ── campaigns ───────────────────────────────────────────────────────────────
def started(cast: Cast, **more: Any) -> Campaign:
    facts: dict[str, Any] = {
        "team": cast.team,
        "title": "招募助餐志愿者",
        "content": "每周三上午为老人送餐",
        "risks": "上下楼梯，注意脚下",
        "cover": "意外险、交通补贴",
        "wanted": 1,
        "opens_at": START,
        "closes_at": START + 7 * DAY,
    }
    return actions.start_campaign(actor=actor(cast.wu.person), notice=actions.Notice(**(facts | more)))


def test_a_campaign_takes_as_many_as_it_wants_and_each_once(cast: Cast) -> None:
    made = started(cast)

    first = actions.join_campaign(actor=actor(cast.li.person), campaign=made)
    again = actions.join_campaign(actor=actor(cast.li.person), campaign=made)
    with pytest.raises(actions.CampaignFull):
        actions.join_campaign(actor=actor(cast.he.person), campaign=made)
    with clock.frozen(START + 7 * DAY), pytest.raises(actions.CampaignOver):
        actions.join_campaign(actor=actor(cast.he.person), campaign=made)

    assert first.pk == again.pk
    assert Membership.objects.filter(team=cast.team, volunteer=cast.li).count() == 1
    assert Campaign.objects.get().joined == 1


def test_looking_at_a_campaign_leaves_no_trace_and_only_volunteers_may_join(cast: Cast) -> None:
    made = started(cast)

    seen, by_keeper = (browser(who).get(url("campaign", made.public_id)) for who in (cast.he.person, cast.keeper))

    assert ["我愿意加入" in one.content.decode() for one in (seen, by_keeper)] == [True, False]
    assert not CampaignJoin.objects.exists()
    assert not Membership.objects.filter(volunteer=cast.he).exists()


def test_campaigns_are_written_joined_and_stopped_on_their_pages(cast: Cast) -> None:
    leader, helper = browser(cast.wu.person), browser(cast.li.person)
    facts = {
        "team": str(cast.team.public_id), "title": "应急招募", "content": "防汛值守", "risks": "雨天路滑",
        "cover": "意外险", "wanted": "30", "opens_at": "2026-03-03T09:00", "closes_at": "2026-03-09T09:00",
        "is_emergency": "on",
    }  # fmt: skip

    no_risk = sent(leader, url("campaign_new"), **facts | {"risks": ""})
    made = sent(leader, url("campaign_new"), **facts)
    page = url("campaign", Campaign.objects.get().public_id)
    listed = [browser(who).get(url("campaigns")) for who in (cast.li.person, cast.outsider)]
    joined = sent(helper, page, act="join")
    by_helper = sent(helper, page, act="stop")
    stopped = sent(leader, page, act="stop")
    late = sent(browser(cast.he.person), page, act="join")

    assert [one.status_code for one in (no_risk, made, joined, by_helper, stopped, late)] == [
        422, 303, 303, 403, 303, 404,
    ]  # fmt: skip
    assert [len(one.context["page"].rows) for one in listed] == [1, 1]
    assert browser(cast.li.person).get(url("campaign_new")).status_code == 403


# ── counts ──────────────────────────────────────────────────────────────────
def test_registered_recruited_and_active_are_counted_apart(cast: Cast) -> None:
    confirmed(cast)
    Membership.objects.create(team=cast.team, volunteer=cast.he, starts_at=START)

    own = {one.measure: one.own for one in queries.counts_of(cast.home)}
    with clock.frozen(START + 400 * DAY):
        later = {one.measure: one.own for one in queries.counts_of(cast.home)}

    assert own == {"registered": 3, "recruited": 2, "active": 1, "teams": 1}
    assert later["active"] == 0


def table(*rows: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("n.csv", "\n".join(rows).encode(), "text/csv")


def test_counts_of_other_systems_come_with_source_and_day_and_replace_themselves(cast: Cast) -> None:
    Place.objects.filter(pk=cast.home.pk).update(code="330100001001")
    client = browser(cast.keeper)
    facts = {"source": "全国志愿服务信息系统", "as_of_date": "2026-02-28"}

    first = sent(
        client, url("counts_import"), **facts, table=table("区划代码,注册,入队,队伍", "330100001001,900000,187700,1432")
    )
    again = sent(client, url("counts_import"), **facts, table=table("区划代码,注册", '330100001001,"910,000"'))
    page = client.get(url("counts"))

    shown = {one.measure: one for one, _behind in page.context["rows"][0]["counts"]}
    assert (first.status_code, again.status_code, page.status_code) == (303, 303, 200)
    assert ReportedCount.objects.count() == 3
    assert (shown["registered"].own, shown["registered"].reported.value) == (3, 910000)
    assert shown["active"].reported is None


@pytest.mark.parametrize("row", ["330100001001,many", "330100001001,-5", "330100001001,1.5", "999,5"])
def test_a_table_with_one_bad_row_is_refused_whole(cast: Cast, row: str) -> None:
    Place.objects.filter(pk=cast.home.pk).update(code="330100001001")
    facts = {"source": "x", "as_of_date": "2026-02-28"}

    answer = sent(
        browser(cast.keeper), url("counts_import"), **facts, table=table("区划代码,注册", "330100001001,7", row)
    )

    assert (answer.status_code, ReportedCount.objects.count()) == (422, 0)


def test_nobody_reports_for_a_place_that_is_not_his(cast: Cast) -> None:
    count = actions.Count(cast.away, Measure.REGISTERED, 5, date(2026, 2, 28), "x")

    with pytest.raises(Forbidden):
        actions.report_counts(actor=actor(cast.keeper), counts=[count])
    assert browser(cast.li.person).get(url("counts")).status_code == 403


# ── ten years without a face ────────────────────────────────────────────────
def test_after_erasure_service_stays_under_a_number_and_everything_personal_goes(cast: Cast) -> None:
    record = confirmed(cast, content="为老人送餐")
    keeper = actor(cast.keeper)
    actions.record_check(actor=keeper, volunteer=cast.li, passed=True, valid_until=clock.today(), note="核查甲")
    actions.record_insurance(actor=keeper, volunteer=cast.li, until=clock.today(), note="保单乙")
    actions.link_external(actor=keeper, volunteer=cast.li, system="s", value="编号丙")
    sent(browser(cast.li.person), url("proofs"), skill="cook", picture=picture())
    actions.object_to(actor=actor(cast.li.person), record=record, words="我是李安和，那天三小时")

    people_actions.erase_person(actor=actor(cast.li.person), person_id=cast.li.person_id)

    kept = ServiceRecord.objects.get(pk=record.pk)
    row = Volunteer.objects.get(pk=cast.li.pk)
    assert (kept.minutes, kept.state, str(kept.person), queries.minutes_of(kept.person_id)) == (
        120,
        "confirmed",
        "已注销",
        120,
    )
    assert (row.insured_until, row.insurance_note, row.availability) == (None, "", [])
    assert not (ExternalId.objects.exists() or SkillProof.objects.exists())
    assert Skill.objects.filter(volunteers=row).count() == 0
    assert [word for word in ("李安和", "核查甲", "保单乙", "编号丙", "三小时") if found_anywhere(word)] == []


def test_an_erased_leader_is_no_longer_named_on_the_records_of_others(cast: Cast) -> None:
    plan = actions.SessionPlan("助餐", cast.home, START, START + HOUR, cast.team)
    session = actions.open_session(actor=actor(cast.wu.person), plan=plan)
    actions.call_roll(actor=actor(cast.wu.person), session=session, volunteers=[cast.li], leaving=False)
    with clock.frozen(START + HOUR):
        actions.call_roll(actor=actor(cast.wu.person), session=session, volunteers=[cast.li], leaving=True)
        made = actions.close_session(actor=actor(cast.wu.person), session=session)[0]
        people_actions.erase_person(actor=actor(cast.wu.person), person_id=cast.wu.person_id)

    assert (made.in_charge, ServiceRecord.objects.get().in_charge) == ("吴长青", "已注销")
    assert not found_anywhere("吴长青")


def found_anywhere(word: str) -> list[str]:
    """Tables that hold the word in any column."""
    found = []
    with connection.cursor() as cursor:
        for table_name in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT EXISTS (SELECT FROM "{table_name}" t WHERE t::text LIKE %s)', [f"%{word}%"])
            if cursor.fetchone()[0]:
                found.append(table_name)
    return found
