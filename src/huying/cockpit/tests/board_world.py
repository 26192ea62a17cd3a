"""A county that has done something: calls in every state at one community, hours and attendances this month and last."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import reverse

from huying.calls.queries import counting
from huying.calls.states import State
from huying.calls.tests.factories import Cast
from huying.cockpit.rules.board_periods import Against, Span, Stretch, span, whole
from huying.figures import actions as figure_actions
from huying.figures.actions import Word
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.places.models import Place

SYSTEM = Actor.system("tests")


def fill(cast: Cast) -> None:
    """Calls in every state at home, told to figures; minutes of service and attendances, this month and before."""
    for state in (State.SUBMITTED, State.POOLED, State.ACCEPTED, State.DELIVERED, State.CLOSED, State.CLOSED):
        cast.call(state)
    figure_actions.count(actor=SYSTEM, words=list(counting.recounted_calls()))
    today, last = clock.today(), clock.today() - timedelta(days=28)
    told = [
        Word("tests.Record", 1, "service_minutes", cast.home.pk, today, 90),
        Word("tests.Record", 2, "service_minutes", cast.home.pk, last, 60),
        Word("tests.Record", 3, "attended", cast.home.pk, today, 12),
        Word("tests.Record", 4, "calls_closed", cast.away.pk, today, 4),
        Word("tests.Record", 5, "calls_on_time", cast.away.pk, today, 1),
        Word("tests.Record", 6, "calls_due_net", cast.away.pk, today, 4),
        Word("tests.Record", 7, "calls_due_on_time", cast.away.pk, today, 1),
    ]
    figure_actions.count(actor=SYSTEM, words=told)


def month(against: Against = Against.PREVIOUS) -> Span:
    return span(Stretch.MONTH, whole(Stretch.MONTH, clock.today()), clock.today(), against)


def url(place: Place, name: str = "board", **asked: str) -> str:
    query = "&".join(f"{key}={value}" for key, value in asked.items())
    return reverse(f"cockpit:{name}", args=[place.public_id]) + (f"?{query}" if query else "")


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:2000]
    return str(answer.content.decode())


def tile(page: Any, code: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in page.context["tiles"] if one["code"] == code)
    return found
