"""Calls that are there already come through the migrations of this room whole, in a database of their own: a volunteer's
old no becomes what silence is (decision 0021), and neither of the two becomes a delay (decision 0024).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.db.migrations.state import StateApps

from huying.calls.tests.factories import START
from huying.kernel.tests.early import early_database, migrated

ROOM = "calls"
BEFORE_RINGS = "0005_kinds_of_service_of_the_menu"
RINGS = "0006_widen_ring_by_ring"
MEASURED = "0008_keep_what_is_measured"
DUE = START + timedelta(minutes=30)
Lines = dict[str, list[str]]


@dataclass(frozen=True)
class Way:
    """By title of the call: its lines as they are after the rings came, its offers then, and its late stages at last."""

    lines: Lines
    offers: dict[str, list[tuple[Any, ...]]]
    late: dict[str, list[tuple[str, datetime, datetime]]]


@pytest.fixture(scope="module")
def way(django_db_setup: None, django_db_blocker: Any) -> Iterator[Way]:
    """The whole way, gone once; the late stages in chunks so small that there are several."""
    with early_database("calls", django_db_blocker), pytest.MonkeyPatch.context() as patched:
        patched.setattr(import_module(f"huying.calls.migrations.{MEASURED}"), "CHUNK", 2)
        yield gone()


def gone() -> Way:
    fill(Early(migrated((ROOM, BEFORE_RINGS))))
    ringed = migrated((ROOM, RINGS))
    lines: Lines = {}
    for title, verb in ringed.get_model(ROOM, "CallEvent").objects.order_by("id").values_list("call__title", "verb"):
        lines.setdefault(title, []).append(verb)
    offers: dict[str, list[tuple[Any, ...]]] = {}
    for one in ringed.get_model(ROOM, "Offer").objects.order_by("id").select_related("call"):
        facts = ("team" if one.team_id else "volunteer", one.state, one.answered_by_id, one.reason)
        offers.setdefault(one.call.title, []).append(facts)
    late: dict[str, list[tuple[str, datetime, datetime]]] = {}
    for row in migrated((ROOM, MEASURED)).get_model(ROOM, "LateStage").objects.order_by("id").select_related("call"):
        late.setdefault(row.call.title, []).append((row.stage, row.due_at, row.left_at))
    return Way(lines, offers, late)


def after(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


class Early:
    """A community with two volunteers and a team, as the tables were before the rings."""

    def __init__(self, apps: StateApps) -> None:
        self.apps = apps
        self.home = apps.get_model("places", "Place").objects.create(
            name="和平社区", kind_id="community", path="/1/", depth=1, sort_key="和平社区"
        )
        person, volunteer = apps.get_model("people", "Person"), apps.get_model("volunteers", "Volunteer")
        self.people = [person.objects.create(name=name, created_at=START) for name in ("陈桂英", "李安和", "何晓燕")]
        self.helpers = [
            volunteer.objects.create(person=one, base_place=self.home, joined_at=START) for one in self.people[1:]
        ]
        self.team = apps.get_model("volunteers", "Team").objects.create(name="助老队", place=self.home)
        self.kind = apps.get_model(ROOM, "ServiceKind").objects.create(
            code="clinic", name="陪诊", summary="…", icon="heart", tone="mei"
        )

    def call(self, title: str, *lines: tuple[float, str, str, str]) -> Any:
        """A call with its history: (minutes after the beginning, verb, from, to)."""
        made = self.apps.get_model(ROOM, "Call").objects.create(
            number=title,
            title=title,
            kind=self.kind,
            place=self.home,
            requester=self.people[0],
            asked_by=self.people[0],
            state="pooled",
            stage_started_at=START,
            created_at=START,
        )
        event = self.apps.get_model(ROOM, "CallEvent").objects
        for minutes, verb, before, then in lines:
            event.create(call=made, at=after(minutes), verb=verb, from_state=before, to_state=then)
        return made

    def offer(self, call: Any, who: Any, state: str, minutes: float) -> None:
        """Asked at the beginning with half an hour to answer; what came of it so many minutes later."""
        name = "team" if who == self.team else "volunteer"
        self.apps.get_model(ROOM, "Offer").objects.create(
            **{name: who},
            call=call,
            state=state,
            offered_at=START,
            answer_due_at=DUE,
            answered_at=after(minutes),
            answered_by=self.people[1] if state == "declined" else None,
            reason="来不了" if state == "declined" else "",
        )


def fill(early: Early) -> None:
    """Each way in which an offer came to nothing, and a call was lifted."""
    li, he = early.helpers
    asked, over = ("dispatched", "pooled"), (30.5, "expire", "dispatched", "pooled")
    early.offer(early.call("志愿者谢绝", (5, "decline", *asked)), li, "declined", 5)
    early.offer(early.call("志愿者没有答复", over), li, "expired", 30.5)
    early.offer(early.call("队伍谢绝", (5, "decline", *asked)), early.team, "declined", 5)
    early.offer(early.call("队伍没有答复", over), early.team, "expired", 30.5)
    both = early.call("两边都谢绝", (5, "decline", "dispatched", "dispatched"), (9, "decline", *asked))
    early.offer(both, li, "declined", 5)
    early.offer(both, early.team, "declined", 9)
    lifted = (6, "escalate", "pooled", "pooled")
    twice = early.call("两次谢绝", (5, "decline", "dispatched", "dispatched"), (6, "decline", *asked), lifted)
    early.offer(twice, li, "declined", 5)
    early.offer(twice, he, "declined", 6)
    early.call("没有人受理", (240, "escalate", "submitted", "submitted"))
    early.call("没有人派", (300, "escalate", "pooled", "pooled"))
    early.call("还在等答复", (20, "escalate", "dispatched", "dispatched"))


def test_what_a_volunteer_refused_reads_like_silence_and_a_teams_refusal_stays(way: Way) -> None:
    assert way.lines["志愿者谢绝"] == way.lines["志愿者没有答复"] == ["expire"]
    assert way.offers["志愿者谢绝"] == way.offers["志愿者没有答复"] == [("volunteer", "expired", None, "")]
    assert way.lines["队伍谢绝"] == ["decline"]


def test_where_both_refused_no_more_lines_of_a_refusal_stay_than_teams_refused(way: Way) -> None:
    assert way.lines["两边都谢绝"] == ["expire", "decline"]
    assert [one[:2] for one in way.offers["两边都谢绝"]] == [("volunteer", "expired"), ("team", "declined")]


def test_neither_an_old_no_nor_a_volunteers_silence_becomes_a_delay(way: Way) -> None:
    for title in ("志愿者谢绝", "志愿者没有答复", "队伍谢绝", "两边都谢绝", "两次谢绝", "还在等答复"):
        assert title not in way.late


def test_a_team_that_never_answered_and_a_clock_that_lifted_a_call_are_delays(way: Way) -> None:
    short = timedelta(seconds=1)

    assert way.late == {
        "队伍没有答复": [("answer", DUE, after(30.5))],
        "没有人受理": [("review", after(240) - short, after(240))],
        "没有人派": [("dispatch", after(300) - short, after(300))],
    }
