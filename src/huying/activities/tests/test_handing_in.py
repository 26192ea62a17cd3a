"""The door hands in what waited in a tablet, as JSON: by the page's own address and by the API, with the same answers."""

from __future__ import annotations

import json
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from huying.activities import actions
from huying.activities.forms.scans import AT_ONCE
from huying.activities.models import CheckIn
from huying.activities.tests.factories import HOUR, come, later, session_of, shift_of
from huying.calls.tests.browsing import browser
from huying.calls.tests.factories import START, actor
from huying.kernel import clock

_keys = count(1)
WAYS = ("page", "api")


def address(way: str, session: Any) -> str:
    """Where a batch of this session goes."""
    if way == "page":
        return reverse("activities:door_scans", args=[session.public_id])
    return f"/api/v1/activities/sessions/{session.public_id}/scans"


def post(client: Client, where: str, body: Any, *, key: str = "", kind: str = "application/json") -> Any:
    sent = body if isinstance(body, bytes) else json.dumps(body)
    headers = {"Idempotency-Key": key or f"tablet-{next(_keys):08d}", "Accept": "application/json"}
    return client.post(where, sent, content_type=kind, headers=headers)


def scan(row: Any, name: str = "one", **more: Any) -> dict[str, Any]:
    """One press as a tablet keeps it."""
    return {"id": name, "sign_up": str(row), "at": (START - HOUR).isoformat(), **more}


@pytest.mark.parametrize("way", WAYS)
def test_every_scan_is_answered_and_handing_in_again_counts_nobody_twice(world, way):
    activity = world.published()
    shift, where = shift_of(activity), address(way, session_of(activity))
    rows = [come(world.guest(), shift) for _ in range(3)]
    actions.leave(actor=actor(rows[2].person), sign_up=rows[2])
    body = {
        "scans": [
            scan(rows[0].public_id, "a"),
            scan(rows[0].public_id, "b", act="out", at=START.isoformat()),
            scan(rows[1].public_id, "c"),
            scan(rows[2].public_id, "d"),
            scan(uuid4(), "e"),
        ]
    }
    keeper = browser(world.keeper)

    first = post(keeper, where, body, key="tablet-batch-1")
    same = post(keeper, where, body, key="tablet-batch-1")
    again = post(keeper, where, body)

    told = first.json()
    assert [(one["id"], one["state"], one["code"]) for one in told["scans"]] == [
        ("a", "arrived", ""),
        ("b", "known", ""),
        ("c", "arrived", ""),
        ("d", "refused", "scan_taken_back"),
        ("e", "refused", "scan_strange"),
    ]
    assert told["scans"][3]["message"] == "这个报名已经取消，没有算到场。"
    assert (told["arrived"], told["known"], told["refused"]) == (2, 1, 2)
    assert same.json() == told and same["Idempotency-Replayed"] == "true"
    assert (again.json()["arrived"], again.json()["known"]) == (0, 3)
    assert CheckIn.objects.count() == 2


def test_a_batch_whose_answer_was_lost_does_not_bring_back_what_was_undone(world):
    activity = world.published()
    row, where = come(world.guest(), shift_of(activity)), address("page", session_of(activity))
    keeper, body = browser(world.keeper), {"scans": [scan(row.public_id)]}

    post(keeper, where, body, key="tablet-batch-2")
    actions.undo_check_in(actor=world.boss, sign_up=row)
    post(keeper, where, body, key="tablet-batch-2")

    assert CheckIn.objects.count() == 0


@pytest.mark.parametrize("way", WAYS)
def test_only_those_at_the_door_hand_in(world, way):
    activity = world.published()
    row, where = come(world.guest(), shift_of(activity)), address(way, session_of(activity))
    body = {"scans": [scan(row.public_id)]}

    answers = [post(who, where, body) for who in (browser(world.stranger), browser(row.person), Client())]

    assert [one.status_code for one in answers] == [403, 403, 401]
    assert {one.json()["error"]["code"] for one in answers} == {"forbidden", "sign_in_needed"}
    assert CheckIn.objects.count() == 0


@pytest.mark.parametrize("way", WAYS)
def test_closed_results_take_no_scans(world, way):
    activity = world.published()
    row, session = come(world.guest(), shift_of(activity)), session_of(activity)
    with clock.frozen(later(days=3)):
        actions.hold(actor=world.boss, session=session)
        actions.close_results(actor=world.boss, session=session)
        answer = post(browser(world.keeper), address(way, session), {"scans": [scan(row.public_id)]})

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "results_closed")


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no ticket": ({"sign_up": "x"}, "scans.1.sign_up"),
    "no moment": ({"at": "yesterday"}, "scans.1.at"),
    "a moment without its zone": ({"at": "2026-03-02T09:00:00"}, "scans.1.at"),
    "an unknown act": ({"act": "undo"}, "scans.1.act"),
    "nobody came": ({"count": 0}, "scans.1.count"),
    "far too many came": ({"count": 10_001}, "scans.1.count"),
    "a number without end": ({"count": 10**300}, "scans.1.count"),
    "no name": ({"id": ""}, "scans.1.id"),
    "a long name": ({"id": "x" * 41}, "scans.1.id"),
    "a NUL": ({"id": "a\x00b"}, "scans.1"),
    "half a letter": ({"id": "\ud800"}, "scans.1"),
    "an unknown field": ({"state": "arrived"}, "scans.1.state"),
    "deep": ({"act": json.loads("[" * 40 + "]" * 40)}, "scans.1"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("label", WRONG)
def test_a_misshapen_scan_is_named_and_nothing_is_counted(world, way, label):
    activity = world.published()
    row, where = come(world.guest(), shift_of(activity)), address(way, session_of(activity))
    change, field = WRONG[label]

    answer = post(browser(world.keeper), where, {"scans": [scan(row.public_id), {**scan(row.public_id), **change}]})

    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (422, [field])
    assert CheckIn.objects.count() == 0


@pytest.mark.parametrize("way", WAYS)
def test_bodies_that_are_no_batch_are_refused_in_the_one_shape(world, way):
    activity = world.published()
    row, where = come(world.guest(), shift_of(activity)), address(way, session_of(activity))
    keeper, one = browser(world.keeper), scan(row.public_id)
    raw = (b"", b"{", b"[" * 100_000, b'{"scans": "\xff"}', b"NaN", b"[]", b"7", '{"scans": "您"}'.encode("gbk"))
    shaped = ({}, {"scans": []}, {"scans": [one] * (AT_ONCE + 1)}, {"scans": [one], "more": 1}, {"scans": {"a": one}})

    answers = [post(keeper, where, body) for body in (*raw, *shaped)]
    form = post(keeper, where, b"scans=1", kind="application/x-www-form-urlencoded")

    assert {answer.status_code for answer in (*answers, form)} <= {400, 422}
    assert all(set(answer.json()["error"]) == {"code", "message", "fields"} for answer in (*answers, form))
    assert CheckIn.objects.count() == 0


def test_the_largest_batch_keeps_its_whole_answer(world):
    activity = world.published()
    where, keeper = address("page", session_of(activity)), browser(world.keeper)
    body = {"scans": [scan(uuid4(), f"{n:040d}") for n in range(AT_ONCE)]}

    post(keeper, where, body, key="tablet-batch-3")
    again = post(keeper, where, body, key="tablet-batch-3")

    assert again["Idempotency-Replayed"] == "true"
    assert again.json()["refused"] == AT_ONCE


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "1999-01-01T00:00:00Z"])
def test_a_clock_that_stands_anywhere_breaks_nothing(world, moment):
    activity = world.published()
    row, where = come(world.guest(), shift_of(activity)), address("page", session_of(activity))

    answer = post(browser(world.keeper), where, {"scans": [scan(row.public_id, at=moment)]})

    ahead = moment.startswith("9999")
    assert answer.json()["scans"][0]["state"] == ("arrived" if ahead else "refused")
    assert list(CheckIn.objects.values_list("in_at", flat=True)) == ([START] if ahead else [])
