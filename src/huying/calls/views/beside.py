"""The panel beside the board: what the template needs to draw one call for those on duty."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huying.calls import queries, rules
from huying.calls.actions.urging import wait_in_words
from huying.calls.forms import SayForm
from huying.calls.forms.measuring import UrgeForm
from huying.calls.forms.sorting import KindOfCallForm
from huying.calls.models import Call
from huying.calls.queries import Panel
from huying.calls.states import COLUMNS, State, Target
from huying.calls.views import cards
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.ui import when
from huying.ui.naming import named

AT_ONCE = {"review", "pool", "resume"}
"""Steps that ask for nothing and can be taken back: one press, no page between."""
LINES = 60
"""So much of the history stands in the panel, the newest; all of it on the page of the call."""
ELSEWHERE = {*AT_ONCE, "dispatch", "transfer"}


def panel_context(
    actor: Actor, call: Call, *, back: str, board_url: str, urge: UrgeForm | None = None
) -> dict[str, Any]:
    """Everything ``calls/desk/_panel.html`` wants; ``back`` is where a step leads afterwards."""
    found = queries.panel(actor, call)
    steps = found.story.buttons
    column = next((code for code, (_n, _t, states) in COLUMNS.items() if call.state in states), "")
    words, tone = cards.clock_in_words(column, found.card, cards.said()) if column else (State(call.state).label, "")
    return {
        "panel": found,
        "story": found.story,
        "call": call,
        "headline": f"{named(call.kind)} · {call.title}",
        "status": {"words": words, "tone": tone or "ink"},
        "back": back,
        "board_url": board_url,
        "direct": [button for button in steps if button.verb in AT_ONCE],
        "more": [
            {"label": button.label, "href": f"{button.url}?{urlencode({'next': back})}"}
            for button in steps
            if button.verb not in ELSEWHERE
        ]
        + excluding_of(actor, call),
        "transfers": transfers(found, back) if "transfer" in found.story.steps else {},
        "dispatching": "dispatch" in found.story.steps,
        "many": found.several > 1,
        "widening": widening(found),
        "picture": drawn_map(found),
        "history": [
            {"at": line["at"], "when": time_of(line["at"]), "words": sentence(line)}
            for line in found.story.lines[: -LINES - 1 : -1]
        ],
        "say": SayForm(),
        "urging": urging_of(actor, call, back, urge),
        "sorting": sorting_of(call) if rules.can_sort(actor, call) else None,
    }


def excluding_of(actor: Actor, call: Call) -> list[dict[str, str]]:
    """The way to have the call left out of the shares, for whoever may propose that."""
    if not rules.can_propose_exclusion(actor, call):
        return []
    return [{"label": _("提请剔除"), "href": reverse("calls:exclude", args=[call.public_id])}]


def urging_of(actor: Actor, call: Call, back: str, form: UrgeForm | None = None) -> dict[str, Any] | None:
    """What ``calls/_urge.html`` wants, with what was typed when that was refused; None for whoever may not urge."""
    if not rules.can_urge(actor, call):
        return None
    return {
        "url": reverse("calls:urge", args=[call.public_id]),
        "label": _("催办 %(number)s") % {"number": call.number},
        "urged": when.moment_text(call.urged_at, clock.now()) if call.urged_at else "",
        "again": wait_in_words(call),
        "form": form or UrgeForm(auto_id="urge-%s"),
        "back": back,
    }


def sorting_of(call: Call) -> dict[str, Any]:
    """What the sorter says of the words of a call, beside what it came under; and the form to put that right."""
    form = KindOfCallForm(initial={"kind": call.kind.code})
    said = queries.sorted_call(call, form.kinds.values())
    agrees = said is not None and said.best is not None and said.sure and said.best.kind.pk == call.kind_id
    return {"form": form, "said": said, "agrees": agrees}


def widening(found: Panel) -> list[dict[str, str]]:
    """The ways to send a call out to many, and to see how it fills."""
    call, ways = found.call, []
    if call.people_needed > 1 or call.ring:
        ways.append(
            {"label": _("应答进度"), "icon": "users-three", "href": reverse("calls:tally", args=[call.public_id])}
        )
    if "dispatch" in found.story.steps:
        ways.append(
            {"label": _("逐圈呼叫"), "icon": "megaphone-duotone", "href": reverse("calls:widen", args=[call.public_id])}
        )
    return ways


def drawn_map(found: Panel) -> str:
    """The small map on top of the panel; "" where nobody has put up borders."""
    if found.picture is None:
        return ""
    near = sum(not point.here for point in found.picture.points)
    facts = {"place": named(found.call.place), "n": near}
    label = ngettext("%(place)s的位置，附近 %(n)d 处有人", "%(place)s的位置，附近 %(n)d 处有人", near) % facts
    return render_to_string("places/_picture.html", {"picture": found.picture, "label": label, "slice": True})


def transfers(found: Panel, back: str) -> dict[str, list[dict[str, Any]]]:
    """Where the call may be handed on: those to think of first, and the rest in the menu."""
    rest = [target for target in Target if target not in found.numbers]
    first = [hand_on(found.call, target, back) for target in found.numbers]
    others = [hand_on(found.call, target, back) for target in rest]
    return {"first": first, "rest": others, "all": [*first, *others]}


def hand_on(call: Call, target: Target, back: str) -> dict[str, Any]:
    """One place to hand a call on to, with the dialog that asks once more."""
    label = str(target.label)
    facts = {"where": label}
    return {
        "id": f"transfer-{target.value}",
        "label": label,
        "code": target.value,
        "word": label.removeprefix(target.value).strip(),
        "tel": f"tel:{target.value}" if target.value.isdigit() else "",
        "hand_on": _("转%(where)s") % facts,
        "question": _("把这件求助转给%(where)s？") % facts,
        "body": _("转出后这件求助就结束了，求助人会收到消息。危急的事请先打电话，确认对方接手。"),
        "action": reverse("calls:step", args=[call.public_id, "transfer"]),
        "hidden": {"target": target.value, "next": back},
    }


def time_of(at: datetime) -> str:
    """14:30 today, 11/21 14:30 on another day."""
    local = clock.local(at)
    day = "" if local.date() == clock.today() else f"{local.month}/{local.day} "
    return f"{day}{local:%H:%M}"


def sentence(line: dict[str, Any]) -> str:
    """王敏：已受理（note）."""
    who, body = line.get("who"), line.get("body")
    text = _("%(who)s：%(title)s") % {"who": who, "title": line["title"]} if who else str(line["title"])
    return f"{text} · {body}" if body else text
