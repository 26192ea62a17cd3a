"""Every list that leaves as a file leaves in every kind there is, from a button of its page (catalogue C16)."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.test import Client

from huying.calls.models import HotlineTicket
from huying.calls.states import Decision
from huying.calls.tests.factories import START
from huying.kernel import clock, exports
from tests.architecture.addresses import Route, routes
from tests.architecture.walking import World

KNOWN = {route.name: route for route in routes()}
LISTS: dict[str, tuple[str, str]] = {
    "calls:list": ("bob", "calls:export"),
    "calls:figures": ("bob", "calls:figures_export"),
    "calls:figures_teams": ("bob", "calls:teams_export"),
    "system:trail": ("auditor", "system:trail_export"),
    "ledger:overview": ("auditor", "ledger:accounts_export"),
    "ledger:account": ("auditor", "ledger:export"),
    "volunteers:my_service": ("li", "volunteers:my_service_file"),
    "volunteers:records": ("bob", "volunteers:records_file"),
    "volunteers:session": ("bob", "volunteers:session_file"),
    "volunteers:team_members": ("bob", "volunteers:team_file"),
    "volunteers:list": ("bob", "volunteers:list_file"),
    "activities:desk": ("bob", "activities:desk_file"),
    "points:passbooks": ("alice", "points:passbooks_file"),
    "points:passbook": ("dora", "points:passbook_file"),
    "points:claims": ("alice", "points:claims_file"),
    "points:untold": ("alice", "points:untold_file"),
    "points:bank": ("alice", "points:stock_file"),
    "points:sheet": ("alice", "points:sheet_file"),
    "places:list": ("bob", "places:export"),
    "places:gaps": ("bob", "places:gaps"),
    "figures:place": ("bob", "figures:export"),
    "figures:place reported": ("bob", "figures:reported_export"),
    "figures:number": ("bob", "figures:number_export"),
    "figures:number values": ("bob", "figures:number_values"),
    "calls:figures_calls": ("bob", "calls:figures_calls_file"),
    "points:appeals": ("alice", "points:appeals_file"),
    "points:sheets": ("alice", "points:sheets_file"),
    "figures:place checks": ("bob", "figures:checks_export"),
    "figures:feeds": ("bob", "figures:feeds_export"),
    "volunteers:queue": ("bob", "volunteers:queue_file"),
    "volunteers:teams": ("bob", "volunteers:teams_file"),
    "volunteers:sessions": ("bob", "volunteers:sessions_file"),
    "volunteers:wants": ("bob", "volunteers:wants_file"),
    "volunteers:campaigns": ("bob", "volunteers:campaigns_file"),
    "volunteers:counts": ("bob", "volunteers:counts_file"),
    "calls:exclusions": ("bob", "calls:exclusions_file"),
    "calls:callbacks": ("bob", "calls:callbacks_file"),
    "calls:callback_draw": ("bob", "calls:callback_draw_file"),
    "calls:proposal": ("bob", "calls:proposal_file"),
    "calls:hotline": ("bob", "calls:hotline_file"),
    "places:bookings": ("dora", "places:bookings_file"),
    "places:standard": ("bob", "places:standard_file"),
    "places:checks": ("bob", "places:checks_file"),
    "cockpit:reports_at": ("bob", "cockpit:reports_file"),
    "packs:library": ("bob", "packs:library_file"),
    "leading": ("leader", "volunteers:records_file"),
    "leading team": ("leader", "volunteers:team_file"),
}
"""Page -> who reads it, and the address that gives its list as a file."""
ASKED = {"calls:figures_calls": "?share=closed&whole=on"}
"""What a page must be asked for, to have a list at all."""
STAY = {
    "activities:list": "what everybody may come to: it is subscribed to as a calendar, and programs have the API",
    "activities:mine": "one's own: people:export takes it along, the calendar shows it",
    "calls:doors": "keys of doors: what they open and for whom is no list to carry about",
    "calls:grid": "what one asked for others: the calls leave with calls:export, by whoever has the desk",
    "calls:help": "calls that are offered to one volunteer; what he did leaves with his service",
    "calls:mine": "one's own calls: people:export takes them along",
    "calls:sorter": "corrections teach the sorter; each of them is a line of its call, which leaves with calls:export",
    "calls:widening": "who was asked and did not answer would be a trace of a no (promise 3)",
    "cockpit:papers": "published papers: each leaves as DOCX and PDF, the list by the API",
    "cockpit:report_templates": "templates and versions are texts to write with; the papers leave",
    "places:history": "what was done at a place stands in the trail, which leaves with system:trail_export",
    "places:site_checks": "checks of one site: all of them leave with places:checks_file",
    "points:desk": "the books one keeps, a handful to choose from; what stands in each leaves by itself",
    "points:passbook_all": "one owner's claims, exchanges and appeals; what was booked leaves with points:passbook_file",
    "points:list": "public rule books, a page each for everybody to read; programs have the API",
    "volunteers:allocation": "names that go with the plan: beside the list of those who came they would tell of a no (promise 3)",
    "volunteers:allocations": "plans keep totals only; who came stands with the wants, which leave with volunteers:wants_file",
    "volunteers:want": "who fits is asked for anew each time; kept beside those who came it would tell of a no (promise 3)",
    "system:jobs": "jobs that failed, for whoever repairs them now",
}
"""Pages with a list by pages that has no file, and why."""
OTHER_FILES = {
    "calls:hotline_reply": "a form with days of its own, in the two kinds that hotlines take",
    "calls:hotline_template": "an empty table to be filled in",
    "packs:file": "a mechanism as a file that is loaded again, not a list",
    "cockpit:report_file": "a paper in its official layout, not a list",
    "people:export": "one's own copy, as a page or for programs",
    "volunteers:certificate_badge": "a badge in two formats of others",
}
FILE = re.compile(r"export|file|roster|members|badge|reply|template")
KEY = re.compile(r"^[a-z][a-z0-9_]*$")


@pytest.fixture
def world(db: None, settings: Any) -> Iterator[World]:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with clock.frozen(START):
        made = World()
        facts = {"number": "A1", "decision": Decision.SKIP, "taken_by": made.cast.dispatcher}
        HotlineTicket.objects.create(source="12345", place=made.cast.home, taken_at=clock.now(), **facts)
        yield made


def page_address(world: World, page: str) -> str:
    return world.address(KNOWN[page.split()[0]]) + ASKED.get(page, "")


def offered(world: World, client: Client, page: str, file: str) -> dict[str, str]:
    """Kind -> address, as the buttons of the page have it."""
    answer = client.get(page_address(world, page))
    assert answer.status_code == 200, page
    links = [unescape(one) for one in re.findall(r'(?:href|formaction)="([^"]+)"', answer.content.decode())]
    start = world.address(KNOWN[file]).partition("?")[0].removesuffix("csv/")
    ours = [one for one in links if one.startswith((start, "?"))]
    ends = {kind: re.compile(rf"(/{kind}/|[?&]as={kind}(&|$))") for kind in exports.TYPES}
    return {kind: one for kind, end in ends.items() for one in ours if end.search(one)}


@pytest.mark.parametrize("page", LISTS)
def test_a_list_leaves_in_every_kind(world: World, page: str) -> None:
    who, file = LISTS[page]
    client = Client()
    client.cookies = world.cookies[who]

    found = offered(world, client, page, file)

    assert set(found) == set(exports.TYPES)
    base = page_address(world, page)
    for kind, address in found.items():
        answer = client.get(base + address if address.startswith("?") else address)
        body = b"".join(answer.streaming_content)  # type: ignore[arg-type]
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, exports.TYPES[kind])
        if kind == "json":
            rows = json.loads(body)
            assert all(KEY.match(key) for row in rows for key in row), rows[:1]
            assert len({tuple(row) for row in rows}) <= 1


def test_every_file_of_a_kind_to_choose_stands_here() -> None:
    def chooses(route: Route) -> bool:
        return route.name.partition(":")[0] != "api" and bool({"form", "kind"} & set(route.parameters))

    files = {
        name
        for name, route in KNOWN.items()
        if chooses(route) and re.search(r"export|file|roster|members|badge|reply|template", route.pattern)
    }
    files |= {"volunteers:my_service_file"}
    known = {file for _who, file in LISTS.values()} | set(OTHER_FILES)
    assert files - known == set()


def paged() -> Iterator[str]:
    """Pages that turn the pages of a list: what their views say themselves."""
    for name, route in KNOWN.items():
        view = inspect.unwrap(route.view)
        if inspect.isfunction(view) and re.search(r"paging\.page\(|\bpage_of\(", inspect.getsource(view)):
            yield name


def test_every_list_with_pages_leaves_as_a_file_or_says_why_not() -> None:
    """The walk from the other side: a list that nobody gave a file is found too."""
    found, with_files = set(paged()), {page.split()[0] for page in LISTS}

    assert found - with_files == set(STAY)
    assert all(len(why) > 20 for why in STAY.values())
