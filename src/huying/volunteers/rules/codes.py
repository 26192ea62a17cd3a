"""Codes by which people sign in and out: one that changes on the organiser's screen, one on paper, both also in digits.

A code is HMAC-SHA256 over session and time step (RFC 6238's idea), cut short; the link carries the same under the
platform's key. Nothing of it is stored, so nothing of it can leak from the database.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings

from huying.kernel import clock, signing
from huying.volunteers.models import ServiceSession
from huying.volunteers.states import STEP_SECONDS, TICKET_SECONDS, Way

PURPOSE, TICKET = "volunteers.code", "volunteers.ticket"
SHAPE = struct.Struct("!B16sQ")  # kind, session, step or serial
TICKET_SHAPE = struct.Struct("!B16sQQ")  # kind, session, person, end in seconds since 1970
KINDS = {1: Way.SCREEN, 2: Way.PAPER}
NUMBERS = {way: number for number, way in KINDS.items()}
DIGITS = {Way.SCREEN: 6, Way.PAPER: 8}


@dataclass(frozen=True, slots=True)
class Code:
    """What a link or a ticket says: of which session, by which way."""

    session: UUID
    way: Way


def step_now() -> int:
    return int(clock.now().timestamp()) // STEP_SECONDS


def screen_code(session: ServiceSession) -> str:
    """The link's text for this moment."""
    return signing.sign(SHAPE.pack(NUMBERS[Way.SCREEN], session.public_id.bytes, step_now()), PURPOSE)


def paper_code(session: ServiceSession) -> str:
    """The text of the printed link; void once a newer one is printed or its day is over."""
    return signing.sign(SHAPE.pack(NUMBERS[Way.PAPER], session.public_id.bytes, session.paper_serial), PURPOSE)


def digits(session: ServiceSession, way: Way, number: int) -> str:
    """The code for people who cannot scan: six digits on the screen, eight on paper."""
    key = signing.key_for(settings.SECRET_KEY, "volunteers.digits")
    mac = hmac.new(key, SHAPE.pack(NUMBERS[way], session.public_id.bytes, number), hashlib.sha256).digest()
    return str(int.from_bytes(mac[:8]) % 10 ** DIGITS[way]).zfill(DIGITS[way])


def typed(session: ServiceSession, way: Way) -> str:
    """The digits to type just now."""
    return digits(session, way, step_now() if way == Way.SCREEN else session.paper_serial)


def holds(session: ServiceSession, way: Way, number: int) -> bool:
    """Whether a code with this step or serial is good now: the present step and one each side; the last print."""
    if way == Way.SCREEN:
        return abs(number - step_now()) <= 1
    until = session.paper_until
    return until is not None and clock.now() < until and number == session.paper_serial


def read_code(text: str) -> tuple[Code, int]:
    """(session and way, step or serial) of a link; BadSignature for anything that was not made here."""
    kind, session, number = unpacked(SHAPE, text, PURPOSE)
    return Code(UUID(bytes=session), KINDS[kind]), number


def matches(session: ServiceSession, text: str) -> Way | None:
    """By which way these typed digits are good for the session now; None when they are not."""
    for number in (step_now() + more for more in (-1, 0, 1)):
        if hmac.compare_digest(digits(session, Way.SCREEN, number), text):
            return Way.SCREEN
    paper = session.paper_serial
    if holds(session, Way.PAPER, paper) and hmac.compare_digest(digits(session, Way.PAPER, paper), text):
        return Way.PAPER
    return None


def ticket(code: Code, person_id: int) -> str:
    """What a person who has just shown a good code may present for some minutes, nobody else."""
    end = int(clock.now().timestamp()) + TICKET_SECONDS
    return signing.sign(TICKET_SHAPE.pack(NUMBERS[code.way], code.session.bytes, person_id, end), TICKET)


def unticket(text: str, person_id: int) -> Code:
    """The code behind a ticket; BadSignature for another person's, a forged or an old one."""
    kind, session, owner, end = unpacked(TICKET_SHAPE, text, TICKET)
    if owner != person_id or end < clock.now().timestamp():
        raise signing.BadSignature
    return Code(UUID(bytes=session), KINDS[kind])


def unpacked(shape: struct.Struct, text: str, purpose: str) -> tuple[Any, ...]:
    try:
        return shape.unpack(signing.unsign(text, purpose))
    except struct.error:
        raise signing.BadSignature from None
