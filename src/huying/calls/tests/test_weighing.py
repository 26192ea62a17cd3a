"""What matching is told about calls and helpers is what the list of candidates judges by."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from huying.calls import actions, queries
from huying.calls.models import Call, Offer
from huying.calls.queries import weighing
from huying.calls.states import OfferState, State
from huying.calls.tests.factories import START, Cast, actor, kind, person, run_out, skill, volunteer
from huying.kernel import clock
from huying.volunteers.models import Volunteer
from huying.volunteers.states import SLOTS

pytestmark = pytest.mark.django_db


def who(found: weighing.Matter) -> list[tuple[str, int]]:
    return [found.who(n) for n in range(len(found.helpers))]


def people(found: weighing.Matter) -> set[int]:
    """Volunteers who may get something: they have room for one more."""
    room = found.helpers.load < found.helpers.load_limit
    return {key for (field, key), free in zip(who(found), room, strict=True) if field == "volunteer" and free}


def test_who_is_weighed_is_who_is_proposed_for_one_call_too(cast: Cast) -> None:
    call = cast.call(State.POOLED)
    resting = volunteer(person("冯远", cast.home), cast.home, paused_until=clock.today())
    gone = volunteer(person("褚平", cast.home), cast.home, left_at=clock.now())
    none = volunteer(person("卫东", cast.home), cast.home, weekly_limit=0)

    found = weighing.matter(cast.home)

    one_by_one = {
        one.public_id for one in queries.candidates(actor(cast.keeper), call, 50) if one.field == "volunteers"
    }
    together = set(Volunteer.objects.filter(pk__in=people(found)).values_list("public_id", flat=True))
    assert together == one_by_one
    assert not together & {resting.public_id, gone.public_id, none.public_id}
    assert not {resting.pk, gone.pk, none.pk} & {key for _field, key in who(found)}


def test_who_holds_as_many_as_he_wants_gets_nothing_and_who_holds_fewer_is_dearer(cast: Cast) -> None:
    cast.call(State.ACCEPTED)
    cast.call(State.POOLED)

    found = weighing.matter(cast.home)

    at = who(found).index(("volunteer", cast.li.pk))
    assert found.helpers.load[at] == 1
    Volunteer.objects.filter(pk=cast.li.pk).update(weekly_limit=1)
    assert cast.li.pk not in people(weighing.matter(cast.home))


def test_who_was_asked_and_the_one_served_are_barred_and_who_helped_before_is_known(cast: Cast) -> None:
    cast.call(State.CLOSED)
    asked = cast.call(State.DISPATCHED)
    with clock.frozen(START + timedelta(minutes=1)):
        actions.decline(actor=actor(cast.li.person), call=asked)
        run_out(asked)
    own = volunteer(cast.resident, cast.home)
    Offer.objects.filter(state=OfferState.DONE).update(volunteer=cast.he)

    found = weighing.matter(cast.home)

    barred = {who(found)[at] for at in found.needs.barred.who}
    assert found.calls.tolist() == [asked.pk]
    assert barred == {("volunteer", cast.li.pk), ("volunteer", own.pk)}
    assert [who(found)[at] for at in found.needs.last.who] == [("volunteer", cast.he.pk)]


def test_skills_count_when_they_are_proven_and_the_time_wished_is_a_part_of_the_week(cast: Cast) -> None:
    plumbing = skill("plumbing", "修水管")
    fixing = kind("fixing")
    fixing.skills.add(plumbing)
    cast.he.skills.add(plumbing)
    Volunteer.objects.filter(pk=cast.he.pk).update(availability=[4])
    call = cast.call(State.POOLED, kind=fixing)
    tuesday_afternoon = START + timedelta(hours=5)
    Call.objects.filter(pk=call.pk).update(
        wanted_from=tuesday_afternoon, wanted_to=tuesday_afternoon + timedelta(hours=1)
    )

    found = weighing.matter(cast.home)

    at = who(found).index(("volunteer", cast.he.pk))
    li = who(found).index(("volunteer", cast.li.pk))
    assert found.needs.slots[0] == 1 << 4
    assert found.helpers.slots[at] & found.needs.slots[0]
    assert found.helpers.skills[at] & found.needs.skills[0] == found.needs.skills[0]
    assert not found.helpers.skills[li] & found.needs.skills[0]
    plumbing.needs_proof = True
    plumbing.save()
    assert not weighing.matter(cast.home).helpers.skills[at]


@pytest.mark.parametrize(
    ("named", "parts"),
    [
        ([], list(range(SLOTS + 1))),
        ([0], [0]),
        ([20], [20]),
        ([2, 5, 7, 19], [2, 5, 7, 19]),
        (list(range(SLOTS)), list(range(SLOTS))),
        ([4, 4, 1], [1, 4]),
        ([3, SLOTS + 9], [3]),
        ([None, 6], [6]),
        ([*range(SLOTS), 3], list(range(SLOTS))),
    ],
)
def test_the_parts_somebody_named_are_his_bits_and_no_others(cast: Cast, named: list[Any], parts: list[int]) -> None:
    Volunteer.objects.filter(pk=cast.he.pk).update(availability=named)

    found = weighing.matter(cast.home)

    at = who(found).index(("volunteer", cast.he.pk))
    assert found.helpers.slots[at] == sum(1 << part for part in {*parts, SLOTS})


@pytest.mark.parametrize(
    ("day", "hour", "part"), [(0, 0, 0), (0, 11, 0), (0, 12, 1), (0, 17, 1), (0, 18, 2), (6, 23, 20), (3, 9, 9)]
)
def test_the_part_of_a_wish_is_read_from_the_clock_in_china(cast: Cast, day: int, hour: int, part: int) -> None:
    call = cast.call(State.POOLED)
    wish = datetime(2026, 3, 2 + day, hour, 59, 59, tzinfo=clock.SHANGHAI)  # the second is a Monday
    Call.objects.filter(pk=call.pk).update(wanted_from=wish, wanted_to=wish + timedelta(seconds=1))

    assert weighing.matter(cast.home).needs.slots.tolist() == [1 << part]


def test_the_number_of_queries_does_not_grow_with_calls_and_helpers(
    cast: Cast, django_assert_max_num_queries: object
) -> None:
    for n in range(3):
        cast.call(State.POOLED)
        volunteer(person(f"志愿{n}", cast.home), cast.home)

    with django_assert_max_num_queries(13):  # type: ignore[operator]
        weighing.matter(cast.home)


def test_pages_do_without_numpy_and_the_job_gives_back_what_the_compiler_takes() -> None:
    code = """
import sys, django
django.setup()
import huying.config.urls
print(sorted({"numpy", "numba", "ortools"} & set(sys.modules)))
from huying.calls.queries import weighing
from huying.matching import apart
print("numba" in sys.modules)
"""
    env = {**os.environ, "PYTHONPATH": str(Path(weighing.__file__).resolve().parents[3])}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)

    assert done.stdout.split("\n")[:2] == ["[]", "False"], done.stderr
