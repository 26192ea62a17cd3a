from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import ProgrammingError, transaction

from huying.kernel import audit, clock
from huying.kernel.actor import ANONYMOUS, Actor
from huying.kernel.models import AuditLine, HolidayNotice
from huying.kernel.transactions import begin

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
EXCEPT_ID = [f.name for f in AuditLine._meta.fields if f.name != "id"]


def line(of: AuditLine) -> dict[str, object]:
    return AuditLine.objects.values(*EXCEPT_ID).get(pk=of.pk)


def test_a_line_says_who_for_whom_through_which_door_from_where_and_why() -> None:
    subject = HolidayNotice.objects.create(year=2027, source="国务院", entered_at=AT)
    who = Actor(person_id=7, channel="phone", address="10.1.2.3").behalf(9, "听力不便")

    with clock.frozen(AT):
        made = audit.record(who, "call.submit", subject, place_path="/1/2/", changes={"from": "draft"})

    assert line(made) == {
        "at": AT,
        "person_id": 7,
        "on_behalf_of_id": 9,
        "system": "",
        "channel": "phone",
        "address": "10.1.2.3",
        "verb": "call.submit",
        "subject_type": "kernel.HolidayNotice",
        "subject_id": subject.pk,
        "place_path": "/1/2/",
        "changes": {"from": "draft"},
        "reason": "听力不便",
    }


@pytest.mark.parametrize(
    ("who", "person", "system", "channel"),
    [(Actor.system("calls.clocks"), None, "calls.clocks", "system"), (ANONYMOUS, None, "", "web")],
)
def test_jobs_and_visitors_are_told_apart(who: Actor, person: int | None, system: str, channel: str) -> None:
    made = audit.record(who, "x", None)

    assert (made.person_id, made.system, made.channel, made.address) == (person, system, channel, None)


def test_a_reason_given_with_the_act_wins() -> None:
    assert audit.record(Actor(person_id=1, reason="general"), "x", None, reason="this one").reason == "this one"


def test_a_line_goes_when_the_act_goes() -> None:
    with pytest.raises(ZeroDivisionError), begin(Actor(person_id=1)):
        audit.record(Actor(person_id=1), "x", None)
        1 / 0  # noqa: B018

    assert not AuditLine.objects.exists()


@pytest.mark.parametrize("attempt", ["update", "delete"])
def test_the_application_cannot_change_or_remove_a_line(attempt: str) -> None:
    audit.record(Actor(person_id=1), "x", None)
    rows = AuditLine.objects.all()

    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        rows.update(verb="y") if attempt == "update" else rows.delete()
    assert [one.verb for one in rows] == ["x"]
