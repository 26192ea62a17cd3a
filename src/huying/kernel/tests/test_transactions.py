from __future__ import annotations

import pytest
from django.db import connection, transaction

from huying.kernel import afterwards, jobs
from huying.kernel.actor import Actor
from huying.kernel.models import JobEffect
from huying.kernel.transactions import begin, open_action

ANNA = Actor(person_id=41)


def acting() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('huying.actor', true)")
        return cursor.fetchone()[0] or ""


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("committed_db")
def test_the_database_knows_who_acts_for_this_transaction_only() -> None:
    assert acting() == ""
    with begin(ANNA):
        assert acting() == "41"
        with begin(Actor.system("calls.clocks")):
            assert acting() == "calls.clocks"
    assert acting() == ""


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("committed_db")
def test_an_action_happens_whole_or_not_at_all() -> None:
    with pytest.raises(ZeroDivisionError), begin(ANNA):
        jobs.effect("half")
        1 / 0  # noqa: B018
    with begin(ANNA):
        jobs.effect("whole")

    assert list(JobEffect.objects.values_list("key", flat=True)) == ["whole"]
    assert open_action.get() is None


@pytest.mark.django_db
def test_an_inner_action_may_fail_alone() -> None:
    with begin(ANNA):
        jobs.effect("outer")
        with pytest.raises(ZeroDivisionError), begin(ANNA):
            jobs.effect("inner")
            1 / 0  # noqa: B018

    assert list(JobEffect.objects.values_list("key", flat=True)) == ["outer"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("committed_db")
@pytest.mark.parametrize("fails", [False, True])
def test_what_is_kept_for_afterwards_is_written_either_way(fails: bool) -> None:
    def alarm() -> None:
        assert not connection.in_atomic_block
        jobs.effect("alarm")

    try:
        with begin(ANNA):
            jobs.effect("act")
            afterwards.later(alarm)
            assert not JobEffect.objects.filter(key="alarm").exists()
            if fails:
                raise ZeroDivisionError
    except ZeroDivisionError:
        pass

    assert set(JobEffect.objects.values_list("key", flat=True)) == ({"alarm"} if fails else {"act", "alarm"})


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("committed_db")
def test_an_alarm_that_fails_does_not_undo_the_act(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    with begin(ANNA):
        jobs.effect("act")
        afterwards.later(broken)
        afterwards.later(lambda: jobs.effect("second") and None)

    assert set(JobEffect.objects.values_list("key", flat=True)) == {"act", "second"}
    assert "after the transaction" in caplog.text


@pytest.mark.django_db
def test_a_reader_outside_any_action_waits_for_nothing() -> None:
    seen = []
    afterwards.later(lambda: seen.append("now"))
    with transaction.atomic():
        assert seen == ["now"]
