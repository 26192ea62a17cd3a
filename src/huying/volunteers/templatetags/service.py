"""``{% load service %}``: minutes as hours, the tone of a record's state."""

from __future__ import annotations

from django import template

from huying.volunteers.states import RecordState

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
