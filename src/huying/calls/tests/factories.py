"""Fixed people, places and calls for tests; calls reach their state by the real actions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any

from django.contrib.auth.hashers import make_password

from huying.calls import actions
from huying.calls.models import Call, Clock, Offer, ServiceKind
from huying.calls.states import OfferState, State
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.search import search_text, terms
from huying.people.models import Account, Person, Role
from huying.places.models import Place
from huying.volunteers.models import Membership, Skill, Team, Volunteer

START = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
"""A Tuesday, ten in the morning in China, with no holiday near."""
_serial = count(1)


def place(name: str = "和平社区", parent: Place | None = None, kind: str = "community", **more: Any) -> Place:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('places_place', 'id'))")
        pk = int(cursor.fetchone()[0])
    return Place.objects.create(
        pk=pk,
        name=name,
        kind_id=kind,
        parent=parent,
        path=f"{parent.path if parent else '/'}{pk}/",
        depth=(parent.depth if parent else 0) + 1,
        sort_key=name,
        search_text=search_text(name),
        search_terms=terms(name),
        **more,
    )


def person(name: str, at: Place | None = None, **more: Any) -> Person:
    return Person.objects.create(
        name=name,
        home_place=at,
        created_at=clock.now(),
        search_text=search_text(name),
        search_terms=terms(name),
        sort_key=name,
        **more,
    )


def account(who: Person, username: str = "", password: str = "song-zhu-mei-2026") -> Account:
    made = Account(username=username or f"user{next(_serial)}", person=who)
    made.password = hashed(password)
    made.save()
    return made


@cache
def hashed(password: str) -> str:
    """Made once: a good hash takes its time on purpose."""
    return make_password(password)


def role(who: Person, kind: str, at: Place) -> Role:
    since = clock.now() - timedelta(days=30)
    return Role.objects.create(person=who, kind=kind, place=at, starts_at=since, granted_at=since)


def actor(who: Person, **more: Any) -> Actor:
    pairs = tuple(sorted(Role.objects.filter(person=who).values_list("kind", "place__path")))
    return Actor(person_id=who.pk, roles=pairs, **more)


def kind(code: str = "clinic", **more: Any) -> ServiceKind:
    facts = {"name": code, "summary": "…", "icon": "stethoscope-duotone", "tone": "mei"} | more
    return ServiceKind.objects.create(code=code, **facts)


def clocks(**minutes: int) -> None:
    """General natural-time clocks: ``clocks(review=240, answer=30)``."""
    for stage, amount in minutes.items():
        Clock.objects.create(stage=stage, minutes=amount, mode=Clock.Mode.NATURAL)


def skill(code: str, name: str = "") -> Skill:
    return Skill.objects.get_or_create(code=code, defaults={"name": name or code})[0]


def volunteer(who: Person, at: Place, *skills: Skill, **more: Any) -> Volunteer:
    made = Volunteer.objects.create(person=who, base_place=at, joined_at=clock.now(), **more)
    made.skills.set(skills)
    return made


def team(name: str, at: Place, leader: Volunteer | None = None, *skills: Skill) -> Team:
    made = Team.objects.create(name=name, place=at)
    made.skills.set(skills)
    if leader:
        Membership.objects.create(team=made, volunteer=leader, is_leader=True, starts_at=clock.now())
    return made


def run_out(call: Call) -> Call:
    """The time of everybody who is asked about this call is over now, and nobody else is asked."""
    Offer.objects.filter(call=call, state=OfferState.OFFERED).update(answer_due_at=clock.now())
    return actions.expire(actor=Actor.system("calls.clocks"), call=call)


class Cast:
    """One street with a community, its neighbour, and everybody who appears in stories about calls."""

    def __init__(self) -> None:
        self.county = place("青禾区", kind="county", lon=120.06, lat=30.27)
        self.street = place("青禾街道", self.county, "street")
        self.home = place("和平社区", self.street, "community", lon=120.05, lat=30.28)
        self.other_street = place("东篱街道", self.county, "street")
        self.away = place("麦田社区", self.other_street, "community", lon=120.15, lat=30.30)
        self.kind = kind()
        self.resident = person("陈桂英", self.home)
        self.neighbour = person("周小满", self.home)
        self.keeper = person("王敏之", self.home)
        self.dispatcher = person("林知远", self.county)
        self.outsider = person("赵远山", self.away)
        self.grid_worker = person("孙一鸣", self.home)
        role(self.keeper, "station_keeper", self.home)
        role(self.dispatcher, "dispatcher", self.county)
        role(self.outsider, "station_keeper", self.away)
        role(self.grid_worker, "grid_worker", self.home)
        self.li = volunteer(person("李安和", self.home), self.home, lon=120.051, lat=30.281)
        self.he = volunteer(person("何晓燕", self.home), self.home, lon=120.055, lat=30.283)
        self.leader = volunteer(person("吴长青", self.home), self.home)
        self.team = team("和平助老队", self.home, self.leader)

    def call(self, state: str = State.SUBMITTED, **more: Any) -> Call:
        """A call driven to ``state`` by the real actions."""
        facts = {"kind": self.kind, "place": self.home, "requester": self.resident, "title": "去医院复查"} | more
        asker = actor(self.resident)
        made = actions.save_draft(actor=asker, what=actions.Ask(**facts))
        for verb, who, given in self.way_to(state):
            made = getattr(actions, verb)(actor=who, call=made, **given)
        return made

    def way_to(self, state: str) -> list[tuple[str, Actor, dict[str, Any]]]:
        """The steps from a draft to ``state``: (verb, who, values)."""
        me, keeper, helper = actor(self.resident), actor(self.keeper), actor(self.li.person)
        submit = [("submit", me, {})]
        pooled = [*submit, ("pool", keeper, {})]
        dispatched = [*pooled, ("dispatch", keeper, {"volunteers": [self.li]})]
        accepted = [*dispatched, ("accept", helper, {})]
        scheduled = [*accepted, ("schedule", helper, {"at": clock.now() + timedelta(hours=5)})]
        serving = [*scheduled, ("start", helper, {})]
        delivered = [*serving, ("deliver", helper, {"note": "已陪同就医"})]
        ways: dict[str, list[tuple[str, Actor, dict[str, Any]]]] = {
            State.DRAFT: [],
            State.SUBMITTED: submit,
            State.REVIEWING: [*submit, ("review", keeper, {})],
            State.NEED_INFO: [*submit, ("ask_info", keeper, {"note": "哪家医院？"})],
            State.REJECTED: [*submit, ("reject", keeper, {"reason": "不在服务范围"})],
            State.POOLED: pooled,
            State.DISPATCHED: dispatched,
            State.ACCEPTED: accepted,
            State.SCHEDULED: scheduled,
            State.SERVING: serving,
            State.DELIVERED: delivered,
            State.CLOSED: [*delivered, ("rate", me, {"score": 5, "solved": True})],
            State.SUSPENDED: [*submit, ("suspend", keeper, {"reason": "等家属回来"})],
            State.CANCELLED: [*submit, ("cancel", me, {"reason": "自己解决了"})],
            State.TRANSFERRED: [*submit, ("transfer", keeper, {"target": "12345"})],
        }
        return ways[state]
