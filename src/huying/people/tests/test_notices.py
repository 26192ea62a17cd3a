"""Messages, quiet hours, wishes that follow a person, and acting on behalf of somebody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huying.kernel import clock
from huying.kernel.errors import InvalidInput, NotFound
from huying.kernel.models import AuditLine
from huying.people import actions, queries
from huying.people.actions.notices import quiet_until
from huying.people.models import Guardianship, Notice
from huying.people.states import RoleKind
from huying.people.tests import factories as make
from huying.places.tests.factories import place

NOW = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)


def china(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-{text}+08:00")


# ── quiet hours ─────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("at", "shown"),
    [
        ("03T12:00", "03T12:00"),
        ("03T21:29:59", "03T21:29:59"),
        ("03T21:30", "04T07:30"),
        ("03T23:59", "04T07:30"),
        ("04T00:00", "04T07:30"),
        ("04T07:29:59", "04T07:30"),
        ("04T07:30", "04T07:30"),
    ],
)
def test_messages_wait_for_the_morning(at, shown):
    assert quiet_until({}, china(at)) == china(shown)


@pytest.mark.parametrize(
    ("wishes", "at", "shown"),
    [
        ({"quiet_from": "13:00", "quiet_until": "14:30"}, "03T13:10", "03T14:30"),
        ({"quiet_from": "13:00", "quiet_until": "14:30"}, "03T23:00", "03T23:00"),
        ({"quiet_from": "00:00", "quiet_until": "00:00"}, "03T23:00", "03T23:00"),
        ({"quiet_from": "nonsense", "quiet_until": None}, "03T23:00", "04T07:30"),
        ({"quiet_from": "00:00", "quiet_until": "06:00"}, "03T23:00", "03T23:00"),
        ({"quiet_from": "22:00"}, "03T21:45", "03T21:45"),
    ],
)
def test_everybody_has_quiet_hours_of_his_own(wishes, at, shown):
    assert quiet_until(wishes, china(at)) == china(shown)


times = st.times().map(lambda time: f"{time:%H:%M}")


@given(times, times, st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)))
def test_a_message_shows_within_a_day_and_outside_the_quiet_hours(begins, ends, at):
    now = at.replace(tzinfo=UTC)
    wishes = {"quiet_from": begins, "quiet_until": ends}

    shown = quiet_until(wishes, now)

    assert now <= shown < now + timedelta(days=1)
    assert quiet_until(wishes, shown) == shown


# ── messages ────────────────────────────────────────────────────────────────
@pytest.mark.django_db
def test_a_message_in_the_night_counts_in_the_morning_and_an_urgent_one_at_once():
    person = make.person()
    with clock.frozen(china("03T22:00")):
        actions.send_notice(actor=make.SYSTEM, person=person, title="明天上午十点")
        quiet = queries.unread_notices(person.pk)
        actions.send_notice(actor=make.SYSTEM, person=person, title="煤气泄漏", urgent=True)
        urgent = queries.unread_notices(person.pk)
    with clock.frozen(china("04T07:30")):
        morning = queries.unread_notices(person.pk)

    assert (quiet, urgent, morning) == (0, 1, 2)


@pytest.mark.django_db
def test_the_same_key_sends_one_message():
    person = make.person()

    rows = {
        actions.send_notice(actor=make.SYSTEM, person=person, title="一次", key="call:1:done").pk for _time in range(3)
    }

    assert len(rows) == Notice.objects.count() == 1


@pytest.mark.django_db
def test_messages_are_read_one_by_one_or_all_at_once_and_never_those_of_others():
    mine, other = make.account().person, make.account().person
    rows = [
        actions.send_notice(actor=make.SYSTEM, person=mine, title=f"第{n}条", url="/people/me/", urgent=True)
        for n in range(3)
    ]
    theirs = actions.send_notice(actor=make.SYSTEM, person=other, title="别人的", urgent=True)
    browser = make.client(mine)

    one = browser.post(f"/people/me/notices/{rows[0].public_id}/read/", {"idempotency_key": "read-one-1"})
    stranger = browser.post(f"/people/me/notices/{theirs.public_id}/read/", {"idempotency_key": "read-one-2"})
    left = queries.unread_notices(mine.pk)
    browser.post("/people/me/notices/read/", {"idempotency_key": "read-all-1"})

    assert (one["Location"], stranger.status_code) == ("/people/me/", 404)
    assert (left, queries.unread_notices(mine.pk), queries.unread_notices(other.pk)) == (2, 0, 1)


@pytest.mark.django_db
def test_a_message_never_leads_away_from_this_site():
    mine = make.account().person
    browser = make.client(mine)

    for number, url in enumerate(("https://evil.example/", "//evil.example", "javascript:alert(1)")):
        row = actions.send_notice(actor=make.SYSTEM, person=mine, title="看这里", url=url, urgent=True)
        answer = browser.post(f"/people/me/notices/{row.public_id}/read/", {"idempotency_key": f"read-away-{number}"})
        assert answer["Location"] == "/people/me/notices/"


@pytest.mark.django_db
def test_the_list_goes_on_for_pages():
    mine = make.account().person
    for number in range(25):
        actions.send_notice(actor=make.SYSTEM, person=mine, title=f"第{number:02d}条", urgent=True)
    browser = make.client(mine)

    first = browser.get("/people/me/notices/").content.decode()
    cursor = first.split("?cursor=")[1].split('"')[0]
    second = browser.get(f"/people/me/notices/?cursor={cursor}").content.decode()

    assert "第24条" in first and "第04条" not in first
    assert "第04条" in second and "第24条" not in second


@pytest.mark.django_db
def test_the_night_forgets_messages_after_a_year():
    person = make.person()
    with clock.frozen(NOW):
        actions.send_notice(actor=make.SYSTEM, person=person, title="旧")
    with clock.frozen(NOW + timedelta(days=366)):
        actions.send_notice(actor=make.SYSTEM, person=person, title="新")
        actions.forget(actor=make.SYSTEM)

    assert [row.title for row in Notice.objects.all()] == ["新"]


# ── wishes ──────────────────────────────────────────────────────────────────
@pytest.mark.django_db
def test_wishes_are_kept_with_the_person_and_follow_to_another_device():
    account = make.account()
    here = make.client(account)
    answer = here.post(
        "/people/me/preferences/",
        {
            "language": "en",
            "print": "large",
            "contrast": "more",
            "quiet_from": "20:00",
            "quiet_until": "08:00",
            "idempotency_key": "wishes-1",
        },
    )
    there = make.client(account)

    assert answer.status_code == 303
    for browser in (here, there):
        assert browser.cookies["huying_print"].value == "large"
        assert browser.cookies["huying_contrast"].value == "more"
        assert browser.cookies["django_language"].value == "en"
    page = there.get("/people/me/").content.decode()
    assert 'data-print="large"' in page and '<html lang="en"' in page
    account.person.refresh_from_db()
    assert account.person.preferences["quiet_from"] == "20:00"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wish",
    [
        {"print": "giant"},
        {"language": "xx"},
        {"contrast": ""},
        {"quiet_from": "25:00"},
        {"quiet_until": "7"},
        {"is_admin": "1"},
    ],
)
def test_strange_wishes_are_refused(wish):
    person = make.person()

    with pytest.raises(InvalidInput) as refused:
        actions.set_preferences(actor=make.actor(person), **wish)

    assert set(refused.value.fields) == set(wish)


# ── acting on behalf ────────────────────────────────────────────────────────
@pytest.mark.django_db
def test_staff_act_for_a_resident_and_every_page_and_line_shows_it():
    home = place("community")
    keeper, old = make.staff(RoleKind.STATION_KEEPER, home, "站长"), make.person("李奶奶", home=home)
    browser = make.client(keeper)

    browser.post(f"/people/act/{old.public_id}/", {"idempotency_key": "act-begin-1"})
    page = browser.get("/people/me/").content.decode()
    browser.post("/people/me/preferences/", {"idempotency_key": "act-some-1"})
    browser.post("/people/act/stop/", {"idempotency_key": "act-stop-1"})
    after = browser.get("/people/me/").content.decode()

    assert "李奶奶" in page and "结束代办" in page and "结束代办" not in after
    lines = AuditLine.objects.filter(verb__startswith="acting.").order_by("pk")
    assert [(line.verb, line.person_id, line.on_behalf_of_id, line.place_path) for line in lines] == [
        ("acting.begun", keeper.pk, old.pk, home.path),
        ("acting.ended", keeper.pk, old.pk, ""),
    ]


@pytest.mark.django_db
def test_nobody_acts_for_a_stranger_for_himself_or_for_the_erased():
    home = place("community")
    keeper = make.staff(RoleKind.STATION_KEEPER, home)
    stranger, gone = make.person(home=place("community")), make.person(home=home)
    actions.erase_person(actor=make.actor(gone), person_id=gone.pk)

    for target in (stranger, gone, keeper):
        with pytest.raises(NotFound):
            actions.begin_acting(actor=make.actor(keeper), public_id=str(target.public_id))


@pytest.mark.django_db
def test_acting_ends_by_itself_when_the_right_ends():
    mother, daughter = make.person("母亲"), make.account()
    bond = Guardianship.objects.create(
        ward=mother, guardian=daughter.person, tie="entrusted", starts_at=clock.now(), confirmed_at=clock.now()
    )
    browser = make.client(daughter)
    browser.post(f"/people/act/{mother.public_id}/", {"idempotency_key": "act-begin-2"})
    during = browser.get("/people/me/").content.decode()
    actions.end_tie(actor=make.actor(mother), public_id=str(bond.public_id))
    after = browser.get("/people/me/").content.decode()

    assert "结束代办" in during and "结束代办" not in after


@pytest.mark.django_db
def test_the_choice_is_limited_to_ones_own_family_and_places():
    home = place("community")
    make.person("李奶奶", home=home)
    make.person("李大爷", home=place("community"))
    keeper = make.client(make.staff(RoleKind.STATION_KEEPER, home))
    resident = make.client(make.account())

    page = keeper.get("/people/act/?q=李").content.decode()

    assert "李奶奶" in page and "李大爷" not in page
    assert "李奶奶" not in resident.get("/people/act/?q=李").content.decode()


@pytest.mark.django_db
def test_acting_does_not_survive_signing_in_again():
    home = place("community")
    keeper, old = make.staff(RoleKind.STATION_KEEPER, home), make.person(home=home)
    browser = make.client(keeper)
    browser.post(f"/people/act/{old.public_id}/", {"idempotency_key": "act-begin-3"})

    browser.post("/people/sign-in/", {"identifier": keeper.account.username, "password": make.PASSWORD})

    assert "acting_for" not in browser.session
