"""The pages of service: one's hours, the record, the queue, sessions, roll, sheet and signing in; without script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
import zxingcpp
from django.test import Client
from django.urls import reverse
from PIL import Image

from huying.kernel import clock
from huying.ledger.models import Transfer
from huying.volunteers import actions, queries, rules
from huying.volunteers.models import Attendance, ServiceRecord, ServiceSession
from huying.volunteers.states import TRANSITIONS, Way
from huying.volunteers.tests.factories import START, Cast, actor, browser, role, sent
from huying.volunteers.tests.test_service import confirmed, minutes, submitted

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        yield Cast()


def url(name: str, *args: Any) -> str:
    return reverse(f"volunteers:{name}", args=args)


def opened(cast: Cast) -> ServiceSession:
    plan = actions.SessionPlan("周三助餐", cast.home, START, START + 2 * HOUR, team=cast.team)
    return actions.open_session(actor=actor(cast.wu.person), plan=plan)


def test_my_service_shows_the_ledgers_hours_and_opens_each_year(cast: Cast) -> None:
    record = confirmed(cast, hours=1.5)
    submitted(cast, ago=8)
    client = browser(cast.li.person)

    page = client.get(url("my_service"))
    last_year = client.get(url("my_service"), {"year": 2025})

    assert page.context["minutes"] == 90
    assert page.context["page"].rows[0].pk == record.pk
    assert len(page.context["page"].rows) == 2
    assert list(last_year.context["page"].rows) == []
    assert "1.5" in page.content.decode()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_my_service_can_be_taken_along(cast: Cast, kind: str) -> None:
    confirmed(cast)

    answer = browser(cast.li.person).get(url("my_service_file", kind))

    body = b"".join(answer.streaming_content)
    assert answer.status_code == 200
    assert kind != "csv" or "周三助餐" in body.decode("utf-8-sig")
    assert browser(cast.li.person).get(url("my_service_file", "pdf")).status_code == 404


def test_a_record_is_shown_to_its_people_and_to_nobody_else(cast: Cast) -> None:
    record = submitted(cast)
    seen = {
        who.name: browser(who).get(url("record", record.public_id)).status_code
        for who in (cast.li.person, cast.wu.person, cast.keeper, cast.office, cast.he.person, cast.outsider)
    }

    assert list(seen.values()) == [200, 200, 200, 200, 404, 404]
    assert Client().get(url("record", record.public_id)).status_code == 302


def test_the_volunteer_alone_gets_the_receipt_of_his_entry_and_anybody_with_it_sees_that_entry_only(cast: Cast) -> None:
    record, other = confirmed(cast), confirmed(cast, who=cast.he, hours=1.5)
    page = browser(cast.li.person).get(url("record", record.public_id))
    code, address = page.context["story"].receipt, page.context["check"]

    public = Client().get(address)

    text = public.content.decode()
    assert public.context["receipt"].transfer.pk == record.transfer_id
    assert (code in page.content.decode(), "120" in text) == (True, True)
    for secret in ("李安和", "何晓燕", "吴长青", str(record.public_id), str(other.public_id), ">90 "):
        assert secret not in text
    assert page.context["picture"].startswith("data:image/svg+xml")
    for who in (cast.wu.person, cast.keeper, cast.office):
        shown = browser(who).get(url("record", record.public_id))
        assert (shown.context["check"], code in shown.content.decode()) == ("", False)


def test_before_it_is_confirmed_there_is_no_receipt(cast: Cast) -> None:
    page = browser(cast.li.person).get(url("record", submitted(cast).public_id))

    assert (page.context["story"].receipt, page.context["check"]) == ("", "")


def test_each_sees_the_steps_that_are_his(cast: Cast) -> None:
    record = submitted(cast)

    verbs = {
        who.name: browser(who).get(url("record", record.public_id)).context["story"].verbs
        for who in (cast.li.person, cast.wu.person, cast.keeper)
    }

    assert list(verbs.values()) == [[], ["withdraw"], ["confirm", "give_back", "withdraw"]]


def test_a_record_is_confirmed_given_back_and_corrected_on_its_page(cast: Cast) -> None:
    record = submitted(cast)
    keeper, leader, office = browser(cast.keeper), browser(cast.wu.person), browser(cast.office)
    step = lambda verb: url("record_step", record.public_id, verb)  # noqa: E731

    no_reason = sent(keeper, step("give_back"))
    back = sent(keeper, step("give_back"), reason="时间不对")
    again = sent(leader, step("resubmit"), minutes="100", reason="扣掉路上")
    yes = sent(keeper, step("confirm"))
    blank = sent(leader, step("correct"), minutes="", reason="早走了")
    zero = sent(leader, step("correct"), minutes="0", reason="早走了")
    wrong = sent(leader, step("correct"), minutes="60", reason="早走了")
    done = sent(office, step("accept"))
    said = sent(browser(cast.li.person), step("object"), reason="是 100 分钟")
    odd = sent(keeper, step("fly"))

    assert [one.status_code for one in (no_reason, back, again, yes, blank, zero, wrong, done, said, odd)] == [
        422, 303, 303, 303, 422, 422, 303, 303, 303, 404,
    ]  # fmt: skip
    assert minutes(cast.li) == 60
    assert "是 100 分钟" in keeper.get(url("record", record.public_id)).content.decode()


def test_the_queue_confirms_what_is_ticked(cast: Cast) -> None:
    first, second = submitted(cast), submitted(cast, who=cast.he)
    client = browser(cast.keeper)

    page = client.get(url("queue"))
    answer = sent(client, url("queue"), who=[str(first.public_id)])
    empty = sent(client, url("queue"))
    odd = sent(client, url("queue"), who=["x"])

    assert {row.pk for row in page.context["page"].rows} == {first.pk, second.pk}
    assert (answer.status_code, empty.status_code, odd.status_code) == (303, 303, 422)
    assert (minutes(cast.li), minutes(cast.he)) == (120, 0)


def summary_of(answer: Any) -> list[str]:
    """The fields that the summary on top leads to."""
    found = re.search(r'<div class="hy-errors.*?</div>', answer.content.decode(), re.DOTALL)
    assert found is not None and answer.status_code == 422
    ids = re.findall(r'href="#([^"]+)"', found[0])
    assert all(f'id="{one}"' in answer.content.decode() for one in ids)
    return ids


def ticks(answer: Any) -> list[str]:
    return re.findall(r'name="who" value="([^"]+)" checked', answer.content.decode())


def test_a_refused_queue_or_roll_says_why_and_keeps_the_ticks(cast: Cast) -> None:
    record, other = submitted(cast), submitted(cast, who=cast.he)
    session = opened(cast)
    keeper, leader = browser(cast.keeper), browser(cast.wu.person)

    queue = sent(keeper, url("queue"), who=[str(record.public_id), "9999-12-31"])
    roll = sent(leader, url("session_roll", session.public_id) + "?q=李安和", act="in", who=[str(cast.li.pk), "x"])

    assert (summary_of(queue), ticks(queue)) == (["id_who"], [str(record.public_id)])
    assert (summary_of(roll), ticks(roll)) == (["id_who"], [str(cast.li.pk)])
    other.refresh_from_db()
    assert other.state == "submitted" and not Attendance.objects.exists()


@pytest.mark.parametrize(
    ("typed", "where"),
    [
        ({"ends": ""}, "ends"),
        ({"starts": "nie"}, "starts"),
        ({"starts": "", "ends": "", "rest": "5"}, "starts"),
        ({"starts": "01:00", "ends": "02:00"}, "starts"),
        ({"rest": "600"}, "starts"),
    ],
)
def test_a_refused_sheet_leads_to_the_line_and_names_its_person(cast: Cast, typed: dict[str, str], where: str) -> None:
    session, field = opened(cast), f"v{cast.li.pk}"
    line = {"starts": "10:00", "ends": "11:00", "rest": "0"} | typed

    with clock.frozen(START + 3 * HOUR):
        address = url("session_sheet", session.public_id) + "?q=李安和"
        answer = sent(browser(cast.wu.person), address, **{f"{field}-{name}": text for name, text in line.items()})

    assert summary_of(answer) == [f"id_{field}-{where}"]
    assert "李安和 · " in answer.content.decode()
    form = next(one for one in answer.context["forms"] if one.volunteer.pk == cast.li.pk)
    assert {name: form[name].value() for name in line} == line


def test_pages_of_organisers_are_closed_to_others(cast: Cast) -> None:
    session = opened(cast)
    pages = [url(name) for name in ("queue", "records", "sessions", "session_new")]
    inside = [url(f"session{name}", session.public_id) for name in ("", "_code", "_paper", "_roll", "_sheet")]

    for who, expected in ((cast.li.person, 403), (cast.outsider, 200), (cast.wu.person, 200)):
        assert {browser(who).get(page).status_code for page in pages} == {expected}
    for who, expected in ((cast.li.person, 403), (cast.outsider, 404), (cast.wu.person, 200), (cast.keeper, 200)):
        assert {browser(who).get(page).status_code for page in inside} == {expected}


def test_records_are_listed_and_exported_for_their_keepers(cast: Cast) -> None:
    confirmed(cast)
    submitted(cast, who=cast.he)
    client = browser(cast.keeper)

    waiting = client.get(url("records"), {"state": "submitted", "q": ""})
    file = b"".join(client.get(url("records_file", "csv")).streaming_content).decode("utf-8-sig")
    others = b"".join(browser(cast.outsider).get(url("records_file", "csv")).streaming_content).decode("utf-8-sig")

    assert [row.person for row in waiting.context["page"].rows] == [cast.he.person]
    assert ("李安和" in file, "李安和" in others) == (True, False)


# ── sessions ────────────────────────────────────────────────────────────────
def test_a_session_is_opened_run_by_roll_and_closed(cast: Cast) -> None:
    client = browser(cast.wu.person)
    form = client.get(url("session_new"))
    where = form.context["form"]["where"].field.choices[0][0]
    facts = {"where": where, "title": "周三助餐", "starts_at": "2026-03-03T10:00", "ends_at": "2026-03-03T12:00"}

    wrong = sent(client, url("session_new"), **facts | {"ends_at": "2026-03-03T09:00"}, break_minutes="0")
    made = sent(client, url("session_new"), **facts, break_minutes="0", category="elderly")
    session = ServiceSession.objects.get()
    found = client.get(url("session_roll", session.public_id), {"q": "李安和"})
    came = sent(client, url("session_roll", session.public_id) + "?q=李安和", act="in", who=[str(cast.li.pk)])
    with clock.frozen(START + HOUR):
        left = sent(client, url("session_roll", session.public_id), act="out", who=[str(cast.li.pk)])
        ended = sent(client, url("session", session.public_id))
        after = client.get(url("session", session.public_id))

    assert (wrong.status_code, made.status_code, came.status_code, left.status_code, ended.status_code) == (
        422, 303, 303, 303, 303,
    )  # fmt: skip
    assert "李安和" in found.content.decode()
    assert [(one.person, one.minutes) for one in after.context["records"]] == [(cast.li.person, 60)]
    assert sent(client, url("session_roll", session.public_id), act="fly").status_code == 422


def pixels(source: str) -> Any:
    """The square as a scanner sees it: the dark runs of the SVG path, eight pixels a module."""
    svg = unquote(source.split(",", 1)[1]).replace("'", '"')
    path = re.search(r'stroke="#10312b"[^>]*? d="([^"]+)"', svg) or re.search(
        r' d="(M[^"]+)"[^>]*stroke="#10312b"', svg
    )
    assert path is not None, svg[:400]
    image = Image.new("L", (800, 800), 255)
    x = y = 0.0
    for command, numbers in re.findall(r"([Mmh])([-\d. ]+)", path.group(1)):
        values = [float(number) for number in re.findall(r"-?\d*\.?\d+", numbers)]
        if command == "h":
            image.paste(0, (int(x * 8), int((y - 0.5) * 8), int((x + values[0]) * 8), int((y + 0.5) * 8)))
            x += values[0]
        else:
            x, y = (values[0], values[1]) if command == "M" else (x + values[0], y + values[1])
    return image


def test_the_code_of_the_screen_is_read_by_a_scanner_and_signs_in_and_out(cast: Cast) -> None:
    session = opened(cast)
    screen = browser(cast.wu.person)
    page = screen.get(url("session_code", session.public_id))
    read = zxingcpp.read_barcodes(pixels(page.context["square"]))
    phone = browser(cast.li.person)

    shown = phone.get(read[0].text.removeprefix("http://testserver"))
    came = sent(phone, url("check_press"), ticket=shown.context["ticket"], act="in")
    with clock.frozen(START + HOUR):
        out = phone.get(url("check_link", rules.screen_code(session)))
        left = sent(phone, url("check_press"), ticket=out.context["ticket"], act="out")

    assert read[0].text == page.context["address"]
    assert (Attendance.objects.count(), came.status_code, left.status_code) == (1, 303, 303)
    assert Attendance.objects.get().out_at == START + HOUR


def test_reading_a_code_changes_nothing(cast: Cast) -> None:
    session = opened(cast)

    browser(cast.li.person).get(url("check_link", rules.screen_code(session)))

    assert Attendance.objects.count() == 0


def test_a_stale_code_says_so_and_a_visitor_is_led_to_the_door(cast: Cast) -> None:
    session = opened(cast)
    text = rules.screen_code(session)

    with clock.frozen(START + HOUR):
        stale = browser(cast.li.person).get(url("check_link", text))
        visitor = Client().get(url("check_link", text))
        resident = browser(cast.resident).get(url("check_link", text))

    assert (stale.status_code, visitor.status_code) == (422, 302)
    assert (resident.status_code, resident["Location"]) == (303, url("me"))


def test_digits_are_typed_by_who_cannot_scan(cast: Cast) -> None:
    session = opened(cast)
    client = browser(cast.li.person)
    page = client.get(url("check"))

    wrong = sent(client, url("check"), session=str(session.public_id), digits="0000000")
    digits = rules.typed(session, Way.SCREEN)
    next_page = sent(client, url("check"), session=str(session.public_id), digits=f"{digits[:3]} {digits[3:]}")
    came = sent(client, url("check_press"), ticket=next_page.context["ticket"], act="in")

    assert page.context["sessions"] == [session]
    assert summary_of(wrong) == [f"id_digits-{session.pk}"] and 'value="0000000"' in wrong.content.decode()
    assert (wrong.status_code, next_page.status_code, came.status_code) == (422, 200, 303)
    assert Attendance.objects.get().in_way == Way.SCREEN


def test_the_screen_asks_for_its_next_code_by_itself(cast: Cast) -> None:
    session = opened(cast)
    client = browser(cast.wu.person)

    part = client.get(url("session_code", session.public_id), headers={"HX-Request": "true"})

    assert part.content.decode().lstrip().startswith("<div")
    actions.close_session(actor=actor(cast.wu.person), session=session)
    assert client.get(url("session_code", session.public_id)).status_code == 409


def test_a_printed_code_says_until_when_it_holds(cast: Cast) -> None:
    session = opened(cast)
    client = browser(cast.wu.person)

    before = client.get(url("session_paper", session.public_id))
    made = sent(client, url("session_paper", session.public_id), until="2026-03-03T11:30")
    after = client.get(url("session_paper", session.public_id))

    assert (before.context["holds"], made.status_code, after.context["holds"]) == (False, 303, True)
    assert "11:30" in after.content.decode()
    assert len(after.context["digits"]) == 8


def test_two_people_copy_the_sheet_without_seeing_each_others_lines(cast: Cast) -> None:
    session = opened(cast)
    field = f"v{cast.li.pk}"
    lines = {f"{field}-starts": "10:00", f"{field}-ends": "11:00", f"{field}-rest": "0"}
    address = url("session_sheet", session.public_id) + "?q=李安和"
    leader, keeper = browser(cast.wu.person), browser(cast.keeper)

    with clock.frozen(START + 3 * HOUR):
        first = sent(leader, address, **lines)
        blind = keeper.get(address)
        half = sent(keeper, address, **lines | {f"{field}-ends": ""})
        second = sent(keeper, address, **lines)

    form = next(one for one in blind.context["forms"] if one.volunteer.pk == cast.li.pk)
    assert (first.status_code, half.status_code, second.status_code) == (303, 422, 303)
    assert form["starts"].value() is None
    assert list(ServiceRecord.objects.values_list("person", "evidence")) == [(cast.li.person_id, "C")]
    assert queries.minutes_of(cast.li.person_id) == 0


def test_no_single_person_creates_a_minute_whatever_he_presses(cast: Cast) -> None:
    """The worst case (security 4, no. 3): leader, keeper, office and dispatcher are one person with one sign-in."""
    role(cast.wu.person, "station_keeper", cast.home)
    role(cast.wu.person, "office", cast.street)
    role(cast.wu.person, "dispatcher", cast.county)
    client, session = browser(cast.wu.person), opened(cast)
    names, line = [str(cast.li.pk), str(cast.wu.pk)], f"v{cast.he.pk}"
    roll = url("session_roll", session.public_id) + "?q=李安和"
    sheet = url("session_sheet", session.public_id) + "?q=何晓燕"
    sent(client, roll, act="in", who=names)
    with clock.frozen(START + 2 * HOUR):
        client = browser(cast.wu.person)  # staff who were idle sign in again
        sent(client, roll, act="out", who=names)
        for _twice in range(2):
            sent(client, sheet, **{f"{line}-starts": "10:00", f"{line}-ends": "11:00", f"{line}-rest": "0"})
            sent(client, url("session", session.public_id))
        records = list(ServiceRecord.objects.all())
        sent(client, url("queue"), who=[str(one.public_id) for one in records])
        answers = [
            sent(client, url("record_step", one.public_id, verb), reason="自己确认", minutes="600").status_code
            for one in records
            for verb in sorted(TRANSITIONS)
        ]

    assert [(one.person, one.evidence) for one in records] == [(cast.li.person, "A")]
    assert 303 not in [code for code, verb in zip(answers, sorted(TRANSITIONS), strict=True) if verb != "withdraw"]
    assert not Transfer.objects.exists()
    assert [minutes(who) for who in (cast.li, cast.he, cast.wu)] == [0, 0, 0]
