"""One person with every role, who presses everything that can be pressed, in his own favour wherever there is a choice.

His world has what he would need: service of his that waits, a session, an activity, a call in his hands, accounts of
every asset. What he presses stays, so that steps lead on to steps; hours pass between rounds, and the platform's own jobs
run. Only what would take his means away from him (leaving, ending a role, signing out) is taken back.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F, Sum
from django.http import HttpResponse, SimpleCookie
from django.test import Client
from django.urls import Resolver404, resolve
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.activities import actions as activities
from huying.activities.tests.factories import come, shift_of
from huying.calls.forms import FORMS
from huying.calls.models import Call
from huying.calls.states import State
from huying.calls.tests.factories import START, actor
from huying.kernel import clock
from huying.kernel.errors import DomainError
from huying.ledger import actions as ledger
from huying.ledger.models import Account as LedgerAccount
from huying.people.models import Person, Role
from huying.people.states import SEPARATED, RoleKind
from huying.people.tests import factories as make
from huying.points.states import APPEAL_STEPS, CLAIM_STEPS, EDITION_STEPS, PASSBOOK_VERBS
from huying.volunteers import actions as volunteers
from huying.volunteers.models import Membership, ServiceRecord, ServiceSession, Volunteer
from huying.volunteers.states import TRANSITIONS, Evidence
from tests.architecture.addresses import Route, routes
from tests.architecture.forms_of import Form, read
from tests.architecture.test_hostile_input import Found, body, good
from tests.architecture.walking import SYSTEM, World

ASSETS = ("minutes", "points", "fen")
FIRST = 100
"""Units of each asset that two others gave him before."""
HOUR = timedelta(hours=1)
VERBS: dict[str, tuple[str, ...]] = {
    "volunteers:record_step": (*TRANSITIONS, "object"),
    "calls:step": tuple(sorted(FORMS)),
    "api:step": tuple(sorted(FORMS)),
    "activities:step": ("publish", "cancel", "close", "submit", "approve"),
    "points:passbook_step": tuple(PASSBOOK_VERBS),
    "points:claim_step": tuple(CLAIM_STEPS),
    "points:gift_step": ("cancel", "code", "hand"),
    "points:reversal_step": ("agree", "carry", "drop"),
    "points:appeal_step": tuple(APPEAL_STEPS),
    "points:edition_step": tuple(EDITION_STEPS),
    "points:intake_step": ("confirm", "refuse"),
    "points:sheet_step": ("approve", "drop"),
    "activities:session_step": ("begin", "hold", "call_off", "close"),
}
"""Addresses whose last word is a verb: each is pressed with every one."""
ADMINISTERED = frozenset(route.name for route in routes() if route.name.startswith(("people:", "system:", "ledger:")))
"""What the second and the third of the separated administrations may open that the first may not lies here."""
_keys = count(1)


class Alone(World):
    """The world of the route walk, and in it ``sole`` with everything that is his."""

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = START
        self.client = Client(raise_request_exception=False)
        cast = self.cast
        self.sole = make.person("独一人", home=cast.home, phone="13912349999")
        make.account(self.sole)
        self.roles = [
            make.role(self.sole, kind, at)
            for kind in RoleKind
            if kind not in SEPARATED[1:]
            for at in ([cast.county] if kind in SEPARATED else [cast.county, cast.home])
        ]
        self.helper = Volunteer.objects.create(person=self.sole, base_place=cast.home, joined_at=START - 900 * HOUR)
        Membership.objects.create(team=cast.team, volunteer=self.helper, is_leader=True, starts_at=START - 800 * HOUR)
        self.people["sole"] = self.sole
        self.cookies["sole"] = self.signed_in(self.sole)
        self.endowed()
        self.of_his_own()

    def endowed(self) -> None:
        """Accounts of every asset with something on them, given by two others."""
        for code in ASSETS:
            source = ledger.open_account(
                actor=SYSTEM, asset=code, owner_type="ledger", owner_id=0, purpose="issue", floor=None
            )
            mine = ledger.open_account(actor=SYSTEM, asset=code, owner_type="people.Person", owner_id=self.sole.pk)
            given = ledger.Entry(
                debit=source.pk,
                credit=mine.pk,
                amount=FIRST,
                key=f"first-{code}",
                evidence="tests.Alone:1",
                made_by=self.cast.leader.person_id,
                approved_by=self.cast.keeper.pk,
            )
            ledger.transfer(actor=SYSTEM, entry=given)

    def of_his_own(self) -> None:
        """Service that the other leader entered and one that stands, a session that is on, an activity, a call."""
        cast, boss = self.cast, actor(self.sole)
        wu = actor(cast.leader.person)
        self.records = [self.service(wu, hours) for hours in (50, 40)]
        plan = volunteers.SessionPlan("助餐", cast.home, START - HOUR, START + HOUR, team=cast.team)
        self.mine = volunteers.open_session(actor=boss, plan=plan)
        with clock.frozen(START - 3 * 24 * HOUR):
            self.own = self.given.published("早操", START - HOUR, activities.RoleFacts("志愿者", 3, True))
            self.seat = come(self.sole, shift_of(self.own))
        self.call_in_hand = self.helped()

    def service(self, maker: Any, ago: float) -> ServiceRecord:
        begin = START - ago * HOUR
        served = volunteers.Served(
            volunteer=self.helper,
            place=self.cast.home,
            title="助浴",
            starts_at=begin,
            ends_at=begin + 2 * HOUR,
            minutes=120,
            evidence=Evidence.A,
            team=self.cast.team,
        )
        return volunteers.submit_record(actor=maker, served=served)

    def helped(self) -> Call:
        """A call of a neighbour that was given to him."""
        call = self.cast.call(State.POOLED)
        from huying.calls import actions as calls

        return calls.dispatch(actor=actor(self.cast.keeper), call=call, volunteers=[self.helper])

    def administers(self, kind: str) -> None:
        """One of the three administrations, instead of the one before: the database gives nobody two."""
        Role.objects.filter(pk__in=[one.pk for one in self.roles if one.kind in SEPARATED]).update(kind=kind)

    # ── what he has, and what he needs to go on ─────────────────────────────
    def units(self) -> dict[str, int]:
        """Asset -> units on all his accounts; an account without any units, such as that of a new passbook, is no gain."""
        rows = LedgerAccount.objects.filter(owner_type="people.Person", owner_id=self.sole.pk)
        sums = rows.values("asset__code").annotate(units=Sum(F("credits") - F("debits")))
        return {row["asset__code"]: row["units"] for row in sums if row["units"]}

    def able(self) -> bool:
        """He still is who he was: signed in, with every role, a volunteer and leader."""
        now = clock.now()
        roles = Role.objects.filter(person=self.sole, starts_at__lte=now).exclude(ends_at__lte=now).count()
        leads = Membership.objects.filter(team=self.cast.team, volunteer=self.helper, is_leader=True, ends_at=None)
        stands = Volunteer.objects.filter(pk=self.helper.pk, left_at=None, paused_until=None)
        here = Person.objects.filter(pk=self.sole.pk, erased_at=None, home_place=self.cast.home)
        session = Session.objects.filter(session_key=self.cookies["sole"][settings.SESSION_COOKIE_NAME].value)
        return all(one.exists() for one in (leads, stands, here, session)) and roles >= len(self.roles)

    def browser(self) -> Client:
        """His browser, with the cookies of his signing in and none that came later."""
        self.client.cookies = SimpleCookie({name: morsel.value for name, morsel in self.cookies["sole"].items()})
        return self.client

    # ── addresses ───────────────────────────────────────────────────────────
    def addresses(self, route: Route) -> list[str]:
        """The address with the world's own thing, with each of his, and with every verb."""
        changed = (self.address(route, **values) for values in self.variants(route))
        return list(dict.fromkeys([self.address(route), *changed]))

    def variants(self, route: Route) -> Iterator[dict[str, Any]]:
        verbs = VERBS.get(route.name, ("",))
        things = self.his(route) if "public_id" in route.parameters else [None]
        for thing in things:
            for verb in verbs if "verb" in route.parameters else ("",):
                given = {"public_id": thing.public_id} if thing is not None else {}
                yield {**given, **({"verb": verb} if verb else {})}

    def his(self, route: Route) -> list[Any]:
        """Things of his that this address may be about; records and sessions that came by his own steps too."""
        room, _, name = route.name.partition(":")
        if room == "volunteers" and name.startswith("record"):
            return list(ServiceRecord.objects.filter(person=self.sole).order_by("-pk")[:4])
        if room == "volunteers" and name.startswith("session"):
            return [*ServiceSession.objects.order_by("-pk")[:2], self.mine]
        if room == "volunteers":
            return [self.helper]
        if (room == "activities" and name == "sign_up") or (room == "api" and name in {"leave", "confirm"}):
            return [self.seat]
        if room == "activities":
            return [self.own, self.own.sessions.earliest("starts_at")]
        if room == "people":
            return [self.sole]
        return [self.call_in_hand] if room in {"calls", "api"} else [None]

    # ── pressing ────────────────────────────────────────────────────────────
    def press(self, address: str, sent: dict[str, Any], *, rest: bool = False) -> HttpResponse:
        key = {"Idempotency-Key": f"alone-{next(_keys):08d}"}
        client = self.browser()
        if rest:
            return client.post(address, json.dumps(sent), content_type="application/json", headers=key)
        return client.post(address, sent, headers=key)

    def kept(self, work: Callable[[], HttpResponse]) -> tuple[HttpResponse, dict[str, int]]:
        """Press; what he has then. It stays unless it would cripple him, or is an error."""
        with transaction.atomic():
            answer = work()
            if answer.streaming:
                b"".join(answer.streaming_content)  # type: ignore[arg-type]
            units = self.units()
            if answer.status_code >= 500 or (answer.status_code < 400 and not self.able()):
                transaction.set_rollback(True)
        return answer, units

    def run_jobs(self) -> None:
        """What the platform does by itself, for everything that waits."""
        for job in ProcrastinateJob.objects.filter(status="todo").order_by("id").values_list("task_name", "args"):
            name, ids = job
            if name.startswith("kernel."):
                continue
            try:
                with transaction.atomic():
                    app.tasks[name].func.__wrapped__(**ids)
            except DomainError:
                continue


def bodies(world: Alone, route: Route) -> list[dict[str, Any]]:
    """What a program would send without reading a page: little, and everything that names himself."""
    sole, helper = world.sole, world.helper
    self_named = {
        "who": [str(helper.pk), str(sole.public_id), *(str(one.public_id) for one in world.records)],
        "person": str(sole.public_id),
        "volunteer": str(helper.public_id),
        "volunteers": [str(helper.public_id)],
        "sign_up": str(world.seat.public_id),
        "session": str(world.mine.public_id),
        "shift": str(world.seat.shift_id),
        "act": "in",
        "reason": "已核对",
        "minutes": "120",
        "score": "5",
        "solved": "on",
        "note": "已完成",
        "starts_at": "2026-03-02T09:00",
        "ends_at": "2026-03-02T11:00",
    }
    try:
        own = world.body("sole", route)
    except DomainError:  # a code of an earlier round is stale by now
        own = {}
    return [own, self_named, {**self_named, "act": "out"}]


def presses(world: Alone, only: frozenset[str]) -> Iterator[tuple[str, list[Callable[[], HttpResponse]]]]:
    """(name of the address, ways to press it): every address with bodies of our own, then every form he is shown."""
    for route in routes():
        rest = route.name.startswith("api:")
        for address in world.addresses(route) if not only or route.name in only else ():
            yield route.name, [partial(world.press, address, sent, rest=rest) for sent in bodies(world, route)]
    for found in shown_to(world) if not only else ():
        for sent in filled(world, found):
            yield found.goal, [partial(world.press, found.form.action, sent)]


def shown_to(world: Alone) -> Iterator[Found]:
    """The forms of every page that opens for him, each once by what it sends and where."""
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for route in routes():
        if route.name.startswith(("api:", "ui:")):
            continue
        for address in world.addresses(route):
            with transaction.atomic():
                answer = world.browser().get(address)
                html = "html" in answer.headers.get("Content-Type", "") and not answer.streaming
                transaction.set_rollback(True)
            for form in read(answer.content.decode(), address).forms if html and answer.status_code == 200 else ():
                mark = (urlsplit(form.action).path, tuple(sorted(form.fields)))
                if form.method == "post" and mark not in seen:
                    seen.add(mark)
                    try:
                        goal = resolve(mark[0]).view_name
                    except Resolver404:
                        continue
                    yield Found(address, "sole", form, goal)


def filled(world: Alone, found: Found) -> Iterator[dict[str, Any]]:
    """The form with honest values, himself chosen and everything ticked; once for each button that says something."""
    names = {str(one) for one in (world.sole.pk, world.sole.public_id, world.helper.pk, world.helper.public_id)}
    names |= {str(one.public_id) for one in world.records}
    given = good(found)
    for name, each in found.form.fields.items():
        own = [one for one in each.options if one in names]
        if own:
            given[name] = own
        elif each.kind == "checkbox":
            given[name] = each.options
    yield body(found.form, given)
    yield from by_button(found.form, given)


def by_button(form: Form, given: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name, each in form.fields.items():
        for option in each.options if each.kind == "button" else ():
            yield body(form, {**given, name: option})


def gained(
    world: Alone, rounds: int, only: frozenset[str] = frozenset()
) -> tuple[list[str], Counter[str], Counter[int]]:
    """What he gained and by which press; how often each address was pressed; the answers."""
    before, wins = world.units(), []
    pressed: Counter[str] = Counter()
    answers: Counter[int] = Counter()
    for number in range(rounds):
        world.administers(SEPARATED[number % len(SEPARATED)])
        for name, ways in presses(world, only if number == 0 else only or ADMINISTERED):
            for press in ways:
                answer, after = world.kept(press)
                pressed[name] += 1
                answers[answer.status_code] += 1
                if after != before:
                    wins.append(f"{name}: {before} became {after}")
                    before = after
                if answer.status_code in {404, 405}:
                    break  # nothing is there to press, whatever is sent
        world.now += 2 * HOUR
        world.run_jobs()
        if (after := world.units()) != before:
            wins.append(f"a job: {before} became {after}")
            before = after
    return wins, pressed, answers
