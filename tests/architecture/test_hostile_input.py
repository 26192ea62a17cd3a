"""Hostile and silly input at every form, found from the pages themselves: a clear answer, and nothing that was typed is
lost (issue H1, "Bad input"; security page, goal G17).

Each field in turn gets hostile values while its neighbours hold good ones. Which values a field gets is drawn from its
address and name, so that it is the same in every run; together the fields of one sort meet all values.
"""

from __future__ import annotations

import logging
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse, SimpleCookie
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from huying.calls.forms import FORMS
from huying.calls.tests.factories import START
from huying.calls.tests.test_steps_taking import start_state, who_takes
from huying.kernel import clock
from huying.people import actions as people_actions
from huying.people.tests import factories as make
from huying.volunteers import rules
from huying.volunteers.states import Way
from tests.architecture.addresses import routes
from tests.architecture.forms_of import Field, Form, Page, body, read
from tests.architecture.honest import BY_KIND, GOOD, HERE, REFUSED, UNCHOSEN, file_for
from tests.architecture.route_table import ROUTES
from tests.architecture.walking import PEOPLE, SYSTEM, World

ORDER = ("bob", "erin", "dora", "alice", "frank", "li", "charlie", "nobody")
"""Whose page is read: the first of these who may."""
ALSO = {
    "people:erase": ("li",),
    "people:family": ("dora",),
    "people:notices": ("dora",),
    "people:act": ("dora",),
    "people:proposals": ("frank",),
    "places:list": ("dora",),
    "places:whole_map": ("alice",),
    "places:coverage": ("erin",),
    "volunteers:team": ("li",),
    "volunteers:pause": ("li",),
    "volunteers:leave": ("li",),
    "volunteers:check": ("li",),
    "volunteers:campaign": ("li",),
    "volunteers:invitation": ("li",),
    "calls:ask_kind": ("dora",),
}
"""Pages that show others other forms: these read them first."""
SCRIPT = "<script>alert(1)</script>"
WORDS = {
    "markup": SCRIPT,
    "formula": "=1+1+cmd",
    "turning": "甲\u202e乙\u2066丙\u200f丁",
    "control": "甲\x00乙\x07丙",
    "emoji": "👩‍👧😀𠮷",
    "template": "{{ 7 }}{% now 1 %}' ; DROP TABLE x --",
    "nothing to see": "\u3000\u200b",
    "no letters": "\uffff\U0010ffff",
    "right to left": "ياردەم",
    "a megabyte": "长" * 350_000,
    "half a letter": "\ud800",
}
OTHERS = {
    "not offered": "不在其中",
    "no number": "NaN",
    "too large a number": "1e400",
    "far below": "-99999999999999999999",
    "no day": "2026-02-30",
    "the first day": "0001-01-01",
    "the first moment": "0001-01-01T00:00",
    "the last day": "9999-12-31",
    "the last moment": "9999-12-31T23:59",
    "no one": "00000000-0000-0000-0000-000000000000",
    "markup": SCRIPT,
    "control": "1\x002",
    "a megabyte": "9" * 1_000_000,
}
EACH = 2
"""Values a field gets."""
_keys = count(1)


@dataclass
class Found:
    """A form, the person who sees it, and the page on which it stands."""

    page: str
    who: str
    form: Form
    goal: str

    def __str__(self) -> str:
        return f"{self.page} → {urlsplit(self.form.action).path} ({self.who})"


@pytest.fixture
def world(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    settings.HUYING_SMS_GATEWAY = "console"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    logging.disable(logging.CRITICAL)  # hundreds of refusals are the point
    with clock.frozen(START):
        world = World()
        facts = people_actions.Facts(phone="13912340001", address="桂花里3幢")
        people_actions.edit_person(actor=SYSTEM, person_id=world.cast.resident.pk, facts=facts)
        monkeypatch.setitem(GOOD, "identifier", world.new_account.username)
        monkeypatch.setitem(GOOD, "digits", rules.typed(world.given.session, Way.SCREEN))
        yield world
    logging.disable(logging.NOTSET)


# ── finding the forms ───────────────────────────────────────────────────────
def browser(world: World, who: str) -> Client:
    client = Client(raise_request_exception=False)
    client.cookies = SimpleCookie({name: morsel.value for name, morsel in world.cookies[who].items()})
    return client


def shown(world: World, who: str, address: str) -> str:
    """The page, if it is one; what looking at it changed is taken back."""
    with transaction.atomic():
        answer = browser(world, who).get(address)
        html = "html" in answer.headers.get("Content-Type", "") and not answer.streaming
        transaction.set_rollback(True)
    return answer.content.decode() if html and answer.status_code == 200 else ""


def pages(world: World) -> Iterator[tuple[str, str]]:
    """(address, person) of every page, then of the page of every step of a call that can be taken."""
    for route in routes():
        statuses = (
            dict(zip(PEOPLE, ROUTES[route.name].split(" | ")[0].split(), strict=True)) if route.name in ROUTES else {}
        )
        readers = [*ALSO.get(route.name, ()), *(who for who in ORDER if statuses.get(who) == "200")][:2]
        if not route.name.startswith(("api:", "ui:gallery")):
            yield from ((world.address(route), who) for who in readers[: 2 if route.name in ALSO else 1])
    names = {person.pk: name for name, person in world.people.items() if person}
    for verb in sorted(FORMS):
        taker = who_takes(world.cast, verb)
        if taker.pk not in names:
            names[taker.pk] = f"who may {verb}"
            make.account(taker)
            world.cookies[names[taker.pk]] = world.signed_in(taker)
        who = "dora" if verb == "submit" else names[taker.pk]
        call = world.cast.call(start_state(verb))
        yield reverse("calls:step", args=[call.public_id, verb]), who


def discovered(world: World, method: str = "post") -> list[Found]:
    """Every form of this method, once."""
    found: dict[tuple[str, tuple[str, ...]], Found] = {}
    for address, who in pages(world):
        for form in read(shown(world, who, address), address).forms:
            try:
                goal = resolve(urlsplit(form.action).path)
            except Resolver404:
                continue
            where = goal.view_name + str(goal.kwargs.get("verb", "")) + str(goal.kwargs.get("kind", ""))
            if form.method == method:
                found.setdefault((where, tuple(sorted(form.fields))), Found(address, who, form, goal.view_name))
    return list(found.values())


# ── filling them in ─────────────────────────────────────────────────────────
def good(one: Found) -> dict[str, Any]:
    """An honest value for every field that stands empty."""
    given: dict[str, Any] = {}
    here = HERE.get(one.goal, {})
    known = GOOD | here
    for name, each in one.form.fields.items():
        if each.kind == "button" and one.form.plain_button:
            continue
        if each.kind == "file":
            given[name] = file_for(one.goal)
        elif (any(each.values) and name not in here) or name.startswith(UNCHOSEN):
            continue
        elif each.kind in {"select", "radio", "button"}:
            given[name] = here.get(name, next(filter(None, each.options), ""))
        elif name.rpartition("-")[2] in known:
            given[name] = known[name.rpartition("-")[2]]
        elif each.kind not in {"checkbox", "hidden"}:
            given[name] = BY_KIND.get(each.kind, "写几个字")
    return {name: value for name, value in given.items() if value != ""}


def encode(sent: dict[str, Any]) -> bytes:
    """As browsers encode a form; halves of letters go as the three bytes that a careless program makes of them."""
    pairs = [(name, one) for name, value in sent.items() for one in (value if isinstance(value, list) else [value])]
    return urlencode([(name.encode(), str(one).encode("utf-8", "surrogatepass")) for name, one in pairs]).encode()


def post(world: World, one: Found, sent: dict[str, Any]) -> HttpResponse:
    """The answer, sent as the page says; the caller takes back what it changed."""
    client, key = browser(world, one.who), {"Idempotency-Key": f"hostile-{next(_keys):08d}"}
    if one.form.multipart:
        whole = {name: "\ufffd" if value == "\ud800" else value for name, value in sent.items()}
        for value in whole.values():
            if isinstance(value, SimpleUploadedFile):
                value.seek(0)
        return client.post(one.form.action, whole, headers=key)
    kind = "application/x-www-form-urlencoded"
    return client.post(one.form.action, encode(sent), content_type=kind, headers=key)


# ── what must hold of every answer ──────────────────────────────────────────
TURNING = ("\u202e", "\u2066")
VAGUE = {"people:sign_in": "which of the two was wrong is nobody's business", "people:confirm": "the same"}
"""Forms that say what is wrong without pointing at a field."""
TOGETHER = {"password": "again"}
"""Two fields that must agree: the second is named."""


def chosen(one: Field) -> list[tuple[str, str]]:
    """(label, value): the hostile values this field gets, the same in every run."""
    words = not (one.chosen_from or one.kind in BY_KIND or one.kind == "hidden")
    pool = list((WORDS if words else OTHERS).items())
    start = zlib.crc32(one.name.encode())
    return [pool[(start + step * 5) % len(pool)] for step in range(2 if words else 1)]


def lost(one: Found, page: Page, sent: dict[str, Any], touched: str) -> list[str]:
    """Neighbours of the touched field whose words are not in the form that came back."""
    back = max(page.forms, key=lambda form: (form.action == one.form.action, len(set(form.fields) & set(sent))))
    kept = {name: [unified(value) for value in each.values] for name, each in back.fields.items()}
    silent = {name for name, each in one.form.fields.items() if each.kind in {"password", "file", "button", "hidden"}}
    words = {name: value if isinstance(value, list) else [value] for name, value in sent.items() if name not in silent}
    return [name for name, value in words.items() if name != touched and kept.get(name) != [unified(v) for v in value]]


def unified(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def outside_fields(html: str) -> str:
    """The page without what stands in its fields, where somebody's own words may look as odd as he wrote them."""
    return re.sub(r'value="[^"]*"|<textarea.*?</textarea>', "", html, flags=re.DOTALL)


def complaints(one: Found, each: Field, sent: dict[str, Any], answer: HttpResponse) -> Iterator[str]:
    """What is wrong with this answer to a hostile value in this field."""
    html = answer.content.decode() if not answer.streaming else ""
    if answer.status_code not in {200, 303, 400, 404, 409, 413, 422}:
        yield f"is {answer.status_code}"
    if SCRIPT in html:
        yield "shows markup as it came"
    if any(mark in outside_fields(html) for mark in TURNING):
        yield "shows marks that turn the line"
    if answer.status_code == 422:
        page = read(html, one.form.action)
        yield from pointing(one, each, page, "请检查填写的内容" in html)
        if each.kind != "hidden":
            yield from (f"points at {error}, which is not there" for error in set(page.errors) - page.ids)
            yield from (f"loses {other}" for other in lost(one, page, sent, each.name))


def pointing(one: Found, each: Field, page: Page, told: bool) -> Iterator[str]:
    """The summary is there and leads to the field; for a field that nobody sees a page that says so (``told``) does."""
    if not page.errors and not (each.kind == "hidden" and told):
        yield "says nothing above the form"
    elif each.kind != "hidden" and one.goal not in VAGUE.keys() | REFUSED.keys():
        names = {each.name, TOGETHER.get(each.name, each.name)}
        if not any(leads(error, name) for name in names for error in page.errors):
            yield f"names {page.errors} instead of the field"


def leads(error: str, name: str) -> bool:
    """Whether an id of the summary is that of the field; one of several forms on a page puts a word before it."""
    return error.startswith((f"id_{name}", f"reveal-{name}")) or error.endswith(f"-{name}")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("half", [0, 1])
def test_every_field_of_every_form_answers_hostile_values_clearly_and_loses_nothing(
    world: World, tally: Callable[..., None], half: int
) -> None:
    """In two halves, so that two processes share them."""
    seen: Counter[str] = Counter()
    wrong = []

    found = discovered(world)[half::2]
    for one in found:
        honest = body(one.form, good(one))
        with transaction.atomic():
            plainly = post(world, one, honest)
            transaction.set_rollback(True)
        if plainly.status_code >= 400 and one.goal not in REFUSED:
            wrong.append(f"{one}: an honest form is refused with {plainly.status_code}")
        for each in one.form.fields.values():
            for label, value in chosen(each) if each.kind not in {"file", "button"} else ():
                sent = {**honest, each.name: value}
                with transaction.atomic():
                    answer = post(world, one, sent)
                    wrong += [f"{one}: {label} in {each.name}: {what}" for what in complaints(one, each, sent, answer)]
                    transaction.set_rollback(True)
                seen[f"answers {answer.status_code}"] += 1

    tally("hostile input", forms=len(found), **seen)
    assert not wrong, "\n".join(wrong)
