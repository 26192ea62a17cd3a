"""The world of the route walk: eight people, one of everything that has an address, and who gets which answer."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import SimpleCookie
from django.test import Client
from django.test.client import ClientHandler
from django.urls import reverse

from huying.calls import actions as call_actions
from huying.calls.models import Call, Callback, Draw, Proposal, ProposalLine
from huying.calls.states import ProposalState, State
from huying.calls.tests.factories import Cast, actor
from huying.calls.tests.factories import kind as make_kind
from huying.cockpit import actions as report_actions
from huying.cockpit.actions.report_writing import Wanted
from huying.cockpit.queries import report_templates
from huying.cockpit.states import Verb
from huying.figures import actions as figure_actions
from huying.figures.models import KeptFile
from huying.figures.queries import Period
from huying.figures.states import FileKind, Rhythm, Split
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.attachments import storage
from huying.kernel.models import Attachment
from huying.kernel.models.calendar import DayOverride
from huying.packs import actions as pack_actions
from huying.packs.management import SHIPPED as PACKS
from huying.packs.queries import pack_by_key
from huying.people import actions as people_actions
from huying.people.models import Account, Guardianship, Notice, Person, RoleProposal, SignIn
from huying.people.states import RoleKind, Tie
from huying.people.tests import factories as make
from huying.places import actions as place_actions
from huying.places.actions import ItemFacts
from huying.places.models import CoverageRule, ImportDraft, MapLayer, Place, PlaceFlag
from tests.architecture import naming
from tests.architecture.addresses import BODIES, JSON, Route
from tests.architecture.gathered import Gathered

PEOPLE = ("alice", "bob", "charlie", "dora", "erin", "frank", "li", "nobody")
"""alice keeps the station here · bob dispatches for the county above · charlie keeps a station elsewhere · dora asked for
help and owns what is asked about · erin is the county's administrator, frank its system administrator · li is the
volunteer who was asked · nobody is not signed in. Two auditors, of the county and of elsewhere, only read accounts; the
leader of a team without any office has his desk."""
SYSTEM = Actor.system("walk")
_keys = count(1)


class World:
    """Everything the addresses speak of; made once, each request is taken back."""

    def __init__(self) -> None:
        cast = self.cast = Cast()
        self.handler = ClientHandler(enforce_csrf_checks=False)
        self.people: dict[str, Person | None] = {
            "alice": cast.keeper,
            "bob": cast.dispatcher,
            "charlie": cast.outsider,
            "dora": cast.resident,
            "erin": self.holder(RoleKind.ADMINISTRATOR),
            "frank": self.holder(RoleKind.SYSTEM_ADMIN),
            "li": cast.li.person,
            "nobody": None,
            "auditor": self.holder(RoleKind.AUDITOR),
            "leader": cast.leader.person,
            "auditor_elsewhere": self.holder(RoleKind.AUDITOR, cast.away),
        }
        for person in self.people.values():
            if person is not None and not Account.objects.filter(person=person).exists():
                make.account(person)
        self.cookies = {name: self.signed_in(person) for name, person in self.people.items()}
        self.call = cast.call(State.DISPATCHED, address="桂花里3幢", contact_phone="13800000000")
        self.draft = cast.call(State.DRAFT)
        self.of_doors()
        self.weighed = self.proposal_of(cast.call(State.POOLED))
        self.callback = self.drawn(cast.call(State.CLOSED))
        self.left_out = call_actions.propose_exclusion(
            actor=actor(cast.keeper), call=cast.call(State.CLOSED), ground="illegal", reason="于法无据，不能支持"
        )
        self.of_people()
        self.of_places()
        self.of_figures()
        self.of_packs()
        self.of_reports()
        self.given = Gathered(cast, self.site)

    def proposal_of(self, call: Call) -> Proposal:
        """As the job leaves it: alice's community, one line that sends he."""
        now = clock.now()
        made = Proposal.objects.create(
            place=call.place,
            state=ProposalState.READY,
            asked_at=now,
            made_at=now,
            expires_at=now + timedelta(minutes=30),
            figures={"calls": 1, "helpers": 3, "seats": 1, "total": 150, "bound": 150},
        )
        ProposalLine.objects.create(proposal=made, call=call, volunteer=self.cast.he, cost=150, km=0.15)
        return made

    def holder(self, kind: str, at: Place | None = None) -> Person:
        somebody = make.person(home=self.cast.county)
        make.role(somebody, kind, at or self.cast.county)
        return somebody

    def signed_in(self, person: Person | None) -> SimpleCookie:
        return make.client(Person.objects.get(pk=person.pk)).cookies if person else SimpleCookie()

    def of_doors(self) -> None:
        lamp = make_kind("lamp", name="路灯", visit=False, public=True)
        self.lamp = self.cast.call(kind=lamp, title="路灯不亮")
        doer = actor(self.cast.dispatcher)
        self.key, self.key_text = call_actions.give_key(actor=doer, name="城市 App", place=self.cast.county)
        keeper, table = actor(self.cast.keeper), SimpleUploadedFile("工单.csv", "工单编号,服务\nSJ1,clinic".encode())
        self.tickets, _plan = call_actions.check_tickets(
            actor=keeper, area=self.cast.home, source="12345", upload=table
        )
        what = call_actions.Ask(self.cast.kind, self.cast.home, self.cast.resident, "去医院复查", reached_by="worker")
        self.to_tell = call_actions.take_call(actor=keeper, what=what)

    def drawn(self, call: Call) -> Callback:
        """A closed call that was drawn to be called back."""
        now, who = clock.now(), self.cast.dispatcher
        span = {"since": now - timedelta(days=1), "until": now + timedelta(days=1)}
        draw = Draw.objects.create(
            place=self.cast.county, size=1, seed="0", population=1, digest="", drawn_at=now, drawn_by=who, **span
        )
        return Callback.objects.create(draw=draw, call=call)

    def of_people(self) -> None:
        dora, now = self.cast.resident, clock.now()
        child = make.person(home=self.cast.home, birth_date=clock.today() - timedelta(days=3000))
        self.tie = Guardianship.objects.create(
            ward=child, guardian=dora, tie=Tie.PARENT, starts_at=now, confirmed_at=now, confirmed_by=dora
        )
        self.notice: Notice = people_actions.send_notice(actor=SYSTEM, person=dora, title="停水通知", urgent=True)
        self.session = SignIn.objects.filter(account__person=dora).latest("id")
        self.role = make.role(self.cast.neighbour, RoleKind.GRID_WORKER, self.cast.home)
        erin = self.people["erin"]
        self.proposal = RoleProposal.objects.create(
            person=self.cast.neighbour,
            kind=RoleKind.INSPECTOR,
            place=self.cast.county,
            starts_at=now,
            reason="新到岗的督查员",
            proposed_at=now,
            proposed_by=erin,
        )
        self.new_account = make.account(make.person(home=self.cast.home))

    def of_places(self) -> None:
        home = self.cast.home
        self.site = place_actions.create_place(
            actor=SYSTEM, parent=home, kind="station", facts=place_actions.Facts(name="和平站")
        )
        self.contact = place_actions.add_contact(
            actor=SYSTEM, place=self.site, role="站长", name="王敏之", phone="13900000001"
        )
        self.layer = MapLayer.objects.create(
            place=home,
            kind="areas",
            geojson={"type": "FeatureCollection", "features": []},
            feature_count=0,
            west=120,
            south=30,
            east=121,
            north=31,
            source="合成",
            approval="合成数据",
            as_of_date=clock.today(),
        )
        photo_facts: dict[str, Any] = {
            "name": "a.webp",
            "content_type": "image/webp",
            "size": 1,
            "width": 1,
            "height": 1,
            "sha256": b"x" * 32,
            "key": "aa/bb/none.webp",
            "small_key": "aa/bb/none-s.webp",
            "place_path": home.path,
            "subject_type": "places.Place",
            "subject_id": self.site.pk,
            "is_public": True,
            "created_at": clock.now(),
        }
        self.photo = Attachment.objects.create(**photo_facts)
        storage.put(self.photo.key, b"picture")
        self.flag = PlaceFlag.objects.order_by("order").first()
        place_actions.set_flag(actor=SYSTEM, place=self.site, flag=self.flag)
        self.import_draft = ImportDraft.objects.create(
            place=home, person_id=self.cast.keeper.pk, file_name="a.csv", rows=[]
        )
        asked = place_actions.StandardFacts(
            "ones", 1, "两个一", ("station",), (ItemFacts("一块牌子"), ItemFacts("一间屋"))
        )
        self.standard = place_actions.install_standard(actor=SYSTEM, place=self.cast.county, facts=asked)
        said = [place_actions.Said(1, "yes", "门厅里"), place_actions.Said(2, "no")]
        self.check = place_actions.self_check(
            actor=actor(self.cast.keeper), place=self.site, standard=self.standard, said=said
        )
        answer = self.check.answers.get(item__number=1)
        self.proof = Attachment.objects.create(
            **{**photo_facts, "subject_type": "places.CheckAnswer", "subject_id": answer.pk, "is_public": False}
        )
        rule = CoverageRule.objects.first()
        assert rule is not None
        self.rule = rule
        self.day_off = DayOverride.objects.create(
            date=clock.today() + timedelta(days=9), working=False, name="社区清点", place_path=home.path
        )

    def of_figures(self) -> None:
        """What was reported of the county, and a check of it."""
        figure_actions.install_first_rows()
        facts = {"code": "teams", "name": "志愿服务队", "told": "1,781支", "source": "年报", "as_of": clock.today()}
        self.figure = figure_actions.report(actor=SYSTEM, place=self.cast.county, facts=figure_actions.Report(**facts))
        self.figure_check = figure_actions.add_check(
            actor=SYSTEM, place=self.cast.county, name="队数", statement={"kind": "names", "of": "teams"}
        )
        facts = {"split": Split.PLACE, "kind": FileKind.CSV, "rhythm": Rhythm.DAILY, "hour": 7}
        self.feed = figure_actions.add_feed(actor=actor(self.cast.dispatcher), place=self.cast.county, **facts)
        again = figure_actions.add_feed(actor=actor(self.cast.dispatcher), place=self.cast.home, **facts)
        self.stopped_feed = figure_actions.end_feed(actor=actor(self.cast.dispatcher), feed=again)
        self.kept_file = KeptFile.objects.create(
            feed=self.feed, since=clock.today() - timedelta(days=1), until=clock.today(), body=b"x", size=1
        )
        self.number = figure_actions.cite(
            actor=SYSTEM, metric="calls_closed", place=self.cast.county, period=Period.year(clock.today().year - 1)
        )

    def of_packs(self) -> None:
        """The small example is on at the county."""
        text = (PACKS / "example" / "four_seasons.yaml").read_text(encoding="utf-8")
        pack = pack_by_key(pack_actions.load_pack(actor=SYSTEM, text=text).key)
        self.switch = pack_actions.switch_on(actor=SYSTEM, pack=pack, place=self.cast.county)

    def of_reports(self) -> None:
        """A draft of last month's bulletin of the county, and one for everybody that bob wrote and erin signed."""
        report_actions.install_first_templates()
        county, last = self.cast.county, (clock.today().replace(day=1) - timedelta(days=1)).replace(day=1)
        template = report_templates.template(county, "monthly")
        wanted = Wanted(template, last, clock.today().replace(day=1), "三月工作通报")
        self.report = report_actions.make_report(actor=SYSTEM, place=county, wanted=wanted)
        bob, erin = (actor(self.people[name]) for name in ("bob", "erin"))
        report_actions.set_letterhead(actor=bob, place=county, organ="实践中心", letters="实发")
        paper = report_actions.make_report(actor=bob, place=county, wanted=replace(wanted, is_public=True))
        for doer, verb in ((bob, Verb.LOCK), (erin, Verb.SIGN), (bob, Verb.PUBLISH)):
            paper = report_actions.step_report(actor=doer, report=paper, verb=verb)
        self.paper = paper

    def address(self, route: Route, **other: Any) -> str:
        """The address with the world's own thing, or with other values of the same names."""
        given = {**naming.values(self, route), **other}
        if not route.name.startswith("api:"):
            return reverse(route.name, kwargs=given)
        address = f"/{route.pattern}"
        for name, value in given.items():
            address = re.sub(rf"<(\w+:)?{name}>", str(value), address)
        return address

    def body(self, who: str, route: Route) -> dict[str, Any]:
        """The least that must be sent for the answer to be about who asks."""
        gathered = self.given
        match route.name:
            case "activities:door_press":
                return {"sign_up": str(gathered.guest.public_id), "act": "in"}
            case "activities:door_scans" | "api:scans":
                seen = {"id": "one", "sign_up": str(gathered.guest.public_id), "at": "2026-03-03T01:00:00Z"}
                return {"scans": [seen]}
            case "activities:join_group":
                shift = str(gathered.sign_up.shift_id)
                facts = {"name": "第三小学", "count": "1", "contact_name": "孙老师", "contact_phone": "13800000003"}
                return {"shift": shift, **facts}
            case "activities:join_behalf":
                return {"shift": str(gathered.sign_up.shift_id), "person": str(self.tie.ward.public_id)}
            case "api:take":
                return {"good": str(gathered.points.good.public_id)}
            case "volunteers:check_press":
                return {"ticket": gathered.ticket(self.people[who]), "act": "in"}
            case "volunteers:queue":
                return {"who": [str(gathered.record.public_id)]}
        return BODIES.get(route.name, {})

    def ask(
        self,
        who: str,
        method: str,
        route: Route,
        *,
        key: bool = True,
        address: str = "",
        kept: bool = False,
        **more: str,
    ) -> int:
        """The status one person gets; whatever the request changed is taken back, unless it is ``kept``."""
        browser = Client(raise_request_exception=False)
        browser.handler = self.handler  # the middleware of all requests is the same
        browser.cookies = SimpleCookie({name: morsel.value for name, morsel in self.cookies[who].items()})
        headers = {"Idempotency-Key": f"walk-{next(_keys):08d}"} if key else {}
        headers |= more
        body, address = self.body(who, route), address or self.address(route)
        with transaction.atomic():
            if method == "GET":
                response = browser.get(address)
            elif method == "POST" and not route.name.startswith("api:") and route.name not in JSON:
                response = browser.post(address, body, headers=headers)
            else:
                sent = json.dumps(body)
                response = browser.generic(method, address, sent, content_type="application/json", headers=headers)
            if response.streaming:
                b"".join(response.streaming_content)
            transaction.set_rollback(not kept)
        return response.status_code

    def row(self, route: Route) -> str:
        """The answers as they stand in the table: GET of each person, then POST."""
        at = self.address(route)
        halves = (" ".join(str(self.ask(who, verb, route, address=at)) for who in PEOPLE) for verb in ("GET", "POST"))
        return " | ".join(halves)
