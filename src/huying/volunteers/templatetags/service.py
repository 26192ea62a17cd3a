"""``{% load service %}``: minutes as hours, the tone of a record's state."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

from huying.kernel import clock
from huying.volunteers.models import ServiceSession
from huying.volunteers.states import RecordState, SessionState

register = template.Library()
TONES = {
    RecordState.SUBMITTED: "gui",
    RecordState.RETURNED: "kaki",
    RecordState.CONFIRMED: "pine",
    RecordState.CORRECTING: "gui",
    RecordState.WITHDRAWN: "ink",
}


@register.filter
def hours(minutes: int | None) -> str:
    """90 -> 1.5; hours with at most two places, as certificates write them."""
    return f"{(minutes or 0) / 60:.2f}".rstrip("0").rstrip(".")


@register.filter
def unlocalized(number: int) -> str:
    """A year or a key without separators."""
    return str(number)


@register.filter
def record_tone(state: str) -> str:
    """The colour of a state; its words say the same."""
    return TONES[RecordState(state)]


@register.filter
def session_phase(session: ServiceSession) -> str:
    """How a session stands now: not begun, going on, over but not closed, closed."""
    if session.state == SessionState.CLOSED:
        return str(session.get_state_display())
    now = clock.now()
    if now < session.starts_at:
        return _("未开始")
    return _("该结束了") if now > session.ends_at else str(session.get_state_display())


@register.filter
def session_tone(session: ServiceSession) -> str:
    """The colour of that."""
    if session.state == SessionState.CLOSED:
        return "ink"
    now = clock.now()
    return "dai" if now < session.starts_at else "kaki" if now > session.ends_at else "pine"
