"""Whether a rush was fair: what the database holds, and whether every answer that somebody got is true."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest

from huying.activities.management.rush.clients import Answer
from huying.activities.models import Shift, SignUp
from huying.activities.states import HOLDING, LIVE, SignUpState
from huying.kernel.models.audit import AuditLine


def violations(shift: Shift, people: Sequence[int], answers: Iterable[Answer]) -> list[str]:
    """Every broken promise in words; empty when the rush was fair."""
    shift.refresh_from_db()
    rows = list(SignUp.objects.filter(shift=shift).order_by("id"))
    given = list(answers)
    sorts = [places(shift, rows), one_each(rows, people), in_order(shift, rows), untrue(rows, people, given)]
    return [words for found in sorts for words in found]


def places(shift: Shift, rows: Sequence[SignUp]) -> list[str]:
    """Exactly as many places given as there are (or as there were people), and counted as they stand."""
    held = sum(row.count for row in rows if row.state in HOLDING)
    line = sum(row.count for row in rows if row.state == SignUpState.WAITING)
    due = min(shift.capacity, held + line)
    found = [] if held == due else [f"{held} places given, {due} were due ({shift.capacity} there)"]
    if (shift.taken, shift.waiting) != (held, line):
        found.append(f"the shift counts {shift.taken} and {shift.waiting}, but {held} hold and {line} wait")
    return found


def one_each(rows: Sequence[SignUp], people: Sequence[int]) -> list[str]:
    """Everybody who pressed stands there once, and nobody else."""
    standing = sorted(row.person_id or 0 for row in rows if row.state in LIVE)
    twice = sorted({one for one, other in pairwise(standing) if one == other})
    lost, strange = set(people) - set(standing), set(standing) - set(people)
    found = [f"person {one} stands there twice" for one in twice]
    found += [f"person {one} pressed and does not stand there" for one in sorted(lost)]
    return found + [f"person {one} stands there and did not press" for one in sorted(strange)]


def in_order(shift: Shift, rows: Sequence[SignUp]) -> list[str]:
    """Nobody got a place after the first one had to wait, and three witnesses agree on the order of arrival: the keys
    of the sign-ups, the moments they were written at, and the lines of the trail, which the database wrote one by one.
    """
    first_waiting = next((row.pk for row in rows if row.state == SignUpState.WAITING), None)
    found = [
        f"sign-up {row.pk} has a place, though {first_waiting} before it waits"
        for row in rows
        if first_waiting is not None and row.pk > first_waiting and row.state in HOLDING
    ]
    found += [f"sign-up {b.pk} was written before {a.pk}" for a, b in pairwise(rows) if b.at < a.at]
    keys = [row.pk for row in rows]
    lines = AuditLine.objects.filter(verb="signup.make", subject_type=SignUp._meta.label, subject_id__in=keys)
    trail = list(lines.order_by("id").values_list("subject_id", flat=True))
    if trail != keys:
        found.append(f"the trail of shift {shift.pk} tells another order, or not of all: {len(trail)} of {len(keys)}")
    return found


def untrue(rows: Sequence[SignUp], people: Sequence[int], answers: Sequence[Answer]) -> list[str]:
    """Answers that do not correspond to the row they spoke of, and people who were never answered."""
    by_key = {str(row.public_id): row for row in rows}
    found = []
    for one in answers:
        if one.broken:
            found.append(f"person {one.person} was answered {one.broken} times with an error of the server")
        if one.status != 303:
            found.append(f"person {one.person} was answered {one.status}")
            continue
        row = by_key.get(one.location.rstrip("/").rpartition("/")[2])
        if row is None or row.person_id != one.person or row.state not in LIVE:
            found.append(f"person {one.person} was shown {one.location}, which is not his sign-up")
        elif spoken(one) not in {"", row.state}:
            found.append(f"person {one.person} was told {spoken(one)}, but is {row.state}")
    silent = set(people) - {one.person for one in answers}
    found += [f"person {one} was never answered" for one in sorted(silent)]
    return found + overtaken(rows, answers)


def overtaken(rows: Sequence[SignUp], answers: Sequence[Answer]) -> list[str]:
    """Whoever had his answer before another one even began to press stands before him."""
    at = {one.person: one for one in answers}
    found, earliest, who = [], float("inf"), 0
    for row in sorted(rows, key=lambda row: -row.pk):
        one = at.get(row.person_id or 0)
        if one is None:
            continue
        if earliest < one.sent:
            found.append(f"person {who} was answered before {one.person} pressed, and stands behind him")
        if one.answered < earliest:
            earliest, who = one.answered, one.person
    return found


def spoken(answer: Answer) -> str:
    """The state that the words of an answer spoke of; empty when it brought none (a repeated answer has only its way)."""
    if not answer.said:
        return ""
    request = HttpRequest()
    request.COOKIES[CookieStorage.cookie_name] = answer.said.strip('"')
    said = "".join(str(one) for one in CookieStorage(request))
    return SignUpState.WAITING if "候补" in said else SignUpState.SIGNED
