"""The rush is judged rightly: a fair one passes, and every kind of unfairness is found and named."""

from __future__ import annotations

import json
import os
from io import StringIO
from pathlib import Path

import pytest
from conftest import url_for
from django.core.management import CommandError, call_command
from django.db import connection

import huying
from huying.activities.management.rush import judging
from huying.activities.management.rush.clients import Answer
from huying.activities.models import Shift, SignUp
from huying.activities.tests.factories import come, pressed, shift_of
from huying.calls.tests.browsing import browser


def fair(world):
    """Five people for three places, one after the other: the shift, the people, and what each was answered."""
    shift = shift_of(world.published())
    rows = [come(world.guest(), shift) for _ in range(5)]
    answers = [
        Answer(one.person_id, n, n + 0.5, 303, f"/activities/sign-ups/{one.public_id}/", False, "", 0, 0, 0)
        for n, one in enumerate(rows)
    ]
    return shift, [one.person_id for one in rows], answers


def test_a_fair_rush_has_no_violations(world):
    assert judging.violations(*fair(world)) == []


def test_a_place_too_many_is_found(world):
    shift, people, answers = fair(world)
    last = SignUp.objects.order_by("id").last()
    SignUp.objects.filter(pk=last.pk).update(state="signed")

    found = " ".join(judging.violations(shift, people, answers))

    assert "4 places given, 3 were due" in found and "the shift counts 3 and 2" in found
    assert f"sign-up {last.pk} has a place, though" in found


def test_a_place_that_nobody_got_is_found(world):
    shift, people, answers = fair(world)
    SignUp.objects.filter(pk=SignUp.objects.order_by("id").first().pk).update(state="waiting")
    Shift.objects.filter(pk=shift.pk).update(taken=2, waiting=3)

    assert "2 places given, 3 were due (3 there)" in judging.violations(shift, people, answers)


def test_somebody_who_was_forgotten_or_never_answered_is_found(world):
    shift, people, answers = fair(world)
    SignUp.objects.filter(person_id=people[4]).update(state="cancelled")

    found = " ".join(judging.violations(shift, [*people, 999_999], answers[1:]))

    assert f"person {people[4]} pressed and does not stand there" in found
    assert f"person {people[4]} was shown" in found
    assert f"person {people[0]} was never answered" in found and "person 999999 was never answered" in found


def test_an_error_of_the_server_and_another_answer_are_found(world):
    shift, people, answers = fair(world)
    answers[0], answers[1] = answers[0]._replace(broken=1), answers[1]._replace(status=409)

    assert judging.violations(shift, people, answers) == [
        f"person {people[0]} was answered 1 times with an error of the server",
        f"person {people[1]} was answered 409",
    ]


def test_words_that_are_not_true_are_found(world):
    shift, guest = shift_of(world.published()), world.guest()
    answer = pressed(browser(guest), "join", shift.session.public_id)
    said = answer.cookies["messages"].value
    told = Answer(guest.pk, 0, 1, 303, answer["Location"], False, said, 0, 0, 0)

    assert judging.violations(shift, [guest.pk], [told]) == []
    SignUp.objects.update(state="waiting")
    assert f"person {guest.pk} was told signed, but is waiting" in judging.violations(shift, [guest.pk], [told])


def test_somebody_who_overtook_is_found(world):
    shift, people, answers = fair(world)
    answers[4] = answers[4]._replace(sent=0.1, answered=0.2)

    assert judging.violations(shift, people, answers) == [
        f"person {people[4]} was answered before {person} pressed, and stands behind him" for person in people[3:0:-1]
    ]


def test_a_small_rush_through_http_with_kills_is_fair(committed_db, monkeypatch):
    monkeypatch.setenv("HUYING_BENCH", "1")
    monkeypatch.setenv("HUYING_DATABASE_URL", url_for(connection.settings_dict["NAME"], "huying_app"))
    source = str(Path(huying.__file__).parents[1])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([source, os.environ.get("PYTHONPATH", "")]))
    told = StringIO()

    call_command("bench_rush", people=80, places=12, kills=2, connections=8, rounds=0, stdout=told)

    said = json.loads(told.getvalue())
    assert said["violations"] == []
    assert (said["figures"]["places_given"], said["figures"]["waiting"]) == (12, 68)
    assert (said["figures"]["kills_web_process"], said["figures"]["kills_jobs"]) == (1, 1)


def test_the_bench_refuses_a_database_that_is_not_thrown_away(db, monkeypatch):
    monkeypatch.delenv("HUYING_BENCH", raising=False)

    with pytest.raises(CommandError, match="huying bench rush"):
        call_command("bench_rush")
