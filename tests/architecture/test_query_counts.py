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
from tests.architecture.test_hostile_input import browser
from tests.architecture.walking import SYSTEM, World

KNOWN = {route.name: route for route in routes()}
ASIDE = ("SAVEPOINT", "RELEASE", "ROLLBACK")
"""What a test adds to the conversation."""

# Address -> who reads it, and the most questions it may ask. The session, the reader with his roles, and what the
# frame of every page shows are in the number; for keepers the frame counts calls and records of service that wait. The
# pages of volunteers ask once whether the reader leads a team, one's own page also whether he volunteers.
MOST: dict[str, tuple[str, int]] = {
    "people:me": ("dora", 8),
    "people:my_data": ("dora", 6),
    "people:export": ("dora", 53),
    "people:preferences": ("dora", 4),
    "people:my_sign_in": ("dora", 7),
    "people:my_consents": ("dora", 7),
    "people:family": ("dora", 5),
    "people:ward_consents": ("dora", 8),
    "people:notices": ("dora", 6),
    "people:my_roles": ("alice", 8),
    "people:act": ("dora", 6),
    "people:proposals": ("frank", 5),
    "people:roles_at": ("erin", 7),
    "people:persons": ("bob", 6),
    "people:doubles": ("bob", 6),
    "people:person": ("bob", 11),
    "people:person_edit": ("bob", 7),
    "places:tree": ("bob", 7),
    "places:list": ("bob", 9),
    "places:export": ("bob", 7),
    "places:pick": ("bob", 3),
    "places:search": ("bob", 3),
    "places:whole_map": ("bob", 13),
    "places:figures": ("bob", 12),
    "places:coverage": ("erin", 9),
    "places:gaps": ("bob", 9),
    "places:reach": ("bob", 9),
    "places:standards": ("bob", 12),
    "places:standard": ("bob", 14),
    "places:standard_file": ("bob", 10),
    "places:checks": ("bob", 10),
    "places:checks_file": ("bob", 8),
    "places:site_checks": ("alice", 14),
    "places:new_check": ("alice", 11),
    "places:check": ("bob", 14),
    "api:standards": ("nobody", 3),
    "api:site_standards": ("alice", 7),
    "api:site_checks": ("alice", 6),
    "places:kinds": ("erin", 5),
    "places:detail": ("alice", 14),
    "places:change": ("bob", 7),
    "places:map": ("bob", 14),
    "places:history": ("bob", 8),
    "places:hours": ("alice", 7),
    "places:flag": ("bob", 9),
    "volunteers:me": ("li", 9),
    "volunteers:join": ("dora", 10),
    "volunteers:list": ("bob", 9),
    "volunteers:teams": ("li", 8),
    "volunteers:team": ("li", 13),
    "volunteers:team_edit": ("bob", 14),
    "volunteers:team_members": ("bob", 12),
    "calls:home": ("dora", 12),
    "calls:ask": ("dora", 5),
    "calls:ask_kind": ("dora", 7),
    "calls:mine": ("dora", 6),
    "calls:help": ("li", 10),
    "calls:call": ("dora", 12),
    "calls:asked": ("dora", 6),
    "calls:board": ("bob", 12),
    "calls:board_columns": ("bob", 9),
    "calls:panel": ("bob", 18),
    "calls:watch": ("bob", 18),
    "calls:figures": ("bob", 9),
    "calls:figures_export": ("bob", 6),
    "calls:figures_teams": ("bob", 15),
    "calls:teams_export": ("bob", 12),
    "calls:figures_rule": ("bob", 6),
    "calls:exclusions": ("bob", 6),
    "calls:exclusion": ("bob", 7),
    "calls:exclude": ("bob", 7),
    "calls:callbacks": ("bob", 7),
    "calls:callback_draw": ("bob", 8),
    "calls:callback": ("bob", 8),
    "calls:list": ("bob", 9),
    "calls:export": ("bob", 6),
    "calls:proposals": ("bob", 8),
    "calls:proposal": ("bob", 12),
    "calls:proposal_line": ("bob", 16),
    "calls:phone": ("bob", 6),
    "calls:phone_kind": ("bob", 8),
    "calls:sorter": ("bob", 8),
    "calls:menu": ("bob", 6),
    "calls:menu_edit": ("bob", 9),
    "calls:clocks": ("bob", 7),
    "calls:doors": ("bob", 8),
    "calls:hotline": ("bob", 8),
    "calls:hotline_draft": ("alice", 14),
    "calls:hotline_reply": ("bob", 8),
    "calls:grid": ("alice", 14),
    "calls:grid_kind": ("alice", 9),
    "calls:grid_ask": ("alice", 14),
    "calls:slip_paper": ("alice", 8),
    "calls:open311_services": ("nobody", 1),
    "calls:open311_service": ("nobody", 1),
    "calls:open311_requests": ("nobody", 3),
    "calls:open311_request": ("nobody", 3),
    "calls:open311_token": ("nobody", 2),
    "calls:rings": ("bob", 9),
    "calls:widening": ("bob", 6),
    "calls:widen": ("bob", 9),
    "calls:tally": ("bob", 11),
    "calls:tally_part": ("bob", 9),
    "calls:offer": ("li", 11),
    "api:menu": ("dora", 4),
    "api:calls": ("bob", 4),
    "api:call": ("dora", 5),
    "api:offer": ("li", 4),
    "api:history": ("dora", 9),
    "api:places": ("bob", 4),
    "api:place": ("bob", 4),
    "api:children": ("bob", 5),
    "api:me": ("bob", 6),
    "places:bookings": ("dora", 5),
    "places:booking": ("bob", 7),
    "places:change_booking": ("dora", 6),
    "places:timetable": ("alice", 13),
    "places:book": ("dora", 6),
    "activities:list": ("dora", 9),
    "activities:map": ("dora", 11),
    "activities:geojson": ("dora", 8),
    "activities:calendar": ("dora", 9),
    "activities:ics": ("dora", 5),
    "activities:mine": ("dora", 7),
    "activities:my_calendar": ("dora", 5),
    "activities:desk": ("bob", 11),
    "activities:kinds": ("bob", 6),
    "activities:kind_edit": ("bob", 6),
    "activities:themes": ("bob", 6),
    "activities:theme_edit": ("bob", 6),
    "activities:units": ("bob", 6),
    "activities:unit_edit": ("bob", 6),
    "activities:new": ("bob", 13),
    "activities:edit": ("bob", 17),
    "activities:copy": ("bob", 6),
    "activities:add": ("bob", 6),
    "activities:step": ("bob", 6),
    "activities:plans": ("bob", 12),
    "activities:plan_new": ("bob", 9),
    "activities:plan": ("bob", 11),
    "activities:plan_edit": ("bob", 11),
    "activities:activity": ("alice", 16),
    "activities:join_team": ("li", 8),
    "activities:join_group": ("dora", 7),
    "activities:join_behalf": ("dora", 8),
    "activities:move": ("bob", 9),
    "activities:call_off": ("bob", 8),
    "activities:door": ("bob", 10),
    "activities:results": ("bob", 14),
    "activities:leaving": ("bob", 7),
    "activities:photo_new": ("bob", 8),
    "activities:session_step": ("bob", 8),
    "activities:sign_up": ("dora", 6),
    "volunteers:certificates": ("li", 14),
    "volunteers:certificate_pdf": ("li", 8),
    "volunteers:certificate_badge": ("li", 4),
    "volunteers:verify_code": ("dora", 7),
    "volunteers:verify_file": ("dora", 7),
    "volunteers:my_service": ("li", 11),
    "volunteers:my_service_file": ("li", 5),
    "volunteers:records": ("bob", 6),
    "volunteers:records_file": ("bob", 5),
    "volunteers:odd": ("auditor", 6),
    "volunteers:queue": ("bob", 12),
    "volunteers:record": ("bob", 7),
    "volunteers:sessions": ("bob", 6),
    "volunteers:session_new": ("bob", 8),
    "volunteers:session": ("bob", 9),
    "volunteers:session_code": ("bob", 7),
    "volunteers:session_paper": ("bob", 6),
    "volunteers:session_roll": ("bob", 8),
    "volunteers:session_sheet": ("bob", 10),
    "volunteers:session_file": ("bob", 7),
    "volunteers:check": ("li", 8),
    "volunteers:check_link": ("li", 8),
    "volunteers:proofs": ("li", 10),
    "volunteers:volunteer": ("bob", 10),
    "volunteers:counts": ("bob", 11),
    "volunteers:campaigns": ("li", 8),
    "volunteers:campaign_new": ("bob", 6),
    "volunteers:campaign": ("li", 10),
    "figures:place": ("bob", 15),
    "figures:report": ("bob", 8),
    "figures:check": ("bob", 8),
    "figures:reported": ("bob", 8),
    "figures:correct": ("bob", 9),
    "figures:number": ("bob", 13),
    "figures:number_export": ("bob", 7),
    "figures:export": ("bob", 8),
    "figures:reported_export": ("bob", 8),
    "volunteers:queue_file": ("bob", 8),
    "volunteers:teams_file": ("bob", 8),
    "volunteers:sessions_file": ("bob", 8),
    "volunteers:campaigns_file": ("bob", 8),
    "volunteers:counts_file": ("bob", 10),
    "calls:exclusions_file": ("bob", 8),
    "calls:callbacks_file": ("bob", 8),
    "calls:callback_draw_file": ("bob", 8),
    "calls:hotline_file": ("bob", 8),
    "places:bookings_file": ("dora", 8),
    "figures:feeds_export": ("bob", 8),
    "figures:checks_export": ("bob", 8),
    "cockpit:reports_file": ("bob", 8),
    "ledger:accounts_export": ("auditor", 9),
    "volunteers:list_file": ("bob", 8),
    "activities:desk_file": ("bob", 7),
    "figures:feeds": ("bob", 9),
    "figures:add_feed": ("bob", 6),
    "api:value": ("bob", 7),
    "api:by_child": ("bob", 7),
    "api:over_time": ("bob", 6),
    "api:number_records": ("bob", 6),
    "cockpit:reports_at": ("bob", 12),
    "cockpit:report_new": ("bob", 8),
    "cockpit:letterhead": ("bob", 7),
    "cockpit:report_template": ("bob", 26),
    "cockpit:report": ("bob", 26),
    "cockpit:report_templates": ("bob", 9),
    "cockpit:report_template_new": ("bob", 7),
    "cockpit:papers": ("dora", 7),
    "cockpit:paper": ("nobody", 6),
    "packs:library": ("bob", 8),
    "packs:library_file": ("bob", 6),
    "packs:pack": ("nobody", 3),
    "packs:difference": ("nobody", 10),
    "packs:file": ("nobody", 9),
    "packs:load": ("erin", 3),
    "packs:ours": ("bob", 21),
    "packs:on": ("erin", 6),
    "packs:off": ("erin", 4),
    "packs:set_up": ("erin", 4),
    "api:packs": ("nobody", 3),
    "api:packs_at": ("nobody", 3),
    "api:pack": ("nobody", 5),
    "api:pack_difference": ("nobody", 9),
    "api:papers": ("nobody", 1),
    "api:paper": ("nobody", 2),
    "cockpit:report_edit": ("bob", 14),
    "cockpit:report_file": ("bob", 24),
    "cockpit:board": ("bob", 20),
    "cockpit:now": ("bob", 20),
    "cockpit:ranking": ("erin", 8),
    "ledger:overview": ("auditor", 15),
    "ledger:account": ("auditor", 17),
    "ledger:export": ("auditor", 12),
    "ledger:receipt": ("dora", 7),
    "api:sessions": ("dora", 6),
    "api:session": ("dora", 6),
    "api:sign_ups": ("dora", 4),
    "points:list": ("dora", 6),
    "points:book": ("dora", 13),
    "points:join": ("dora", 7),
    "points:mine": ("dora", 13),
    "points:passbooks": ("alice", 7),
    "points:passbooks_file": ("alice", 5),
    "points:passbook": ("dora", 24),
    "points:booklet": ("dora", 19),
    "points:claim_new": ("dora", 7),
    "points:goods": ("dora", 12),
    "points:appeal_new": ("dora", 5),
    "points:passbook_file": ("dora", 15),
    "points:passbook_step": ("dora", 5),
    "points:gift": ("dora", 5),
    "points:claim": ("alice", 10),
    "points:claim_step": ("alice", 6),
    "points:reverse_new": ("alice", 6),
    "points:reversal_step": ("alice", 7),
    "points:appeal": ("alice", 8),
    "points:appeal_step": ("alice", 6),
    "points:desk": ("alice", 13),
    "points:new": ("bob", 6),
    "points:claims": ("alice", 7),
    "points:claims_file": ("alice", 5),
    "points:appeals": ("alice", 6),
    "points:keep": ("alice", 13),
    "points:draft": ("alice", 7),
    "points:partners": ("alice", 9),
    "points:sheets": ("alice", 8),
    "points:bank_new": ("alice", 7),
    "points:edition_step": ("alice", 7),
    "points:bank": ("alice", 9),
    "points:counter": ("alice", 8),
    "points:bank_close": ("alice", 6),
    "points:good_new": ("alice", 7),
    "points:intake_new": ("alice", 8),
    "points:stock_file": ("alice", 7),
    "points:good_edit": ("alice", 9),
    "points:sheet": ("alice", 8),
    "points:sheet_file": ("alice", 6),
    "points:sheet_step": ("alice", 6),
    "api:books": ("dora", 4),
    "api:book": ("dora", 13),
    "api:passbooks": ("dora", 9),
    "leading": ("leader", 20),
    "system:state": ("frank", 7),
    "system:jobs": ("frank", 4),
}


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
