"""The one list of what follows from what: every job in it exists and takes the facts of its event."""

from __future__ import annotations

import inspect
from dataclasses import fields

import pytest

from huying.calls.actions.crediting import CallServed
from huying.config.reactions import REACTIONS
from huying.kernel.jobs import app

FOLLOWS = [(event, job) for event, jobs in REACTIONS.items() for job in jobs]


@pytest.mark.parametrize(("event", "job"), FOLLOWS, ids=[f"{event.__name__} {job}" for event, job in FOLLOWS])
def test_the_job_exists_and_takes_what_the_event_says(event: type, job: str) -> None:
    assert job in app.tasks
    inspect.signature(app.tasks[job].func).bind(**{field.name: 1 for field in fields(event)})


def test_service_is_handed_in_at_the_end_of_a_call() -> None:
    assert REACTIONS[CallServed] == ["calls.hand_in"]
