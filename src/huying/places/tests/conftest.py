"""Pages as somebody: the actor is given, signing in is the business of people."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from django.utils.module_loading import import_string

from huying.kernel.actor import ANONYMOUS, Actor
from huying.kernel.chance import uuid7


@pytest.fixture
def as_actor(monkeypatch: pytest.MonkeyPatch) -> Callable[[Actor], Client]:
    """A browser whose every request comes from the given actor, with a fresh key on each write.

    He has no account, with which what screens say would come (decision 0044); so nothing is said otherwise here, and
    questions are counted as those of somebody who is signed in.
    """
    monkeypatch.setattr(settings, "HUYING_WORDS", "")
    path = next(name for name in settings.MIDDLEWARE if name.endswith(".ActorMiddleware"))

    def browser(actor: Actor) -> Client:
        monkeypatch.setattr(import_string(path), "actor", lambda self, request: actor)
        return Browser()

    return browser


class Browser(Client):
    """A client that sends an idempotency key with each write."""

    def post(self, path: str, data: object = None, **extra: object) -> object:  # type: ignore[override]
        extra.setdefault("HTTP_IDEMPOTENCY_KEY", str(uuid7()))
        return super().post(path, data, **extra)


@pytest.fixture
def anonymous(as_actor: Callable[[Actor], Client]) -> Client:
    return as_actor(ANONYMOUS)
