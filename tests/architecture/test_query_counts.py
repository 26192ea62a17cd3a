"""How many questions each page asks the database: never more than the table says, and no more when there is more to show
(performance page; issue H1, "query-count baselines").

The numbers are ceilings, written down as measured: a page that asks fewer is free to, one that asks more fails until
somebody has looked at why. The second test shows the same pages again after everything on them was doubled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from huying.calls.states import State
from huying.calls.tests.factories import START
from huying.calls.tests.factories import kind as make_kind
from huying.kernel import clock
from huying.people import actions as people_actions
from huying.people.models import Guardianship, RoleProposal
from huying.people.states import RoleKind, Tie
from huying.people.tests import factories as make
from huying.places import actions as place_actions
from huying.places.models import Place
from huying.volunteers.models import Membership, Skill, Team, Volunteer
from tests.architecture.addresses import Route, routes
from tests.architecture.growing import grow
from tests.architecture.query_table import MOST
from tests.architecture.test_hostile_input import browser
from tests.architecture.walking import SYSTEM, World

KNOWN = {route.name: route for route in routes()}
ASIDE = ("SAVEPOINT", "RELEASE", "ROLLBACK")
"""What a test adds to the conversation."""


# Address -> who reads it, and the most questions it may ask. The session, the reader with his roles, and what the
# frame of every page shows are in the number; for keepers the frame counts calls and records of service that wait. The
# pages of volunteers ask once whether the reader leads a team, one's own page also whether he volunteers.
@pytest.fixture
def world(db: None, settings: Any) -> Iterator[World]:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with clock.frozen(START):
        made = World()
        more(made, "甲")
        yield made


def more(world: World, mark: str) -> None:
    """Three more of everything that stands in lists, as it would come in real life: by the actions."""
    cast = world.cast
    grow(world.given, (1, 2) if mark == "甲" else (3, 4))
    for number in range(3):
        name = f"{mark}{number}"
        site = place_actions.create_place(
            actor=SYSTEM,
            parent=cast.home,
            kind="station",
            facts=place_actions.Facts(name=f"{name}站", lon=120.05, lat=30.28),
        )
        for at in (world.site, site):
            place_actions.add_contact(actor=SYSTEM, place=at, role="站长", name=f"{name}站长", phone="13900000001")
        place_actions.create_place(
            actor=SYSTEM, parent=world.site, kind="room", facts=place_actions.Facts(name=f"{name}室")
        )
        people_of(world, name)
        for state in (State.SUBMITTED, State.POOLED, State.DISPATCHED, State.ACCEPTED, State.DELIVERED, State.CLOSED):
            cast.call(state)
        make_kind(f"kind{ord(mark)}x{number}", name=name)


def people_of(world: World, name: str) -> None:
    """Somebody who lives here and helps, with roles, a team of his own, a child of dora's, and news for her."""
    cast, now = world.cast, clock.now()
    somebody = make.person(f"{name}生", home=cast.home, phone=make.phone_number())
    helper = Volunteer.objects.create(person=somebody, base_place=cast.home, joined_at=now, lon=120.05, lat=30.28)
    helper.skills.set([Skill.objects.get_or_create(code=f"skill-{name}", defaults={"name": name})[0]])
    team = Team.objects.create(name=f"{name}队", place=cast.home)
    for one in (team, cast.team):
        Membership.objects.create(team=one, volunteer=helper, is_leader=one is team, starts_at=now)
    Membership.objects.create(team=team, volunteer=cast.li, starts_at=now)
    make.role(somebody, RoleKind.GRID_WORKER, cast.home)
    make.role(cast.keeper, RoleKind.GRID_WORKER, Place.objects.get(name=f"{name}站"))
    child = make.person(f"{name}娃", home=cast.home)
    tie = {"ward": child, "guardian": cast.resident, "tie": Tie.PARENT, "starts_at": now}
    Guardianship.objects.create(**tie, confirmed_at=now, confirmed_by=cast.resident)
    people_actions.send_notice(actor=SYSTEM, person=cast.resident, title=f"{name}通知")
    facts = {"kind": RoleKind.INSPECTOR, "place": cast.county, "starts_at": now, "reason": "新到岗"}
    RoleProposal.objects.create(person=somebody, **facts, proposed_at=now, proposed_by=world.people["erin"])


def asked(world: World, clients: dict[str, Client], name: str) -> int:
    """Questions of one page, looked at a second time, when what is made once has been made."""
    who, _most = MOST[name]
    route: Route = KNOWN[name]
    client, address = clients.setdefault(who, Client(raise_request_exception=False)), world.address(route)
    client.cookies = browser(world, who).cookies
    with transaction.atomic():
        client.get(address)
        with CaptureQueriesContext(connection) as seen:
            answer = client.get(address)
            if answer.streaming:
                b"".join(answer.streaming_content)  # type: ignore[arg-type]
        transaction.set_rollback(True)
    assert answer.status_code == 200, f"{name}: {answer.status_code}"
    return len([one for one in seen.captured_queries if not one["sql"].startswith(ASIDE)])


def test_no_page_asks_more_than_the_table_says_nor_more_when_there_is_more_to_show(
    world: World, tally: Callable[..., None]
) -> None:
    clients: dict[str, Client] = {}
    first = {name: asked(world, clients, name) for name in MOST}
    more(world, "乙")
    second = {name: asked(world, clients, name) for name in MOST}

    over = [f'    "{name}": ("{MOST[name][0]}", {count}),' for name, count in first.items() if count > MOST[name][1]]
    grown = [
        f"{name}: {first[name]} with some, {second[name]} with twice as many"
        for name in MOST
        if second[name] > first[name]
    ]
    tally("query counts", pages=len(MOST), questions=sum(first.values()))
    assert not grown, "\n".join(grown)
    assert not over, "\n".join(over)
