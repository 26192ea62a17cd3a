"""Pick-up codes: eight digits from the exchange and its serial under the platform's key; only their hash is stored."""

from __future__ import annotations

import hashlib
import hmac
from uuid import UUID

from django.conf import settings

from huying.kernel import signing
from huying.kernel.sealed import BlindIndex, blind_index
from huying.points.states import CODE_DIGITS

PURPOSE = "points.code"


def digits(gift: UUID, serial: int) -> str:
    """The code of this exchange; another one for each serial."""
    key = signing.key_for(settings.SECRET_KEY, PURPOSE)
    mac = hmac.new(key, gift.bytes + serial.to_bytes(2, "big"), hashlib.sha256).digest()
    return str(int.from_bytes(mac[:8]) % 10**CODE_DIGITS).zfill(CODE_DIGITS)


def index_of(code: str) -> BlindIndex:
    """What a typed or scanned code is looked up by."""
    return blind_index("".join(one for one in code if one.isdigit()), PURPOSE)
