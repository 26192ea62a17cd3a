"""A demonstration whose loading is cut off leaves nothing behind, and the next load makes it whole."""

from __future__ import annotations

import io
import os
import signal
from datetime import datetime

import pytest
from django.core.management import call_command
from django.db import connections

from huying.calls.models import Call
from huying.config.demo import calls
from huying.kernel import clock
from huying.kernel.models import AuditLine
from huying.people.models import Account, Person
from huying.places.models import Place
from tests.invariants import broken_rules

NIGHT = datetime(2027, 1, 1, 0, 3, tzinfo=clock.SHANGHAI)
"""The least convenient moment: the day is three minutes old, a holiday, and of a year nobody has announced yet."""


def left_behind() -> dict[str, int]:
    found = {model.__name__: model._default_manager.count() for model in (Account, Person, Place, Call, AuditLine)}
    return {name: number for name, number in found.items() if number}


def test_a_load_that_fails_leaves_nothing_and_the_next_is_whole(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(theatre: calls.Theatre) -> None:
        raise OSError("the disk is full")

    with clock.frozen(NIGHT):
        with monkeypatch.context() as patch:
            patch.setattr(calls.Theatre, "play", fails)
            with pytest.raises(OSError, match="the disk is full"):
                call_command("demo", stdout=io.StringIO())
        assert left_behind() == {}

        call_command("demo", stdout=io.StringIO())

        assert Call.objects.count() >= 40
        assert broken_rules() == []


def test_a_load_that_is_killed_leaves_nothing(committed_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(calls, "load_menu", dies)  # places and people are written by then, calls are not
    connections.close_all()
    child = os.fork()
    if not child:
        try:
            call_command("demo", stdout=io.StringIO())
        finally:
            os._exit(0)
    _pid, status = os.waitpid(child, 0)

    assert os.WIFSIGNALED(status)
    assert left_behind() == {}
