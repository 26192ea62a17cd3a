"""Short signed texts for cursors and links: payload and MAC in URL-safe base64, with the id of the key
that signed.

Keys come from ``SECRET_KEY`` and, while it is being changed, ``SECRET_KEY_FALLBACKS``; a text signed for
one purpose is worth nothing for another.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from django.conf import settings
from django.utils.encoding import force_bytes

MAC_BYTES = 16
KEY_ID_BYTES = 2


class BadSignature(ValueError):
    """The text was not signed here for this purpose."""


def key_for(secret: str | bytes, purpose: str) -> bytes:
    """One key for each purpose, so that no signed text can be used elsewhere."""
    return hmac.new(force_bytes(secret), f"huying.signing.{purpose}".encode(), hashlib.sha256).digest()


def key_id(secret: str | bytes) -> bytes:
    return hashlib.sha256(b"huying.key-id." + force_bytes(secret)).digest()[:KEY_ID_BYTES]


def sign(payload: bytes, purpose: str) -> str:
    """``payload`` readable but unforgeable: key id 2 · MAC 16 · payload, as URL-safe base64 without
    padding.
    """
    head = key_id(settings.SECRET_KEY)
    mac = hmac.new(key_for(settings.SECRET_KEY, purpose), head + payload, hashlib.sha256).digest()[:MAC_BYTES]
    return written(head + mac + payload)


def written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unsign(text: str, purpose: str) -> bytes:
    """The payload again; BadSignature for anything that ``sign`` did not make with a key still known."""
    try:
        raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        raise BadSignature from None
    if written(raw) != text:  # the last letter has bits to spare, and padding may be added: one signature, one text
        raise BadSignature
    head, mac, payload = (
        raw[:KEY_ID_BYTES],
        raw[KEY_ID_BYTES : KEY_ID_BYTES + MAC_BYTES],
        raw[KEY_ID_BYTES + MAC_BYTES :],
    )
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        if key_id(secret) == head:
            expected = hmac.new(key_for(secret, purpose), head + payload, hashlib.sha256).digest()[:MAC_BYTES]
            if hmac.compare_digest(mac, expected):
                return payload
    raise BadSignature
