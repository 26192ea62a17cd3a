"""The second factor of staff: time-based codes (RFC 6238) and ten recovery codes on paper."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
from datetime import timedelta
from urllib.parse import quote, urlencode

from django.conf import settings

from huying.kernel import audit, chance, clock
from huying.kernel.actor import Actor
from huying.kernel.sealed import blind_index
from huying.kernel.transactions import begin
from huying.people.actions.limits import Limit, forgive, spend
from huying.people.actions.signing_in import LockedOut
from huying.people.models import Account, RecoveryCode, SecondFactor

STEP = 30  # seconds of one code
DRIFT = 1  # codes before and after the present one that are accepted
TRIES = Limit("second.tries", 5, timedelta(minutes=5))
RECOVERY_CODES = 10
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # no letters that are read for each other


def time_code(secret: bytes, step: int, digits: int = 6) -> str:
    """The code of one time step (RFC 6238 with SHA-1, what every authenticator app speaks)."""
    mac = hmac.new(secret, struct.pack(">Q", step), hashlib.sha1).digest()
    offset = mac[-1] & 15
    number = struct.unpack(">I", mac[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**digits:0{digits}d}"


def begin_enrolment(*, actor: Actor, account: Account) -> SecondFactor:
    """A fresh secret that waits to be confirmed; an unconfirmed one before it is kept, so a reload changes
    nothing.
    """
    with begin(actor):
        factor, made = SecondFactor.objects.get_or_create(
            account=account, defaults={"secret": base64.b32encode(bytes.fromhex(chance.token(20))).decode()}
        )
        if made:
            audit.record(actor, "second_factor.begun", account)
        return factor


def secret_of(factor: SecondFactor) -> str:
    """The secret in letters, for the page that sets an authenticator up and for checking codes."""
    assert factor.secret is not None
    return factor.secret.open()


def enrolment_address(account: Account, secret: str) -> str:
    """The ``otpauth://`` address that authenticator apps read from the square code."""
    issuer = settings.HUYING_BRAND or "Huying"
    query = urlencode({"secret": secret, "issuer": issuer, "digits": 6, "period": STEP})
    return f"otpauth://totp/{quote(issuer)}:{quote(account.username)}?{query}"


def confirm_enrolment(*, actor: Actor, account: Account, code: str) -> list[str] | None:
    """Switch the second factor on when ``code`` is right; gives ten recovery codes, shown once. None when
    wrong.

    Must run outside a transaction that may be rolled back, or wrong tries would not count.
    """
    factor = SecondFactor.objects.filter(account=account, confirmed_at__isnull=True).first()
    if factor is None or not _use_time_code(factor, account, code):
        return None
    with begin(actor):
        SecondFactor.objects.filter(pk=factor.pk).update(confirmed_at=clock.now())
        audit.record(actor, "second_factor.on", account)
        return new_recovery_codes(actor=actor, account=account)


def has_second_factor(account: Account) -> bool:
    """True when a confirmed code generator stands behind the account."""
    return SecondFactor.objects.filter(account=account, confirmed_at__isnull=False).exists()


def check_second(*, actor: Actor, account: Account, code: str) -> bool:
    """True once for each right time code or recovery code; five tries in five minutes, then LockedOut."""
    factor = SecondFactor.objects.filter(account=account, confirmed_at__isnull=False).first()
    right = factor is not None and _use_time_code(factor, account, code)
    if not right:
        right = _use_recovery_code(actor, account, code)
    if not right:
        with begin(actor):
            audit.record(actor, "second_factor.wrong", account)
    return right


def switch_off(*, actor: Actor, account: Account) -> None:
    """Remove the second factor and its recovery codes."""
    with begin(actor):
        SecondFactor.objects.filter(account=account).delete()
        RecoveryCode.objects.filter(account=account).delete()
        audit.record(actor, "second_factor.off", account)


def new_recovery_codes(*, actor: Actor, account: Account) -> list[str]:
    """Ten new recovery codes, shown once and kept as keyed hashes; the old ones stop working."""
    with begin(actor):
        RecoveryCode.objects.filter(account=account).delete()
        codes = [_recovery_code() for _number in range(RECOVERY_CODES)]
        RecoveryCode.objects.bulk_create(
            RecoveryCode(account=account, digest=_recovery_digest(account, code)) for code in codes
        )
        audit.record(actor, "second_factor.recovery_codes", account)
        return codes


def _use_time_code(factor: SecondFactor, account: Account, code: str) -> bool:
    wait = spend(TRIES, str(account.pk))
    if wait:
        raise LockedOut(retry_after=wait)
    secret = base64.b32decode(secret_of(factor))
    now = int(clock.now().timestamp()) // STEP
    given = code.replace(" ", "")
    for step in range(now - DRIFT, now + DRIFT + 1):
        if hmac.compare_digest(time_code(secret, step).encode(), given.encode()):
            used = SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step).update(last_step=step)
            if used:
                forgive(TRIES, str(account.pk))
            return bool(used)
    return False


def _use_recovery_code(actor: Actor, account: Account, code: str) -> bool:
    digest = _recovery_digest(account, code)
    with begin(actor):
        used = RecoveryCode.objects.filter(account=account, digest=digest, used_at__isnull=True).update(
            used_at=clock.now()
        )
        if used:
            audit.record(actor, "second_factor.recovery_used", account)
        return used == 1


def _recovery_code() -> str:
    number = int(chance.token(10), 16)
    letters = []
    for _place in range(10):
        number, rest = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[rest])
    return "".join(letters[:5]) + "-" + "".join(letters[5:])


def _recovery_digest(account: Account, code: str) -> bytes:
    plain_code = code.strip().lower().replace(" ", "").replace("-", "")
    return blind_index(f"{account.pk}:{plain_code}", "recovery-code")
