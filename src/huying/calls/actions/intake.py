"""A call comes in: by the person, by a relative, grid worker or the phone desk on behalf, on line or from the outbox."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from huying.calls import rules
from huying.calls.actions.moving import move, remember, start_clock, step
from huying.calls.models import Call, ServiceKind
from huying.calls.states import Channel, State
from huying.kernel import clock, sealed
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput
from huying.kernel.search import search_text, terms
from huying.kernel.transactions import begin
from huying.people.models import Person
from huying.places.models import Place


class NotForOthers(Forbidden):
    code = "not_for_others"
    message = _("您只能为自己或家人求助。")


class WantedInPast(InvalidInput):
    code = "wanted_in_past"
    message = _("希望的时间已经过去，请重新选择。")


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked: the kind, where, for whom, in one's own words, with the answers to the kind's questions."""

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
    channel: str = Channel.WEB


def ask(*, actor: Actor, what: Ask) -> Call:
    """Make the call and submit it at once (S2-7c 点单). Raises NotForOthers, WantedInPast."""
    with begin(actor):
        return submit(actor=actor, call=save_draft(actor=actor, what=what))


def save_draft(*, actor: Actor, what: Ask) -> Call:
    """Keep an unfinished call; only the one who asks sees it."""
    check(actor, what)
    at = clock.now()
    with begin(actor):
        serial = next_serial()
        call = Call(
            pk=serial,
            number=f"HY{clock.local(at):%Y%m%d}-{serial:05d}",
            kind=what.kind,
            place=what.place,
            requester=what.requester,
            asked_by_id=actor.person_id or what.requester.pk,
            channel=what.channel,
            title=what.title,
            details=what.details,
            answers=what.answers,
            address=what.address or None,
            contact_phone=what.contact_phone or None,
            contact_index=sealed.blind_index(what.contact_phone, "phone") if what.contact_phone else None,
            lon=what.lon,
            lat=what.lat,
            wanted_from=what.wanted_from,
            wanted_to=what.wanted_to,
            people_needed=what.people_needed or what.kind.people_needed,
            urgent=what.urgent or what.kind.urgent,
            state=State.DRAFT,
            created_at=at,
            stage_started_at=at,
        )
        words = (call.number, call.title, what.requester.name, what.place.name, what.kind.name)
        call.search_text, call.search_terms = search_text(*words), terms(*words)
        start_clock(call)
        call.save(force_insert=True)
        remember(actor, call, "draft", "", "", {})
        return call


def submit(*, actor: Actor, call: Call) -> Call:
    """Hand a draft in: from now on the station's clock runs."""
    with step(actor, call, "submit") as fresh:
        move(actor, fresh, "submit", channel=fresh.channel)
        return fresh


def check(actor: Actor, what: Ask) -> None:
    """Who may ask for whom, and a wish that can still be met."""
    own = actor.person_id == what.requester.pk
    family = what.requester.pk == actor.on_behalf_of_id
    if not (own or family or actor.is_system or rules.can_ask_for_others(actor)):
        raise NotForOthers
    if what.wanted_from and what.wanted_from < clock.now() - timedelta(hours=1):
        raise WantedInPast(fields={"wanted_from": WantedInPast.message})


def next_serial() -> int:
    """The next key of a call, drawn first so that the number can be made from it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('calls_call', 'id'))")
        return int(cursor.fetchone()[0])
