"""Every address, every person, GET and POST: reading and writing stay inside what each may (security 5 no. 6; goal G7)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from huying.calls.tests.factories import START
from huying.kernel import clock
from huying.places.models import Booking
from huying.places.states import BookingState
from huying.volunteers.models import ServiceRecord
from huying.volunteers.states import RecordState
from tests.architecture.addresses import Route, routes
from tests.architecture.route_table import ROUTES
from tests.architecture.walking import PEOPLE, World

KNOWN = {route.name: route for route in routes()}
ROOMS = sorted({name.partition(":")[0] for name in KNOWN})
DONE = {"200", "201", "204", "303"}

# Pages that open without signing in: what the public may read, the ways in, and what a secret code opens (one's own
# calendar feed, a receipt of the ledger, a certificate with the name hidden, the slip of one call), what Open311 lists, and
# public numbers, small ones hidden, and published papers.
PUBLIC = {
    "activities:activity",
    "activities:calendar",
    "activities:geojson",
    "activities:ics",
    "activities:list",
    "activities:map",
    "activities:my_calendar",
    "api:openapi-json",
    "api:paper",
    "api:papers",
    "api:by_child",
    "api:metrics",
    "api:number",
    "api:over_time",
    "api:places",
    "api:value",
    "api:place",
    "api:children",
    "api:site_standards",
    "api:standards",
    "api:session",
    "api:sessions",
    "api:pack",
    "api:pack_difference",
    "api:packs",
    "api:packs_at",
    "cockpit:paper",
    "cockpit:papers",
    "packs:difference",
    "packs:file",
    "packs:library",
    "packs:ours",
    "packs:pack",
    "packs:schema",
    "calls:home",
    "calls:ask",
    "calls:ask_short",
    "calls:open311_discovery",
    "calls:open311_request",
    "calls:open311_requests",
    "calls:open311_service",
    "calls:open311_services",
    "calls:open311_token",
    "calls:slip",
    "figures:number",
    "figures:number_values",
    "file",
    "health",
    "ledger:find_receipt",
    "ledger:receipt",
    "people:ask_code",
    "people:first_password",
    "people:sign_in",
    "api:book",
    "api:books",
    "points:book",
    "points:list",
    "places:detail",
    "places:list",
    "places:map",
    "places:pick",
    "places:search",
    "places:timetable",
    "places:tree",
    "places:whole_map",
    "ui:gallery",
    "ui:manifest",
    "ui:offline",
    "ui:worker",
    "volunteers:verify",
    "volunteers:verify_code",
    "volunteers:verify_file",
}

# Writes that need no key: ways in and out, whose repetition is harmless (src/huying/people/tests/test_repeats.py), a search
# that writes nothing, a cookie, and looks at sealed values, each counted, whose answers must never be stored (the slip of
# a call, a new key for a program). Programs of Open311 know no key of ours: reports have their own
# (src/huying/calls/tests/test_open311_reports.py), its other addresses refuse every write in its own shape.
WITHOUT_KEY = {
    "calls:ask_words",
    "calls:doors",
    "calls:grid_kind",
    "calls:help_from",
    "calls:open311_discovery",
    "calls:open311_request",
    "calls:open311_requests",
    "calls:open311_service",
    "calls:open311_services",
    "calls:open311_token",
    "calls:callback_number",
    "calls:phone_find",
    "calls:reveal",
    "calls:slip",
    "calls:slip_rate",
    "people:ask_code",
    "people:check_code",
    "people:confirm",
    "people:enrol",
    "people:my_phone",
    "people:reveal",
    "people:second",
    "people:sign_in",
    "people:sign_out",
    "places:reveal_contact",
    "ui:mode",
}

# Somebody from elsewhere may do this about an object here: nothing of it is private, or it is his own side of it: he
# comes to a published activity, alone or with others, like everybody; public numbers and published papers are public.
OPEN_TO_OUTSIDERS = {
    "activities:activity",
    "activities:ics",
    "activities:join",
    "activities:join_behalf",
    "activities:join_group",
    "activities:join_team",
    "api:by_child",
    "api:children",
    "api:join",
    "api:over_time",
    "api:paper",
    "api:value",
    "api:pack",
    "api:pack_difference",
    "api:packs_at",
    "cockpit:paper",
    "figures:number",
    "figures:number_values",
    "packs:difference",
    "packs:file",
    "packs:ours",
    "packs:pack",
    "api:book",
    "points:book",
    "points:join",
    "api:place",
    "api:session",
    "api:site_standards",
    "people:first_password",
}

# Everybody may ask for a room of an open site; its keepers answer (src/huying/places/tests/test_bookings.py).
ASKING = {"places:book"}


# Pages that send everybody on before they look at the method.
GOES_ON = {"people:second", "people:register", "people:sign_in"}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """One world for all tests here: every request is taken back, and the world itself at the end."""
    cheap = override_settings(
        HUYING_STAFF_SECOND_FACTOR=False,
        HUYING_SMS_GATEWAY="console",
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    )
    with django_db_blocker.unblock(), cheap, clock.frozen(START), transaction.atomic():
        logging.disable(logging.CRITICAL)  # thousands of refusals are the point
        yield World()
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)


def halves(name: str) -> tuple[dict[str, str], dict[str, str]]:
    """Person -> status for GET, and for POST."""
    get, _, post = ROUTES[name].partition(" | ")
    return dict(zip(PEOPLE, get.split(), strict=True)), dict(zip(PEOPLE, post.split(), strict=True))


def test_every_address_stands_in_the_table(world: World) -> None:
    missing = [route for name, route in KNOWN.items() if name not in ROUTES]
    suggestions = [f'    "{route.name}": "{world.row(route)}",' for route in missing]

    assert not missing, "add to tests/architecture/route_table.py after reading them:\n" + "\n".join(suggestions)
    assert sorted(set(ROUTES) - set(KNOWN)) == [], "these addresses are gone"


@pytest.mark.parametrize("room", ROOMS)
def test_each_person_gets_the_answer_of_the_table(world: World, room: str, tally: Callable[..., None]) -> None:
    walked: list[Route] = [route for name, route in KNOWN.items() if name.partition(":")[0] == room and name in ROUTES]
    wrong = []

    for route in walked:
        got = world.row(route)
        if got != ROUTES[route.name]:
            wrong.append(f"{route.name}\n  is     {got}\n  should {ROUTES[route.name]}")

    tally("permission matrix", addresses=len(walked), cells=len(walked) * len(PEOPLE) * 2)
    assert not wrong, "\n".join(wrong)


def test_only_what_is_public_opens_without_signing_in() -> None:
    assert {name for name in ROUTES if halves(name)[0]["nobody"] == "200"} == PUBLIC


def test_nobody_from_elsewhere_reads_or_changes_what_belongs_here() -> None:
    objects = [
        name for name, route in KNOWN.items() if "public_id" in route.parameters and not name.startswith("places:")
    ]
    reached = {name for name in objects if {halves(name)[0]["charlie"], halves(name)[1]["charlie"]} & DONE}

    assert reached - {"file"} <= OPEN_TO_OUTSIDERS


def test_nobody_from_elsewhere_changes_places_here() -> None:
    changed = {name for name in ROUTES if name.startswith("places:") and halves(name)[1]["charlie"] in DONE}

    assert changed == ASKING


def test_who_asks_for_a_room_here_waits_for_its_keeper(world: World) -> None:
    with transaction.atomic():
        world.ask("charlie", "POST", KNOWN["places:book"], kept=True)
        made = Booking.objects.latest("id")
        transaction.set_rollback(True)

    assert (made.person_id, made.state) == (world.cast.outsider.pk, BookingState.HELD)


@pytest.mark.parametrize("who", ["alice", "bob", "charlie"])
def test_ticked_service_is_confirmed_by_keepers_of_its_place_only(world: World, who: str) -> None:
    with transaction.atomic():
        world.ask(who, "POST", KNOWN["volunteers:queue"], kept=True)
        state = ServiceRecord.objects.get(pk=world.given.record.pk).state
        transaction.set_rollback(True)

    assert state == (RecordState.SUBMITTED if who == "charlie" else RecordState.CONFIRMED)


@pytest.mark.parametrize("name", ["account", "export"])
def test_accounts_are_read_by_auditors_of_their_place_only(world: World, name: str) -> None:
    route = KNOWN[f"ledger:{name}"]

    assert [world.ask(who, "GET", route) for who in ("auditor", "auditor_elsewhere")] == [200, 404]


def test_no_answer_is_an_error_of_ours() -> None:
    assert [name for name, row in ROUTES.items() if any(status.startswith("5") for status in row.split())] == []


def test_every_write_without_a_key_is_refused_but_those_listed(world: World) -> None:
    free = {name for name, route in KNOWN.items() if world.ask("alice", "POST", route, key=False) != 400}

    assert free == WITHOUT_KEY


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_no_other_method_is_answered(world: World, method: str) -> None:
    answers = {}
    for name, route in KNOWN.items():
        get, post = halves(name)
        able = next(
            (who for who in PEOPLE if get[who] in DONE or post[who] in DONE), "bob"
        )  # he gets as far as the view
        for who in {able, "nobody"}:
            answers[name, who] = world.ask(who, method, route, accept="application/json")  # a refusal needs no page

    door = {key for key, status in answers.items() if status in {302, 303}}
    answered = {name for (name, _who), status in answers.items() if status not in {302, 303, 401, 403, 404, 405}}
    assert answered == {"api:openapi-json"}  # the description of the interface, the same for every method
    assert {name for name, who in door if who != "nobody"} <= GOES_ON
