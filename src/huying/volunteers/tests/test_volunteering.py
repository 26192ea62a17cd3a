"""Joining, resting, changing and leaving: by one's own choice, without a reason, without a consequence (条例 art. 7, 25)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from huying.kernel import clock
from huying.kernel.actor import ANONYMOUS
from huying.kernel.errors import SignInNeeded
from huying.kernel.models.audit import AuditLine
from huying.people import actions as people_actions
from huying.volunteers import actions, rules
from huying.volunteers.models import Membership, Volunteer
from huying.volunteers.tests.factories import START, Cast, actor, browser, person, place, sent

pytestmark = pytest.mark.django_db
ME, JOIN, PAUSE, LEAVE = (reverse(f"volunteers:{name}") for name in ("me", "join", "pause", "leave"))


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        yield Cast()


def filled(cast: Cast, **more: Any) -> dict[str, Any]:
    good = {"skills": ["cook", "listen"], "place": str(cast.home.public_id), "travel_km": "5", "weekly_limit": "2"}
    return {name: value for name, value in (good | more).items() if value is not None}


def join(cast: Cast, **more: Any) -> Any:
    return sent(browser(cast.resident), JOIN, **filled(cast, **more))


# ── joining ─────────────────────────────────────────────────────────────────
def test_somebody_joins_with_skills_reach_and_limit_of_his_own(cast: Cast) -> None:
    answer = join(cast, shares_phone="on")

    made = Volunteer.objects.get(person=cast.resident)
    assert (answer.status_code, answer["Location"]) == (303, ME)
    assert (made.base_place, made.travel_km, made.weekly_limit, made.shares_phone) == (cast.home, 5.0, 2, True)
    assert sorted(made.skills.values_list("code", flat=True)) == ["cook", "listen"]
    assert (made.joined_at, made.left_at) == (START, None)


def test_the_number_is_not_shown_unless_the_volunteer_says_so(cast: Cast) -> None:
    join(cast)

    assert Volunteer.objects.get(person=cast.resident).shares_phone is False


def test_he_is_reckoned_from_the_public_position_of_his_base_never_from_his_home(cast: Cast) -> None:
    cast.resident.lon, cast.resident.lat = 120.0512345, 30.2812345
    cast.resident.save()

    join(cast)

    made = Volunteer.objects.get(person=cast.resident)
    assert (made.lon, made.lat) == (cast.home.lon, cast.home.lat)


def test_changing_keeps_the_day_of_joining_and_shows_what_was_said_before(cast: Cast) -> None:
    join(cast)
    client = browser(cast.resident)

    with clock.frozen(START + timedelta(days=9)):
        form = client.get(JOIN).context["form"]
        sent(client, JOIN, **filled(cast, skills=[], weekly_limit="9"))

    made = Volunteer.objects.get(person=cast.resident)
    assert sorted(form["skills"].value()) == ["cook", "listen"]
    assert (form["travel_km"].value(), form["weekly_limit"].value()) == ("5", 2)
    assert (made.joined_at, made.weekly_limit, made.skills.count()) == (START, 9, 0)
    assert list(
        AuditLine.objects.filter(subject_id=made.pk, verb__startswith="volunteer.")
        .order_by("id")
        .values_list("verb", flat=True)
    ) == [
        "volunteer.join",
        "volunteer.change",
    ]


def test_a_child_is_not_registered_alone(cast: Cast) -> None:
    cast.resident.birth_date = date(2012, 3, 4)  # thirteen, for one more day
    cast.resident.save()

    early = join(cast)
    with clock.frozen(START + timedelta(days=1)):
        in_time = join(cast)

    assert (early.status_code, in_time.status_code) == (403, 303)


def test_a_visitor_cannot_join(cast: Cast) -> None:
    with pytest.raises(SignInNeeded):
        actions.save_profile(actor=ANONYMOUS, profile=actions.Profile(base_place=cast.home))


@pytest.mark.parametrize(
    ("given", "at_fault"),
    [
        ({"skills": ["fly"]}, "skills"),
        ({"travel_km": "7"}, "travel_km"),
        ({"travel_km": ""}, "travel_km"),
        ({"weekly_limit": "0"}, "weekly_limit"),
        ({"weekly_limit": "51"}, "weekly_limit"),
        ({"weekly_limit": "许多"}, "weekly_limit"),
        ({"weekly_limit": "9" * 400}, "weekly_limit"),
        ({"place": "x"}, "place"),
        ({"place_words": "没有的村"}, "place_words"),
        ({"place_words": "\x00\u202e"}, None),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(cast: Cast, given: dict[str, Any], at_fault: str | None) -> None:
    answer = join(cast, **given)

    if at_fault is None:
        assert answer.status_code == 303
        return
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [at_fault])
    assert 'class="hy-errors"' in answer.content.decode()
    assert not Volunteer.objects.filter(person=cast.resident).exists()


@pytest.mark.parametrize("words", ["麦田社区", "maitian", "mtsq"])
def test_another_base_is_found_by_name_pinyin_or_initials(cast: Cast, words: str) -> None:
    join(cast, place_words=words)

    assert Volunteer.objects.get(person=cast.resident).base_place == cast.away


def test_several_places_of_one_name_are_offered(cast: Cast) -> None:
    twin = place("麦田社区", cast.street)

    first = join(cast, place_words="麦田社区")
    second = join(cast, place_words="麦田社区", place=str(twin.public_id))

    assert dict(first.context["form"].fields["place"].choices) == {
        str(cast.away.public_id): "麦田社区（东篱街道）",
        str(twin.public_id): "麦田社区（青禾街道）",
    }
    assert second.status_code == 303
    assert Volunteer.objects.get(person=cast.resident).base_place == twin


def test_somebody_without_a_home_on_file_names_his_base(cast: Cast) -> None:
    cast.resident.home_place = None
    cast.resident.save()

    missing = join(cast, place="other")
    found = join(cast, place="other", place_words="桂花社区")

    assert (missing.status_code, list(missing.context["form"].errors)) == (422, ["place_words"])
    assert found.status_code == 303


# ── resting and leaving ─────────────────────────────────────────────────────
def test_resting_ends_by_itself_and_can_be_ended_early(cast: Cast) -> None:
    client = browser(cast.li.person)

    rested = sent(client, PAUSE, until="2026-03-10")
    page = client.get(ME).content.decode()
    with clock.frozen(START + timedelta(days=8)):
        later = client.get(ME).content.decode()
    back = sent(client, PAUSE, resume="1")

    cast.li.refresh_from_db()
    assert (rested.status_code, back.status_code) == (303, 303)
    assert ("正在休息" in page, "3月10日" in page, "正在休息" in later) == (True, True, False)
    assert cast.li.paused_until is None


@pytest.mark.parametrize("until", ["2026-03-02", "2027-03-06", "9999-12-31", "", "明天", "2026-02-30"])
def test_a_rest_has_an_end_that_comes(cast: Cast, until: str) -> None:
    answer = sent(browser(cast.li.person), PAUSE, until=until)

    cast.li.refresh_from_db()
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["until"])
    assert cast.li.paused_until is None


def test_leaving_ends_teams_and_keeps_the_record_and_the_door_open(cast: Cast) -> None:
    client = browser(cast.wu.person)
    page = client.get(LEAVE).content.decode()

    left = sent(client, LEAVE)
    invited = client.get(ME).content.decode()
    again = sent(client, JOIN, **filled(cast))

    cast.wu.refresh_from_db()
    assert "随时可以再登记" in page
    assert (left.status_code, again.status_code) == (303, 303)
    assert JOIN in invited
    assert cast.wu.left_at is None
    assert Membership.objects.get(pk=cast.membership.pk).ends_at == START
    assert Volunteer.objects.filter(person=cast.wu.person).count() == 1


@pytest.mark.parametrize("address", [PAUSE, LEAVE])
def test_who_is_no_volunteer_neither_rests_nor_leaves(cast: Cast, address: str) -> None:
    assert sent(browser(cast.resident), address, until="2026-03-10").status_code == 409


@pytest.mark.parametrize("address", [ME, JOIN, PAUSE, LEAVE])
def test_every_page_of_oneself_asks_a_visitor_to_sign_in(cast: Cast, address: str) -> None:
    answer = Client().get(address)

    assert (answer.status_code, answer["Location"]) == (302, f"/people/sign-in/?next={address}")


@pytest.mark.parametrize("address", [ME, JOIN, PAUSE, LEAVE])
def test_a_look_changes_nothing(cast: Cast, address: str) -> None:
    client = browser(cast.li.person)

    assert client.get(address).status_code == 200

    cast.li.refresh_from_db()
    assert (cast.li.left_at, cast.li.paused_until) == (None, None)


# ── the neighbourhood ───────────────────────────────────────────────────────
def test_the_neighbourhood_is_the_street_around_the_base_for_list_and_single_row(cast: Cast) -> None:
    li = actor(cast.li.person)
    places = [cast.home, cast.next_door, cast.street, cast.away, cast.other_street, cast.county]

    single = [rules.is_near(li, one) for one in places]
    listed = set(type(cast.home).objects.filter(rules.reachable(li, "path")))

    assert single == [True, True, True, False, False, False]
    assert [one in listed for one in places] == single
    assert rules.is_near(actor(cast.resident), cast.home) is False
    assert rules.is_near(ANONYMOUS, cast.home) is False


# ── one's rights ────────────────────────────────────────────────────────────
def test_the_copy_of_ones_data_holds_profile_and_teams(cast: Cast) -> None:
    sections = people_actions.export_person(actor=actor(cast.wu.person), person_id=cast.wu.person.pk)

    found = {section.code: section.rows for section in sections}
    assert found["volunteer"] == [
        {
            "place": "和平社区",
            "skills": ["做饭"],
            "languages": [],
            "categories": [],
            "availability": [],
            "travel_km": 3.0,
            "weekly_limit": 5,
            "shares_phone": False,
            "insured_until": None,
            "insurance_note": "",
            "paused_until": None,
            "joined_at": START,
            "left_at": None,
        }
    ]
    assert [(row["team"], row["is_leader"]) for row in found["teams"]] == [("和平助老队", True)]


def test_who_is_forgotten_volunteers_no_more_and_leaves_no_position(cast: Cast) -> None:
    people_actions.erase_person(actor=actor(cast.wu.person), person_id=cast.wu.person.pk)

    cast.wu.refresh_from_db()
    assert (cast.wu.left_at, cast.wu.lon, cast.wu.lat, cast.wu.skills.count()) == (START, None, None, 0)
    assert Membership.objects.filter(rules.PRESENT, volunteer=cast.wu).count() == 0
    assert str(cast.wu) == "已注销"


def test_people_who_are_not_registered_have_nothing_here(cast: Cast) -> None:
    nobody = person("路人", cast.home)

    people_actions.erase_person(actor=actor(nobody), person_id=nobody.pk)

    assert Volunteer.objects.filter(person=nobody).count() == 0
