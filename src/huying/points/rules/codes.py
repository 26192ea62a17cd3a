"""Pick-up codes: eight digits from the exchange and its serial under the platform's key; only their hash is stored.

Booklets carry six more digits beside their number, made the same way: who only knows the number cannot exchange.
"""

from __future__ import annotations

import hashlib
import hmac
from uuid import UUID

from django.conf import settings

from huying.kernel import signing
from huying.kernel.sealed import BlindIndex, blind_index
from huying.points.states import CODE_DIGITS, MARK_DIGITS, NUMBER_DIGITS

PURPOSE, BOOKLET = "points.code", "points.booklet"


def digits(gift: UUID, serial: int) -> str:
    """The code of this exchange; another one for each serial."""
    return made_of(gift, serial, PURPOSE, CODE_DIGITS)


def made_of(key_of: UUID, serial: int, purpose: str, length: int) -> str:
    key = signing.key_for(settings.SECRET_KEY, purpose)
    mac = hmac.new(key, key_of.bytes + serial.to_bytes(2, "big"), hashlib.sha256).digest()
    return str(int.from_bytes(mac[:8]) % 10**length).zfill(length)


def is_code(typed: str, gift: UUID, serial: int) -> bool:
    """What was typed or scanned is this code."""
    return hmac.compare_digest(plain(typed), digits(gift, serial))


def mark(passbook: UUID, booklet: int) -> str:
    """The digits on a booklet beside its number; others on the next booklet, when this one was lost."""
    return made_of(passbook, booklet, BOOKLET, MARK_DIGITS)


def read_booklet(typed: str) -> tuple[str, str]:
    """(number, mark) of what was typed or scanned; the mark is "" where only the number is there."""
    found = plain(typed)
    return found[:NUMBER_DIGITS], found[NUMBER_DIGITS:]


def is_booklet(typed: str) -> bool:
    """What was typed or scanned is the square of a booklet, not a pick-up code."""
    return len(plain(typed)) == NUMBER_DIGITS + MARK_DIGITS


def is_mark(typed: str, passbook: UUID, booklet: int) -> bool:
    return hmac.compare_digest(plain(typed), mark(passbook, booklet))


def plain(typed: str) -> str:
    """Its ASCII digits, without the blanks and dashes between them."""
    return "".join(one for one in typed if one in "0123456789")


def index_of(code: str) -> BlindIndex:
    """What a typed or scanned code is looked up by."""
    return blind_index(plain(code), PURPOSE)
