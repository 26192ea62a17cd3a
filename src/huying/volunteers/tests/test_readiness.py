"""What somebody must have before he serves: papers that count, checks, insurance, a guardian's yes (K04)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden
from huying.people import actions as people_actions
from huying.people.models import Guardianship, Notice, Person
from huying.volunteers import actions, rules
from huying.volunteers.models import Attendance, ServiceCategory, Skill, SkillProof, Volunteer
from huying.volunteers.tests.factories import START, Cast, actor, browser, person, sent
from huying.volunteers.tests.test_sessions import HOUR, line, opened, scan

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SYSTEM = Actor.system("tests")


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        people_actions.load_purposes()
        yield Cast()


def paper(colour: int = 30) -> SimpleUploadedFile:
    body = BytesIO()
    Image.new("RGB", (60, 40), (colour, 30, 30)).save(body, "PNG")
    return SimpleUploadedFile("证书.png", body.getvalue(), "image/png")


@pytest.fixture
def licence(cast: Cast) -> Skill:
    return Skill.objects.create(code="electric", name="电工", needs_proof=True)


def handed_in(cast: Cast, skill: Skill, **more: Any) -> SkillProof:
    return actions.add_proof(actor=actor(cast.li.person), skill=skill, picture=paper(), **more)


def counted(who: Volunteer, day: date) -> set[str]:
    """The codes that count, by the rule for one and by the rule for many, which agree."""
    one = set(rules.proven_skills(who, day).values_list("code", flat=True))
    rows = Volunteer.skills.through._default_manager.filter(rules.proven_on(day), volunteer=who)
    assert one == set(rows.values_list("skill__code", flat=True))
    return one


# ── papers ──────────────────────────────────────────────────────────────────
def test_a_skill_that_needs_a_paper_counts_once_it_was_accepted_and_until_it_ends(cast: Cast, licence: Skill) -> None:
    today = clock.today()
    proof = handed_in(cast, licence, valid_until=today + 10 * DAY)
    before = counted(cast.li, today)

    actions.verify_proof(actor=actor(cast.keeper), proof=proof)

    assert before == {"cook"}
    assert [counted(cast.li, today + n * DAY) for n in (0, 10, 11)] == [
        {"cook", "electric"},
        {"cook", "electric"},
        {"cook"},
    ]


def test_a_paper_without_an_end_counts_for_good_and_that_of_another_never(cast: Cast, licence: Skill) -> None:
    actions.verify_proof(actor=actor(cast.keeper), proof=handed_in(cast, licence))
    cast.he.skills.add(licence)

    assert counted(cast.li, clock.today() + 9999 * DAY) == {"cook", "electric"}
    assert counted(cast.he, clock.today()) == {"cook"}


def test_a_paper_is_not_accepted_with_a_reason_that_the_volunteer_reads(cast: Cast, licence: Skill) -> None:
    proof, keeper = handed_in(cast, licence), browser(cast.keeper)
    page = reverse("volunteers:volunteer", args=[cast.li.public_id])

    silent = sent(keeper, page, act="refuse", proof=str(proof.public_id), reason=" ")
    done = sent(keeper, page, act="refuse", proof=str(proof.public_id), reason="照片看不清")
    late = sent(keeper, page, act="verify", proof=str(proof.public_id))

    proof.refresh_from_db()
    notice = Notice.objects.get(person=cast.li.person)
    assert [one.status_code for one in (silent, done, late)] == [422, 303, 409]
    assert (proof.refused_by, proof.refused_reason, proof.verified_at) == (cast.keeper, "照片看不清", None)
    assert "电工" in notice.title and "照片看不清" in notice.body
    for reader, where in ((keeper, page), (browser(cast.li.person), reverse("volunteers:proofs"))):
        assert "照片看不清" in reader.get(where).content.decode()


def test_an_accepted_paper_that_was_false_counts_no_more(cast: Cast, licence: Skill) -> None:
    proof = actions.verify_proof(actor=actor(cast.keeper), proof=handed_in(cast, licence))

    actions.refuse_proof(actor=actor(cast.keeper), proof=proof, reason="是借来的证")
    again = actions.refuse_proof(actor=actor(cast.office), proof=proof, reason="别的理由")

    assert counted(cast.li, clock.today()) == {"cook"}
    assert (again.refused_by, again.refused_reason, Notice.objects.count()) == (cast.keeper, "是借来的证", 1)


def test_only_keepers_of_the_place_refuse_a_paper_and_never_their_own(cast: Cast, licence: Skill) -> None:
    proof = handed_in(cast, licence)

    for who in (cast.li.person, cast.wu.person, cast.outsider):
        with pytest.raises(Forbidden):
            actions.refuse_proof(actor=actor(who), proof=proof, reason="不行")


def test_what_ends_within_a_month_is_told_once(cast: Cast, licence: Skill) -> None:
    keeper, today = actor(cast.keeper), clock.today()
    actions.verify_proof(actor=keeper, proof=handed_in(cast, licence, valid_until=today + 30 * DAY))
    actions.record_check(actor=keeper, volunteer=cast.he, passed=True, valid_until=today + 31 * DAY)
    actions.record_insurance(actor=keeper, volunteer=cast.wu, until=today + DAY)

    first, again = actions.tell_expiring(actor=SYSTEM), actions.tell_expiring(actor=SYSTEM)
    with clock.frozen(START + DAY):
        next_day = actions.tell_expiring(actor=SYSTEM)

    assert (first, again, next_day) == (2, 0, 1)
    assert {row.person for row in Notice.objects.all()} == {cast.li.person, cast.wu.person, cast.he.person}


def test_a_paper_that_was_replaced_ends_in_silence(cast: Cast, licence: Skill) -> None:
    keeper, today = actor(cast.keeper), clock.today()
    for days in (10, 400):
        proof = handed_in(cast, licence, valid_until=today + days * DAY)
        actions.verify_proof(actor=keeper, proof=proof)

    assert actions.tell_expiring(actor=SYSTEM) == 0


# ── checks, insurance, guardians ────────────────────────────────────────────
def kind(code: str) -> ServiceCategory:
    return ServiceCategory.objects.get(code=code)


def lacking(who: Volunteer, code: str, day: date | None = None) -> list[str]:
    """What is missing, by the rule for one; the rule for many agrees."""
    day = day or clock.today()
    found = rules.missing_for(who, kind(code), day)
    assert Volunteer.objects.filter(rules.ready_for(kind(code), day), pk=who.pk).exists() == (not found)
    return found


def youth(cast: Cast, **more: Any) -> tuple[Volunteer, Person]:
    """A volunteer of sixteen and his mother."""
    who, mother = person("周小雨", cast.home, birth_date=date(2010, 1, 5)), person("周母", cast.home)
    tie = {"tie": "parent", "starts_at": START, "confirmed_at": START, "confirmed_by": mother}
    Guardianship.objects.create(ward=who, guardian=mother, **tie)
    return actions.save_profile(actor=actor(who), profile=actions.Profile(base_place=cast.home)), mother


def test_the_last_check_decides_about_work_with_children(cast: Cast) -> None:
    keeper, today = actor(cast.keeper), clock.today()
    found = [lacking(cast.li, "children")]

    actions.record_check(actor=keeper, volunteer=cast.li, passed=True, valid_until=today + DAY)
    found += [lacking(cast.li, "children"), lacking(cast.li, "children", today + 2 * DAY)]
    actions.record_check(actor=keeper, volunteer=cast.li, passed=False, valid_until=today + DAY)
    found += [lacking(cast.li, "children")]

    assert found == [["check"], [], ["check"], ["check"]]


def test_insurance_is_needed_where_the_kind_of_service_says_so(cast: Cast) -> None:
    before = lacking(cast.li, "traffic")

    insured = actions.record_insurance(actor=actor(cast.keeper), volunteer=cast.li, until=clock.today())

    assert (before, lacking(insured, "traffic"), lacking(cast.li, "elderly")) == (["insurance"], [], [])


def test_somebody_of_sixteen_serves_with_a_risk_once_the_guardian_agreed(cast: Cast) -> None:
    who, mother = youth(cast)
    before = [lacking(who, "environment"), lacking(who, "elderly"), lacking(cast.li, "environment")]
    with pytest.raises(Forbidden):
        people_actions.give_consent(actor=actor(who.person), person_id=who.person_id, code="youth_service")

    people_actions.give_consent(actor=actor(mother), person_id=who.person_id, code="youth_service")
    agreed = lacking(who, "environment")
    people_actions.withdraw_consent(actor=actor(mother), person_id=who.person_id, code="youth_service")

    assert (before, agreed, lacking(who, "environment")) == ([["guardian"], [], []], [], ["guardian"])
    with clock.frozen(START + 2 * 366 * DAY):
        assert lacking(who, "environment") == []


def test_the_guardian_is_asked_when_only_his_yes_is_missing(cast: Cast) -> None:
    who, mother = youth(cast)
    session = opened(cast, category=kind("environment"))

    for _twice in range(2):
        with pytest.raises(actions.NotReady, match="监护人"):
            scan(session, who)
    _visits, refused = actions.call_roll(
        actor=actor(cast.wu.person), session=session, volunteers=[who, cast.li], leaving=False
    )

    notice = Notice.objects.get(person=mother)
    assert refused == [who] and not Attendance.objects.filter(volunteer=who).exists()
    assert notice.title == "周小雨想参加有风险的志愿服务，请您决定" and kind("environment").risk in notice.body
    assert browser(mother).get(notice.url).status_code == 200

    people_actions.give_consent(actor=actor(mother), person_id=who.person_id, code="youth_service")
    scan(session, who)
    assert Notice.objects.filter(person=mother, title="周小雨参加有风险的志愿服务：周三助餐").count() == 1


def test_a_sheet_of_work_with_children_takes_no_line_of_somebody_unchecked(cast: Cast) -> None:
    session = opened(cast, category=kind("children"))
    with clock.frozen(START + 3 * HOUR), pytest.raises(actions.LineNotReady) as refusal:
        actions.copy_sheet(actor=actor(cast.wu.person), session=session, lines=[line(cast.li)])

    assert refusal.value.fields == {str(cast.li.pk): "这一类服务要先有有效的儿童保护核查，不能登记。请联系站点。"}
