"""A call comes in: by the person, by a relative, grid worker or the phone desk on behalf, on line or from the
outbox.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from huying.calls import rules
from huying.calls.actions.moving import StepRefused, move, remember, step
from huying.calls.models import Call, DoorKey, ServiceKind
from huying.calls.queries.incoming import known_caller
from huying.calls.states import NAMELESS, TRANSITIONS, Channel, Level, ReachedBy, State
from huying.kernel import clock, locks, sealed
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput
from huying.kernel.search import pieces, search_text
from huying.kernel.transactions import begin
from huying.people import actions as people_actions
from huying.people import rules as people_rules
from huying.people.actions import Facts
from huying.people.models import Person
from huying.places.models import Place
from huying.places.queries.offering import offered_at
from huying.volunteers.models import Language


class NotForOthers(Forbidden):
    code = "not_for_others"
    message = _("您只能为自己或家人求助。")


class KindNotOffered(InvalidInput):
    code = "kind_not_offered"
    message = _("这个地方没有“{kind}”这项服务。")


class WantedInPast(InvalidInput):
    code = "wanted_in_past"
    message = _("希望的时间已经过去，请重新选择。")


class NoPreference(InvalidInput):
    code = "no_preference"
    message = _("“{kind}”不能挑性别和年龄，请留空。")


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked: the kind, where, for whom, in one's own words, with the answers to the kind's questions.

    ``raised_for`` and ``level`` are set by ``raise_call`` alone: in the name of which place, and whose desk holds it.
    """

    kind: ServiceKind
    place: Place
    requester: Person
    title: str
    details: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    address: str = ""
    contact_phone: str = ""
    lon: float | None = None
    lat: float | None = None
    wanted_from: datetime | None = None
    wanted_to: datetime | None = None
    people_needed: int = 0
    urgent: bool = False
    language: Language | None = None
    helper_sex: str = ""
    helper_age: str = ""
    channel: str = Channel.WEB
    door: DoorKey | None = None
    reached_by: str = ReachedBy.PHONE
    raised_for: Place | None = None
    level: str = Level.STATION


def ask(*, actor: Actor, what: Ask, draft: Call | None = None) -> Call:
    """Make the call, or finish the draft, and submit it at once (S2-7c 点单). Raises NotForOthers, WantedInPast."""
    with begin(actor):
        return submit(actor=actor, call=save_draft(actor=actor, what=what, draft=draft))


def save_draft(*, actor: Actor, what: Ask, draft: Call | None = None) -> Call:
    """Keep an unfinished call, new or begun before; only the one who writes it sees it."""
    check(actor, what)
    with begin(actor):
        call = begun(actor, draft) if draft else blank(actor, what)
        fill_in(call, what)
        call.save(force_insert=draft is None)
        if draft is None:
            remember(actor, call, "draft", "", "", {})
        return call


def take_call(*, actor: Actor, what: Ask, caller: Facts | None = None) -> Call:
    """The phone desk: write a new caller down with ``caller``, then ask in the person's name, marked as on behalf.

    ``what.requester`` is the known person, or an unsaved one that the new caller replaces. Raises NotForOthers for
    places and persons that are not the actor's, WantedInPast, and what ``add_person`` refuses.
    """
    if not people_rules.reaches(actor, rules.PROXIES, what.place):
        raise NotForOthers(_("这个地方不归您负责，请转给当地的站或中心。"), fields={"place": _("不在您负责的范围内。")})
    with begin(actor):
        person = people_actions.add_person(actor=actor, facts=caller) if caller else what.requester
        if not rules.can_ask_for(actor, person, what.place):
            raise NotForOthers
        return ask(actor=actor.behalf(person.pk), what=replace(what, requester=person))


def bring_in(*, actor: Actor, what: Ask, name: str, phone: str) -> Call:
    """Another program or the hotline hands a call in: for the one person of these places with this number and name, or
    for somebody new who is written down; without a name under one that says so. Raises what ``take_call`` raises.
    """
    with begin(actor):
        known = known_caller(actor, phone=phone, name=name)
        facts = Facts(name=name or NAMELESS, phone=phone or None, home_place=what.place)
        return take_call(
            actor=actor, what=replace(what, requester=known or what.requester), caller=None if known else facts
        )


def blank(actor: Actor, what: Ask) -> Call:
    """A new call with its key and number, not saved yet."""
    at, serial = clock.now(), next_serial()
    return Call(
        pk=serial,
        number=f"HY{clock.local(at):%Y%m%d}-{serial:05d}",
        asked_by_id=actor.person_id or what.requester.pk,
        state=State.DRAFT,
        created_at=at,
        stage_started_at=at,
    )


def begun(actor: Actor, draft: Call) -> Call:
    """The draft, locked; StepRefused when it was handed in meanwhile, NotFound when somebody else writes it."""
    call = locks.one(Call, pk=draft.pk, asked_by_id=actor.person_id)
    if call.state != State.DRAFT:
        raise StepRefused(state=State(call.state).label, verb=TRANSITIONS["submit"].label)
    return call


def fill_in(call: Call, what: Ask) -> None:
    """Everything that was asked, into the row."""
    phone = what.contact_phone
    call.kind, call.place, call.requester = what.kind, what.place, what.requester
    call.raised_for, call.level = what.raised_for, what.level
    call.channel, call.title, call.details, call.answers = what.channel, what.title, what.details, what.answers
    call.door, call.reached_by = what.door, what.reached_by
    call.address, call.contact_phone = what.address or None, phone or None
    call.contact_index = sealed.blind_index(phone, "phone") if phone else None
    call.lon, call.lat = what.lon, what.lat
    call.wanted_from, call.wanted_to = what.wanted_from, what.wanted_to
    call.people_needed = what.people_needed or what.kind.people_needed
    call.urgent = what.urgent or what.kind.urgent
    call.language, call.helper_sex, call.helper_age = what.language, what.helper_sex, what.helper_age
    words = (call.number, call.title, call.asker, what.place.name, what.kind.name)
    call.search_text = search_text(*words)
    call.search_terms = pieces(call.search_text)


def submit(*, actor: Actor, call: Call) -> Call:
    """Hand a draft in: from now on the station's clock runs."""
    with step(actor, call, "submit") as fresh:
        move(actor, fresh, "submit", channel=fresh.channel)
        return fresh


def check(actor: Actor, what: Ask) -> None:
    """Who may ask for whom, and a wish that can still be met."""
    if not rules.can_ask_for(actor, what.requester, what.place):
        raise NotForOthers
    if what.kind.limited and not offered_at(ServiceKind.objects.filter(pk=what.kind.pk), [what.place]).exists():
        raise KindNotOffered(kind=what.kind.name)
    if (what.helper_sex or what.helper_age) and not what.kind.allow_preference:
        words = NoPreference.message.format(kind=what.kind.name)
        raise NoPreference(words, fields={"helper_sex" if what.helper_sex else "helper_age": words})
    if what.wanted_from and what.wanted_from < clock.now() - timedelta(hours=1):
        raise WantedInPast(fields={"wanted_from": WantedInPast.message})


def next_serial() -> int:
    """The next key of a call, drawn first so that the number can be made from it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('calls_call', 'id'))")
        return int(cursor.fetchone()[0])
