"""The world of the route walk seen in a browser: every address that shows somebody a page, opened as that person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.apps import apps
from django.db.models import CharField, JSONField, TextField
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Browser, Error, Page

from huying.calls import actions, queries
from huying.calls.forms.steps import FORMS
from huying.calls.models import Call
from huying.calls.states import State
from huying.calls.tests.factories import actor
from huying.kernel.attachments import storage
from huying.kernel.errors import NotFound
from huying.people.models import Role
from huying.people.states import RoleKind
from huying.people.tests.factories import account
from huying.places.models import ImportDraft
from tests.architecture.addresses import routes
from tests.architecture.route_table import ROUTES
from tests.architecture.walking import PEOPLE, World
from tests.journeys.conftest import DESK, PHONE, Visitor

READERS = ("dora", "li", "bob", "erin", "frank", "alice", "charlie", "nobody")
"""Who opens a page that several may: the one it is for comes first."""
AT_DESK = {"gus", "auditor", "bob", "erin", "frank", "alice", "charlie"}
STEPPED = ("draft", "submitted", "need_info", "pooled", "dispatched", "accepted", "serving", "delivered", "suspended")
NO_HTML = ("api:", "file")
HAN = re.compile(r"[\u3400-\u9fff]+")
# every word a reader meets: text that is drawn, the names given to aids, what stands in empty fields, the title
WORDS = """() => {
  const drawn = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), all = [document.title];
  while (drawn.nextNode()) {
    const at = drawn.currentNode.parentElement;
    if (at.checkVisibility() && !at.closest('script, style, [lang^=zh]')) all.push(drawn.currentNode.data);
  }
  for (const name of ['aria-label', 'placeholder', 'title', 'alt'])
    for (const at of document.querySelectorAll(`body [${name}]`))
      if (at.checkVisibility() && !at.closest('[lang^=zh]')) all.push(at.getAttribute(name));
  return all.filter(text => /[\\u3400-\\u9fff]/.test(text)) }"""


class Shut(Exception):
    """Somebody for whom the page is did not get it."""


@dataclass(frozen=True)
class Stop:
    """One page of the tour: the address's name, who opens it, where it lies."""

    name: str
    who: str
    path: str


class Tour:
    """One window for each person of the world; modes of reading are cookies, as with any reader."""

    def __init__(self, chromium: Browser, base: str):
        self.chromium, self.base = chromium, base
        self.world = World()
        auditor = self.world.holder(RoleKind.AUDIT_ADMIN)
        account(auditor)
        self.world.cookies["gus"] = self.world.signed_in(auditor)
        photo, drawn = self.world.photo, BytesIO()
        Image.new("RGB", (320, 240), "teal").save(drawn, "WEBP")
        storage.put(photo.small_key, drawn.getvalue())
        self.visitors: dict[str, Visitor] = {}

    def visitor(self, who: str) -> Visitor:
        if who not in self.visitors:
            size = DESK if who in AT_DESK else PHONE
            context = self.chromium.new_context(
                viewport=size,
                locale="zh-CN",
                timezone_id="Asia/Shanghai",
                service_workers="block",
                reduced_motion="reduce",  # what fades in is looked at when it is there
            )
            context.set_default_timeout(15_000)
            morsels = self.world.cookies[who].values()
            context.add_cookies([{"name": one.key, "value": one.value, "url": self.base} for one in morsels])
            self.visitors[who] = Visitor(context, self.base)
        return self.visitors[who]

    def open(self, stop: Stop, **modes: str) -> Page | None:
        """The page in these modes (cookie name -> value); None where the answer is a file or data."""
        visitor = self.visitor(stop.who)
        for name in ("huying_print", "huying_contrast", "django_language"):
            visitor.context.clear_cookies(name=name)
        visitor.context.add_cookies([{"name": k, "value": v, "url": self.base} for k, v in modes.items()])
        visitor.page.set_viewport_size(DESK if stop.who in AT_DESK else PHONE)
        try:
            answer = visitor.page.goto(self.base + stop.path)
        except Error as error:
            if "Download is starting" in error.message:
                return None
            raise
        assert answer is not None
        if answer.status != 200:
            raise Shut(f"answers {answer.status}")
        return visitor.page if "html" in answer.headers.get("content-type", "") else None

    def faults(self) -> list[str]:
        """Broken content policies, thrown errors and requests to other sites, of all windows."""
        return [fault for one in self.visitors.values() for fault in (*one.errors, *one.foreign)]

    def close(self) -> None:
        for one in self.visitors.values():
            one.context.close()

    def stops(self) -> list[Stop]:
        """Every page: those the table says somebody gets, the steps of calls, and what must be prepared."""
        found = []
        for route in routes():
            if not route.name.startswith(NO_HTML) and (able := readers(route.name)):
                found.append(Stop(route.name, able[0], self.world.address(route)))
        return [*found, *self.steps(), *self.prepared()]

    def stop(self, name: str, who: str = "") -> Stop:
        """The page of this address as ``who``, else as the first who may."""
        route = next(one for one in routes() if one.name == name)
        return Stop(name, who or readers(name)[0], self.world.address(route))

    def steps(self) -> list[Stop]:
        """A call in each state as its asker, its helper and the desk see it, and the form of each step they may take."""
        cast, found, seen = self.world.cast, [], set()
        people = {"dora": cast.resident, "li": cast.li.person, "alice": cast.keeper}
        plain = ((one, cast.call(State(one), title=f"求助·{one}")) for one in STEPPED)
        for state, call in [*plain, self.of_many(), self.there(), self.filled()]:
            for who, person in people.items():
                reader = actor(person)
                try:
                    one = queries.by_public_id(reader, call.public_id)
                except NotFound:
                    continue
                found.append(Stop(f"calls:call {state}", who, reverse("calls:call", args=[call.public_id])))
                for verb in sorted(set(queries.story(reader, one).steps) & set(FORMS) - seen):
                    seen.add(verb)
                    found.append(Stop(f"calls:step {verb}", who, reverse("calls:step", args=[call.public_id, verb])))
        assert seen == set(FORMS), f"no page of {set(FORMS) - seen}"
        return found

    def of_many(self) -> tuple[str, Call]:
        """A call for two with one helper in: it can be begun with him alone, and he can say that he is there."""
        cast = self.world.cast
        call = cast.call(State.POOLED, title="求助·两个人", people_needed=2)
        actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li])
        return "of many", actions.accept(actor=actor(cast.li.person), call=call)

    def there(self) -> tuple[str, Call]:
        """The same where he has come: he can say that he leaves before the end."""
        return "there", actions.arrive(actor=actor(self.world.cast.li.person), call=self.of_many()[1])

    def filled(self) -> tuple[str, Call]:
        """A call for two that two have said yes to: more can be sought."""
        cast = self.world.cast
        call = cast.call(State.POOLED, title="求助·人齐了", people_needed=2)
        actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li, cast.he])
        actions.accept(actor=actor(cast.li.person), call=call)
        return "filled", actions.accept(actor=actor(cast.he.person), call=call)

    def prepared(self) -> list[Stop]:
        """Pages that need something of the reader's own first."""
        cast, erin = self.world.cast, self.world.people["erin"]
        draft = ImportDraft.objects.create(
            place=cast.home,
            person_id=cast.dispatcher.pk,
            file_name="a.csv",
            rows=[{"row": 2, "name": "网格一", "kind": "grid"}],
        )
        own = Role.objects.get(person=cast.dispatcher)
        grant = reverse("people:grant", args=[cast.county.public_id])
        assert erin is not None
        return [
            Stop("places:import_draft", "bob", reverse("places:import_draft", args=[draft.public_id])),
            Stop("people:lend_role", "bob", reverse("people:lend_role", args=[own.public_id])),
            Stop("people:grant", "erin", f"{grant}?person={cast.neighbour.public_id}"),
            Stop("system:trail", "gus", reverse("system:trail")),
            *(self.stop(name, "auditor") for name in ("ledger:overview", "ledger:account", "volunteers:odd")),
            Stop("calls:figures_calls", "bob", reverse("calls:figures_calls") + "?share=on_time"),
            Stop(
                "figures:add_list_feed",
                "bob",
                f"{reverse('figures:add_list_feed')}?list={reverse('calls:export', args=['csv'])}",
            ),
            Stop("people:demo_texts", "nobody", reverse("people:demo_texts")),
            *self.led(),
        ]

    def led(self) -> list[Stop]:
        """The desk of a leader who is an ordinary resident, in his hand."""
        team, session = self.world.cast.team, self.world.given.session
        names = ("leading", "people:me", "calls:help", "volunteers:queue", "volunteers:sessions", "volunteers:records")
        found = [Stop(one, "leader", reverse(one)) for one in names]
        found += [
            Stop(f"volunteers:{one} led", "leader", reverse(f"volunteers:{one}", args=[session.public_id]))
            for one in ("session", "session_roll", "session_sheet")
        ]
        return [
            *found,
            Stop("volunteers:team_members led", "leader", reverse("volunteers:team_members", args=[team.public_id])),
        ]


def readers(name: str) -> list[str]:
    """Who gets the page, the one it is for first; nobody while the walk asks for a row in its table."""
    answers = dict(zip(PEOPLE, ROUTES.get(name, "").partition(" | ")[0].split(), strict=False))
    return [who for who in READERS if answers.get(who) == "200"]


def own_words() -> str:
    """Every text people wrote that has no English of its own: it stays Chinese on English pages too."""
    texts = [
        "桂花里3幢",
        "语言",
    ]  # a sealed address of the walk; beside "Language", for those who came to the wrong language
    for model in apps.get_models():
        if model.__module__.startswith("huying."):
            for row in model._default_manager.all():
                texts += [str(value) for name, value in written(row).items() if not getattr(row, f"{name}_en", "")]
    return "\n".join(texts)


def written(row: Any) -> dict[str, Any]:
    kinds = (CharField, TextField, JSONField)
    return {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if isinstance(f, kinds)}
