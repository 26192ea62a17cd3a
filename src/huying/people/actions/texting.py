"""Text messages leave through an outbox and a gateway that the installation chooses; never inside a
transaction.
"""

from __future__ import annotations

import json
import logging
import os
import urllib.request
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from huying.kernel import clock, jobs
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin
from huying.people.models import OutgoingText
from huying.people.states import Texting

log = logging.getLogger("huying.texts")
DEMO_KEPT = 20


class Gateway(Protocol):
    """Hands one text message to a carrier. ``key`` is the same for each attempt, so the carrier can drop
    repeats.
    """

    def send(self, phone: str, words: str, key: str) -> str:
        """The carrier's reference; raises when the message was not taken (the job tries again)."""


class Console:
    """For demonstrations: writes the message to the server's log and to a file of the demo page; sends
    nothing.
    """

    def send(self, phone: str, words: str, key: str) -> str:
        log.warning("text message to *******%s: %s", phone[-4:], words)
        path = demo_file()
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [
            *demo_texts(),
            {"at": clock.now().isoformat(), "phone": "*" * 7 + phone[-4:], "words": words},
        ]
        written = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines[-DEMO_KEPT:])
        beside = path.with_suffix(f".{os.getpid()}")
        beside.write_text(written)
        beside.replace(path)
        return f"console-{key}"


class Http:
    """For carriers and city message centres: one JSON POST to HUYING_SMS_URL, ten seconds at most."""

    def send(self, phone: str, words: str, key: str) -> str:
        body = json.dumps({"phone": phone, "text": words, "key": key}).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        if settings.HUYING_SMS_TOKEN:
            headers["Authorization"] = f"Bearer {settings.HUYING_SMS_TOKEN}"
        request = urllib.request.Request(settings.HUYING_SMS_URL, body, headers)  # noqa: S310 - set by the operator
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return str(json.loads(answer.read(10_000) or b"{}").get("reference", ""))[:80]


GATEWAYS: dict[str, type[Gateway]] = {"console": Console, "http": Http}


def gateway_name() -> str:
    """The gateway in use: "console", "http", a dotted path, or "" when text messages are switched off."""
    return str(settings.HUYING_SMS_GATEWAY)


def gateway() -> Gateway:
    name = gateway_name()
    found = GATEWAYS.get(name) or import_string(name)
    made: Gateway = found()
    return made


def queue_text(*, phone: str, words: str, life: timedelta) -> OutgoingText:
    """Put a message into the outbox, in the caller's transaction; it is dropped when ``life`` is over."""
    now = clock.now()
    row = OutgoingText.objects.create(phone=phone, words=words, created_at=now, expires_at=now + life)
    jobs.enqueue("people.send_text", text_id=row.pk)
    return row


def send_text(*, actor: Actor, text_id: int) -> None:
    """Hand one queued message to the gateway and empty it. Run by the job, outside any transaction."""
    row = OutgoingText.objects.filter(pk=text_id, state=Texting.QUEUED).first()
    if row is None:
        return
    state, reference = Texting.DROPPED, ""
    if clock.now() < row.expires_at and row.phone and row.words:
        jobs.check_fence()
        reference = gateway().send(row.phone.open(), row.words.open(), str(row.public_id))
        state = Texting.SENT
    with begin(actor):
        OutgoingText.objects.filter(pk=text_id, state=Texting.QUEUED).update(
            state=state, phone=None, words=None, ended_at=clock.now(), reference=reference
        )


def forget_texts() -> int:
    """Delete handed-over messages after a week; empty those that nobody took before they expired."""
    now = clock.now()
    late = OutgoingText.objects.filter(state=Texting.QUEUED, expires_at__lt=now)
    late.update(state=Texting.DROPPED, phone=None, words=None, ended_at=now)
    return OutgoingText.objects.filter(created_at__lt=now - timedelta(days=7)).delete()[0]


def demo_file() -> Path:
    return Path(settings.DATA) / "demo" / "texts.jsonl"


def demo_texts() -> list[dict[str, str]]:
    """The last messages of the console gateway, oldest first."""
    path = demo_file()
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines() if line]
