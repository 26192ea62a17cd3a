"""The demonstration as it stands after ``up``: every room filled, every sign-in good, no rule broken, loaded once."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client

from huying.calls.models import Call, CallEvent, Offer, ServiceKind
from huying.cockpit.models import Report
from huying.config.demo import bulk, calls, people, places
from huying.kernel import clock
from huying.kernel.cli.commands import SIGN_IN, fill
from huying.kernel.models import AuditLine
from huying.people import queries as people_queries
from huying.people.models import Account, Person, Role
from huying.places.models import Place
from huying.volunteers.models import Invitation, Team, Volunteer, Want
from huying.volunteers.states import InvitationState, WantState
from tests.invariants import broken_rules

FIGURES = (*people.STAFF, *people.HELPERS, *people.RESIDENTS)
COUNTED = (Place, Person, Account, Role, ServiceKind, Volunteer, Team, Call, CallEvent, Offer, AuditLine)
OPEN = (303, 200, 200)
"""Sent on after signing in; one's own page and the home page show."""
SCREENS = Path(__file__).parents[2] / "docs" / "screens"
MORNING = datetime(2026, 11, 18, 10, tzinfo=clock.SHANGHAI)


def count() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in COUNTED}


@pytest.fixture(scope="module")
def demonstration(django_db_setup: None, django_db_blocker: Any, keys: None) -> Iterator[list[str]]:
    """Loaded once for all tests of this file, in a transaction that is taken back; yields what the command said."""
    with django_db_blocker.unblock(), transaction.atomic(), clock.frozen(MORNING):
        said = io.StringIO()
        call_command("demo", stdout=said)
        yield said.getvalue().splitlines()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def apart(demonstration: list[str]) -> Iterator[None]:
    """What one test changes, the next does not see."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_it_fills_every_room_and_breaks_no_rule() -> None:
    found = count()

    assert found["Place"] > 150
    assert found["Person"] > 70
    assert found["Account"] == len(people.SIGN_INS)
    assert found["ServiceKind"] >= 12
    assert found["Call"] >= 40
    assert found["Volunteer"] >= 20
    assert found["Team"] >= 3
    assert broken_rules() == []


def test_teams_want_people_one_came_and_a_guest_is_asked() -> None:
    asked = Invitation.objects.filter(volunteer__person__account__username="volunteer1", state=InvitationState.OPEN)

    assert Want.objects.filter(state=WantState.OPEN).count() >= 4
    assert asked.count() == 1
    assert Invitation.objects.filter(state=InvitationState.JOINED).exists()


def test_a_second_load_is_refused_by_the_command_and_changes_nothing() -> None:
    before = count()

    with pytest.raises(CommandError, match="not empty"):
        call_command("demo")
    found = places.load()
    calls.load(found, people.load(found))

    assert count() == before


def test_it_prints_every_sign_in(demonstration: list[str]) -> None:
    assert [line.split()[:2] for line in demonstration] == [[name, word] for name, word, _what in people.SIGN_INS]


def test_a_start_after_one_that_was_killed_before_it_noted_the_sign_ins_says_them(
    demonstration: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    before = count()

    fill([])

    assert capsys.readouterr().out.splitlines() == [SIGN_IN + line for line in demonstration]
    assert count() == before


def test_a_real_platform_with_the_same_user_name_is_no_demonstration(capsys: pytest.CaptureFixture[str]) -> None:
    Account.objects.filter(username=people.STAFF[0].username).update(username="someone")
    real = Person.objects.create(name="周予安", created_at=clock.now())
    Account.objects.create(username=people.STAFF[0].username, person=real)

    fill([])

    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.username)
def test_every_sign_in_is_the_person_with_the_role_that_is_said(figure: people.Figure) -> None:
    account = Account.objects.select_related("person").get(username=figure.username)

    assert account.person.name == figure.name
    held = list(people_queries.roles_now(account.person_id))
    assert [(role.kind, role.place.kind_id) for role in held] == [(figure.role, figure.at)]


def test_every_sign_in_opens_the_door_and_its_own_pages(settings: Any) -> None:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    shut = []

    for username, password, _what in people.SIGN_INS:
        visitor = Client()
        entered = visitor.post("/people/sign-in/", {"identifier": username, "password": password})
        if (entered.status_code, visitor.get("/people/me/").status_code, visitor.get("/").status_code) != OPEN:
            shut.append(username)

    assert shut == []


def test_anybody_reads_the_two_kinds_that_are_opened_and_no_other() -> None:
    listed = json.loads(Client().get("/open311/v2/requests.json").content)

    assert {one["service_code"] for one in listed} == {"carry", "farm"}
    assert len(listed) == Call.objects.filter(kind__public=True, duplicate_of=None).count() >= 4
    assert "沙发" not in json.dumps(listed, ensure_ascii=False)


def clicked(page: str, selector: str) -> str:
    """Where the first link leads that a selector of the list finds: below a tag, a class or an id, with such an address."""
    body = page[page.index("<main") :]
    for one in selector.split(","):
        address = re.search(r"\[href([*$])='([^']+)'\]", one)
        holder = next((part for part in reversed(one.split()[:-1]) if part != "main"), "<main")
        mark = {"#": f'id="{holder[1:]}"', ".": holder[1:], "<": "<main"}.get(holder[0], f"<{holder}")
        links = re.findall(r'<a [^>]*?href="([^"#]+)', body[body.index(mark) :]) if mark in body else []
        for link in links:
            if not address or (address[2] in link if address[1] == "*" else link.endswith(address[2])):
                return html.unescape(link)
    return "/no/link/to/click/"


def test_every_picture_of_the_docs_can_be_taken_from_it(settings: Any) -> None:
    """Who is named in the list signs in with the password of the list and gets each page, and what is clicked there."""
    settings.HUYING_STAFF_SECOND_FACTOR = False
    wanted = json.loads((SCREENS / "screens.json").read_text(encoding="utf-8"))
    faults = []

    for screen in wanted["screens"]:
        visitor = Client(headers={"accept-language": screen.get("language", "zh-CN")})
        if who := screen.get("as"):
            visitor.post("/people/sign-in/", {"identifier": who, "password": wanted["passwords"][who]})
        answers = [visitor.get(screen["path"], follow=True)]  # as a browser does
        if screen.get("click"):
            answers.append(visitor.get(clicked(answers[0].content.decode(), screen["click"][0])))
        faults += [f"{screen['file']}: {answer.status_code}" for answer in answers if answer.status_code != 200]
        if who and "_auth_user_id" not in visitor.session:
            faults.append(f"{screen['file']}: {who} is not signed in")

    drawn = {picture.stem for picture in SCREENS.glob("*.png")}
    assert faults == []
    assert drawn == {screen["file"] for screen in wanted["screens"]}


def test_another_password_opens_nothing() -> None:
    assert authenticate(username=people.STAFF[0].username, password=people.PASSWORD[:-1]) is None


def test_the_large_one_has_what_was_asked_for_and_breaks_no_rule(settings: Any) -> None:
    settings.DEMO = True
    before = count()

    call_command("seed", calls=1500, volunteers=300, stdout=io.StringIO())

    after = count()
    assert after["Call"] - before["Call"] == 1500
    assert after["Volunteer"] - before["Volunteer"] == 300
    assert broken_rules() == []
    assert set(Call.objects.values_list("state", flat=True)) >= {state for state, _share in bulk.SPREAD}
    assert not CallEvent.objects.filter(at__gt=MORNING).exists()


def test_the_same_seed_gives_the_same_rows(settings: Any) -> None:
    settings.DEMO = True
    rows = []

    for _turn in range(2):
        known = set(Call.objects.values_list("pk", flat=True))
        with transaction.atomic():
            call_command("seed", calls=50, volunteers=10, seed=7, stdout=io.StringIO())
            fresh = Call.objects.exclude(pk__in=known).order_by("pk")
            rows.append(list(fresh.values_list("title", "state", "level", "requester_id", "created_at", "score")))
            transaction.set_rollback(True)

    assert rows[0] == rows[1]


def test_only_a_demonstration_is_filled_with_made_up_rows(settings: Any) -> None:
    settings.DEMO = False
    before = count()

    with pytest.raises(CommandError, match="Only a demonstration"):
        call_command("seed", calls=1, volunteers=1)

    assert count() == before


def test_it_has_a_published_bulletin_and_a_draft() -> None:
    listed = Client().get("/cockpit/papers/").content.decode()
    published, draft = Report.objects.order_by("id")

    assert (published.state, draft.state) == ("published", "draft")
    assert published.title in listed and draft.title not in listed
    assert (str(published.since), str(draft.since)) == ("2026-10-01", "2026-11-01")
    page = Client().get(f"/cockpit/papers/{published.public_id}/")
    assert page.status_code == 200 and "青实发〔2026〕1号" in page.content.decode()
