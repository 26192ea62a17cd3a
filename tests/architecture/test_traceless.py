"""A volunteer's no leaves no trace (K10; 志愿服务条例 art. 25; decision 0021): the same world twice, with a clock of the
answer that runs. Once he says no early, once he says nothing until his time is really over. Every page, file,
ranking and answer of the API that anybody on duty can open is compared letter by letter: while he still has time, after
others were asked beside him, and when his time is over; then all rows of all tables are equal too, times and all. And a
third time he was never asked: nothing outside that one call may differ, but that who is asked about something has that in
hand, and so comes later in the ranking for the next, whatever he said.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from functools import partial
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import psycopg
import pytest
from django.apps import apps
from django.db import connection, transaction
from django.http import SimpleCookie
from django.test import Client, override_settings
from django.urls import reverse

from huying.calls import actions, queries
from huying.calls.actions.moving import StepRefused
from huying.calls.models import Call, CallEvent, Offer
from huying.calls.states import OfferState, State
from huying.calls.tests.factories import START, actor, clocks
from huying.kernel import chance, clock
from huying.kernel.actor import Actor
from huying.kernel.sealed import Sealed
from huying.people.states import RoleKind
from huying.people.tests import factories as make
from tests.architecture.addresses import Route, routes
from tests.architecture.route_table import ROUTES
from tests.architecture.walking import PEOPLE, World

pytestmark = pytest.mark.django_db
DRAWN_ANEW = {
    *("people:enrol", "people:first_password", "people:my_second", "people:my_password"),
    *("people:export", "system:state"),
}
"""Pages with a secret or a measurement of their own in each answer, and the reader's copy of his own data."""
CLOCKS = Actor.system("calls.clocks")
STAFF = ("alice", "bob", "auditor", "audit")
"""The station's keeper, the county's dispatcher, the auditor and the audit administrator."""
CHANGING = re.compile(
    r'(name="(csrfmiddlewaretoken|idempotency_key)" value=")[^"]*|(csrfToken|nonce)[^,>]*|"X-CSRFToken": ?"[^"]*"'
)
NO, BESIDE, OVER = 2, 3, 12
"""Minutes: he says no; others are asked beside him; his time is over, and nobody who reads was signed out meanwhile."""
COUNTERS = ("calls_callevent", "calls_offer", "kernel_auditline", "calls_callnote", "people_notice")
OWN_PAGES = {"calls:panel", "calls:call", "calls:tally", "calls:tally_part", "api:call", "api:history"}
"""Pages of the one call: who was never asked for it leaves its story shorter, and stays among those to choose from."""
SPEAKING = frozenset(
    {*OWN_PAGES, "calls:board", "calls:board_columns", "calls:list", "calls:watch", "calls:widening", "system:trail"}
    | {"volunteers:volunteer", "calls:figures", "calls:proposal"}
)
"""The same, and lists, files and trails in which the call or he stands."""


@pytest.fixture
def world(db: None) -> Iterator[World]:
    cheap = override_settings(
        HUYING_STAFF_SECOND_FACTOR=False,
        HUYING_SMS_GATEWAY="console",
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    )
    with cheap, clock.frozen(START):
        made = World()
        made.people["audit"] = made.holder(RoleKind.AUDIT_ADMIN)
        make.account(made.people["audit"])
        made.cookies["audit"] = made.signed_in(made.people["audit"])
        clocks(answer=OVER)
        made.call = made.cast.call(State.DISPATCHED, address="桂花里3幢", contact_phone="13800000000")
        yield made


def same_counters() -> None:
    """Keys go on from what the tables hold: a savepoint taken back does not take the counters back (nor may the
    application itself set them).
    """
    address = {"dbname": connection.settings_dict["NAME"], "autocommit": True}
    with connection.cursor() as cursor, psycopg.connect(os.environ["HUYING_TEST_ADMIN_URL"], **address) as admin:
        for table in COUNTERS:
            cursor.execute(f"SELECT COALESCE(max(id), 1), pg_get_serial_sequence('{table}', 'id') FROM {table}")
            newest, counter = cursor.fetchone()
            admin.execute("SELECT setval(%s, %s)", [counter, newest])


def read(world: World, who: str, address: str) -> str:
    """What one person is answered, without what is drawn anew for each answer."""
    browser = Client(raise_request_exception=False)
    browser.cookies = SimpleCookie({name: morsel.value for name, morsel in world.cookies[who].items()})
    with transaction.atomic():
        response = browser.get(address)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        transaction.set_rollback(True)
    return f"{response.status_code} {CHANGING.sub('', text_of(body))}"


def text_of(body: bytes) -> str:
    """The words of an answer; of a workbook all its parts but the one with the moment it was written."""
    if not body.startswith(b"PK"):
        return body.decode(errors="replace")
    with ZipFile(BytesIO(body)) as book:
        parts = {name: book.read(name) for name in book.namelist() if name != "docProps/core.xml"}
    return "\n".join(f"{name}\n{part.decode(errors='replace')}" for name, part in parts.items())


def reads(who: str, route: Route) -> bool:
    """What is opened: all that answers the dispatcher; of the keeper and the auditors what speaks of calls and people."""
    get = dict(zip(PEOPLE, ROUTES[route.name].partition(" | ")[0].split(), strict=True))
    if who == "bob":
        return get["bob"] == "200"
    rooms = {"calls", "volunteers", "people", "api"} if who == "alice" else {"calls", "volunteers", "system", "ledger"}
    return route.name.partition(":")[0] in rooms and (who != "alice" or get["alice"] == "200")


def everything(
    world: World,
    deed: Callable[[], Any],
    *,
    without: frozenset[str] = frozenset(),
    only: frozenset[str] | None = None,
    minute: float = 0,
) -> dict[str, str]:
    """Every answer after ``deed`` at that minute, by who asked for what; the deed is taken back."""
    found: dict[str, str] = {}
    with transaction.atomic(), clock.frozen(START + timedelta(minutes=minute)):
        same_counters()
        with chance.seeded(7):
            deed()
        for route in routes():
            if (
                route.name in without | DRAWN_ANEW
                or route.name == "file"
                or (only is not None and route.name not in only)
            ):
                continue
            for who in (one for one in STAFF if reads(one, route)):
                with chance.seeded(11):
                    found[f"{who} {route.name}"] = read(world, who, world.address(route))
        for who in STAFF:
            found[f"{who} list csv"] = read(world, who, reverse("calls:export", args=["csv"]))
            found[f"{who} ranking"] = str(ranking(world, who))
        transaction.set_rollback(True)
    return found


def ranking(world: World, who: str) -> list[Any]:
    """Who is proposed for the next call, in which order and for which reasons."""
    person = world.people[who]
    assert person is not None
    with transaction.atomic():
        call = world.cast.call(State.POOLED, title="下一件")
        found = [(one.name, one.reasons) for one in queries.candidates(actor(person), call)]
        transaction.set_rollback(True)
    return found


def page(world: World) -> Call:
    return Call.objects.select_related("kind", "place").get(pk=world.call.pk)


def says_no(world: World, until: float) -> None:
    with clock.frozen(START + timedelta(minutes=NO)):
        actions.decline(actor=actor(world.cast.li.person), call=page(world))
    goes_on(world, until)


def says_nothing(world: World, until: float) -> None:
    goes_on(world, until)


def goes_on(world: World, until: float) -> None:
    """What the clocks do until then, as the jobs do it: who comes next is asked, and what is over is taken back."""
    for minute in (BESIDE, OVER):
        if minute > until:
            return
        with clock.frozen(START + timedelta(minutes=minute)):
            with suppress(StepRefused):
                actions.expire(actor=CLOCKS, call=page(world))
            actions.ask_next(actor=CLOCKS, call=page(world))


def different(one: dict[str, str], other: dict[str, str]) -> list[str]:
    assert one.keys() == other.keys()
    return [name for name in one if one[name] != other[name]]


def test_while_he_has_time_a_no_reads_like_silence_on_every_page_of_everybody(world: World) -> None:
    no = everything(world, lambda: says_no(world, NO + 1), minute=NO + 1)
    nothing = everything(world, lambda: says_nothing(world, NO + 1), minute=NO + 1)

    assert different(no, nothing) == []
    assert sum(answer.startswith("200") for answer in no.values()) > 150, "too few pages were opened"


@pytest.mark.parametrize("minute", [BESIDE + 1, OVER + 1])
def test_and_so_do_the_pages_that_speak_of_the_call_at_every_later_time(world: World, minute: float) -> None:
    """At the end the tables are equal (below), so pages are opened for their clocks only."""
    no = everything(world, lambda: says_no(world, minute), only=SPEAKING, minute=minute)
    nothing = everything(world, lambda: says_nothing(world, minute), only=SPEAKING, minute=minute)

    assert different(no, nothing) == []
    assert sum(answer.startswith("200") for answer in no.values()) > 20, "too few pages were opened"


def everything_kept() -> dict[str, list[Any]]:
    """All rows of all tables, with their times; keys only where ``same_counters`` makes them the same."""
    found = {}
    for model in apps.get_models():
        own = model._meta.pk.name
        rows = model._base_manager.order_by(own).values()
        counted = model._meta.db_table in COUNTERS
        found[model._meta.label] = [
            {
                name: str(value) if isinstance(value, Sealed) else value
                for name, value in row.items()
                if name != "job_id" and (counted or name != own)
            }
            for row in rows
        ]
    return found


def kept_after(deed: Callable[[], Any]) -> dict[str, list[Any]]:
    with transaction.atomic():
        same_counters()
        with chance.seeded(7):
            deed()
        found = everything_kept()
        transaction.set_rollback(True)
    return found


def test_when_his_time_is_over_all_rows_of_all_tables_are_the_same(world: World) -> None:
    no, nothing = (kept_after(partial(deed, world, OVER)) for deed in (says_no, says_nothing))

    assert [name for name in no if no[name] != nothing[name]] == []
    with transaction.atomic():
        says_no(world, OVER)
        asked = list(Offer.objects.filter(call=world.call).order_by("pk").values_list("volunteer", "state"))
        ended = CallEvent.objects.get(call=world.call, verb="expire").at
        transaction.set_rollback(True)
    assert asked[0] == (world.cast.li.pk, OfferState.EXPIRED)
    assert len(asked) > 1, "nobody else was asked"
    assert ended == START + timedelta(minutes=OVER)


def test_when_somebody_else_comes_first_all_rows_are_the_same_too(world: World) -> None:
    """The rest are thanked and released; that he had said no is wiped with the question."""

    def comes(deed: Callable[[World, float], Any]) -> None:
        deed(world, BESIDE)
        other = Offer.objects.filter(call=world.call, state=OfferState.OFFERED).exclude(volunteer=world.cast.li)
        first = other.select_related("volunteer__person", "team__place").order_by("pk")[0]
        who = first.volunteer.person if first.volunteer else world.cast.leader.person
        with clock.frozen(START + timedelta(minutes=BESIDE + 1)):
            actions.accept(actor=actor(who), call=page(world))

    no, nothing = (kept_after(partial(comes, deed)) for deed in (says_no, says_nothing))

    assert [name for name in no if no[name] != nothing[name]] == []


def test_the_next_is_asked_at_the_same_minute_whatever_he_says(world: World) -> None:
    for deed in (says_no, says_nothing):
        with transaction.atomic():
            deed(world, BESIDE - 0.5)
            alone = Offer.objects.filter(call=world.call).count()
            goes_on(world, BESIDE)
            newest = Offer.objects.filter(call=world.call).latest("pk")
            transaction.set_rollback(True)
        assert (alone, newest.offered_at) == (1, START + timedelta(minutes=BESIDE))


def test_outside_the_call_a_no_is_as_if_he_had_never_been_asked(world: World) -> None:
    """Somebody else is asked too, so that the call goes on either way."""
    he = world.cast.he

    def refused() -> None:
        actions.dispatch(actor=actor(world.cast.keeper), call=page(world), volunteers=[he])
        actions.decline(actor=actor(world.cast.li.person), call=page(world))

    def never() -> None:
        Offer.objects.filter(call=world.call, volunteer=world.cast.li).delete()
        actions.dispatch(actor=actor(world.cast.keeper), call=page(world), volunteers=[he])

    own = frozenset(OWN_PAGES)
    no, unasked = everything(world, refused, without=own), everything(world, never, without=own)

    ranked = {f"{who} {where}" for who in STAFF for where in ("ranking", "calls:proposal_line")}
    assert set(different(no, unasked)) <= ranked, "that he is asked is no secret, and load (decision 0046)"


def test_negative_control_a_yes_is_seen(world: World) -> None:
    def says_yes() -> None:
        actions.accept(actor=actor(world.cast.li.person), call=page(world))

    some = frozenset({"calls:board", "calls:list", "api:history"})
    yes, nothing = (everything(world, deed, only=some) for deed in (says_yes, lambda: says_nothing(world, 1)))

    assert {"bob calls:board", "alice calls:list", "bob list csv", "alice api:history"} <= set(different(yes, nothing))
