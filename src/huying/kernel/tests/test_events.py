from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import TaskNotFound

from huying.kernel import events
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class LampLit:
    lamp_id: int
    street: str


@dataclass(frozen=True)
class LampOut:
    lamp_id: int


@pytest.fixture(autouse=True)
def reactions() -> Iterator[None]:
    before = dict(events._reactions)
    yield
    events.connect(before)


def queued() -> list[tuple[str, dict[str, object]]]:
    return list(ProcrastinateJob.objects.order_by("id").values_list("task_name", "args"))


def test_every_job_that_follows_an_event_is_queued_with_its_facts() -> None:
    events.connect({LampLit: ["kernel.forget_old", "kernel.heal"], LampOut: ["kernel.heal"]})

    events.publish(LampLit(lamp_id=3, street="青禾街道"))

    facts = {"lamp_id": 3, "street": "青禾街道"}
    assert queued() == [("kernel.forget_old", facts), ("kernel.heal", facts)]


def test_an_event_that_nothing_follows_is_quiet() -> None:
    events.connect({LampOut: ["kernel.heal"]})

    events.publish(LampLit(lamp_id=3, street=""))

    assert queued() == []


def test_jobs_of_an_event_vanish_with_the_act() -> None:
    events.connect({LampOut: ["kernel.forget_old"]})

    with pytest.raises(ZeroDivisionError), begin(Actor(person_id=1)):
        events.publish(LampOut(lamp_id=1))
        1 / 0  # noqa: B018

    assert queued() == []


def test_a_reaction_that_does_not_exist_stops_the_act() -> None:
    events.connect({LampOut: ["lamps.no_such_job"]})

    with pytest.raises(TaskNotFound):
        events.publish(LampOut(lamp_id=1))


def test_every_reaction_of_the_product_is_a_known_job() -> None:
    from procrastinate.contrib.django import app

    named = {name for names in events._reactions.values() for name in names}

    assert named
    assert named <= set(app.tasks)
