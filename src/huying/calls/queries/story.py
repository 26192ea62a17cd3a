"""One call on one page: how far it is, what happened, who comes, what was said, and the steps this reader may take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from huying.calls import rules
from huying.calls.models import Call, CallEvent, CallMessage, Offer
from huying.calls.states import (
    ENDED_STATES,
    INSIDE,
    NOTES_INSIDE,
    TOLD,
    TRANSITIONS,
    OfferState,
    State,
    Target,
)
from huying.kernel import attachments
from huying.kernel.actor import Actor
from huying.ui import when

if TYPE_CHECKING:
    from huying.kernel.models import Attachment

COMING = frozenset({OfferState.ACCEPTED, OfferState.DONE})
FOUR_STEPS: tuple[frozenset[State], ...] = (
    frozenset({State.DRAFT}),
    frozenset({State.SUBMITTED, State.REVIEWING, State.NEED_INFO}),
    frozenset({State.POOLED, State.DISPATCHED, State.SUSPENDED}),
    frozenset({State.ACCEPTED, State.SCHEDULED, State.SERVING}),
)
"""The four steps a resident follows (asked, taken up, somebody comes, done): the states in which each is under way."""


ORDER = {"primary": 0, "plain": 1, "danger": 2}


@dataclass(frozen=True, slots=True)
class Button:
    """A step this reader may take: its word, its look and the page that asks for what it needs."""

    verb: str
    label: str
    kind: str
    url: str


@dataclass(frozen=True, slots=True)
class Story:
    """Everything one page about one call shows."""

    call: Call
    steps: list[str]
    buttons: list[Button]
    progress: list[dict[str, Any]]
    lines: list[dict[str, Any]]
    events: list[CallEvent]
    messages: list[CallMessage]
    helpers: list[Offer]
    asked: list[Offer]
    photos: list[Attachment]
    parties: frozenset[str]
    sees_address: bool


def story(actor: Actor, call: Call) -> Story:
    """The call with its history, words, helpers, photos, and the steps this actor may take."""
    offers = list(call.offers.select_related("volunteer__person", "team").order_by("id"))
    known = rules.parties(actor, call, offers)
    inside = bool(known & rules.INSIDERS)
    steps = rules.steps(actor, call, known)
    events = list(history(actor, call)) if inside else []
    helpers = [one for one in offers if one.state in COMING]
    return Story(
        call=call,
        steps=steps,
        buttons=buttons(call, steps),
        progress=progress(call),
        lines=lines(actor, call, events, offers, known),
        events=events,
        messages=list(call.messages.select_related("person").order_by("id")) if inside else [],
        helpers=helpers if inside else [],
        asked=[one for one in offers if one.state == OfferState.OFFERED] if "staff" in known else [],
        photos=list(attachments.of(call)) if inside else [],
        parties=known,
        sees_address=rules.can_see_address(actor, call, known),
    )


def history(actor: Actor, call: Call) -> QuerySet[CallEvent]:
    """Every step, oldest first; steps for staff only are left out for others."""
    events = call.events.select_related("person", "words").order_by("id")
    return events if rules.can_handle(actor, call) else events.filter(staff_only=False).exclude(verb__in=INSIDE)


def buttons(call: Call, steps: list[str]) -> list[Button]:
    """One button a step: first those that lead on, of which one is loud; what ends the call last and quietly."""
    drawn: list[Button] = []
    for verb in sorted(steps, key=lambda verb: ORDER[TRANSITIONS[verb].tone]):
        tone, loud = TRANSITIONS[verb].tone, any(button.kind == "primary" for button in drawn)
        kind = {"primary": "soft" if loud else "primary", "danger": "quiet"}.get(tone, tone)
        url = reverse("calls:step", args=[call.public_id, verb])
        if verb == "dispatch":
            url = reverse("calls:panel", args=[call.public_id])
        drawn.append(Button(verb, str(TRANSITIONS[verb].label), kind, url))
    return drawn


def progress(call: Call) -> list[dict[str, Any]]:
    """Four steps for the person who asked; [] for a draft, and when the call ended without being done."""
    if call.state in (ENDED_STATES | {State.DRAFT}) - {State.CLOSED}:
        return []
    names = (_("提交"), _("受理"), _("接单"), _("完成"))
    now = next((i for i, states in enumerate(FOUR_STEPS) if call.state in states), len(FOUR_STEPS))
    marks = ["done" if i < now else "now" if i == now else "todo" for i in range(len(FOUR_STEPS))]
    return [{"label": name, "state": mark} for name, mark in zip(names, marks, strict=True)]


def lines(
    actor: Actor, call: Call, events: list[CallEvent], offers: list[Offer], known: frozenset[str]
) -> list[dict[str, Any]]:
    """The history as sentences (title, at, who, body, tone); words said to each other stand elsewhere.

    Names of staff show to staff only; to others they are "the station".
    """
    staff = "staff" in known
    named = {actor.person_id} | ({call.requester_id, call.asked_by_id} if call.raised_for_id is None else set())
    named |= {one.volunteer.person_id for one in offers if one.volunteer and one.state in COMING}
    names = {one.pk: str(one.team or one.volunteer) for one in offers}
    drawn = []
    for event in events:
        if event.verb not in TOLD or event.verb == "draft":
            continue
        note = event.note if staff or event.verb not in NOTES_INSIDE else ""
        drawn.append(
            {
                "title": sentence(event, names),
                "at": event.at,
                "who": who(event, named, staff),
                "body": note,
                "tone": tone_of(event),
            }
        )
    return drawn


def sentence(event: CallEvent, names: dict[int, str]) -> str:
    """What the event was, with its facts in words; ``names`` says who stands behind an offer."""
    text = str(TOLD[event.verb])
    facts = {name: str(value) for name, value in event.facts.items()}
    text = text.format_map({"score": "", **facts, "who": names.get(event.facts.get("offer", 0), "")}).strip()
    if event.facts.get("units"):
        return text + _("：") + _("%(units)s没有按时答复") % {"units": _("、").join(event.facts["units"])}
    if event.verb == "transfer" and facts.get("target") in Target.values:
        return text + _("：") + str(Target(facts["target"]).label)
    if event.verb == "schedule" and facts.get("at"):
        return text + _("：") + when.moment_text(datetime.fromisoformat(facts["at"]), event.at)
    return text


def who(event: CallEvent, named: set[int | None], staff: bool) -> str:
    """Whose step it was, with the mark of acting for somebody else."""
    if event.person is None or event.verb in {"accept", "claim"}:
        return ""
    if event.facts.get("slip"):  # nobody knows who held it
        return _("凭求助纸条")
    name = event.person.name if staff or event.person_id in named else _("工作人员")
    return _("%(name)s（代办）") % {"name": name} if event.on_behalf else name


def tone_of(event: CallEvent) -> str:
    if event.verb in {"reject", "cancel", "escalate", "silent", "expire"}:
        return "mei"
    if event.verb in {"ask_info", "hand_back", "suspend", "reopen", "recall"}:
        return "kaki"
    return "pine"
