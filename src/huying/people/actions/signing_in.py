"""Signing in: who is at the door, how often may he knock, and which sessions are open."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, clock
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound, TooMany
from huying.kernel.sealed import PhoneUnclear, blind_index, normal_mobile
from huying.kernel.transactions import begin
from huying.people.actions.codes import phone_index
from huying.people.actions.limits import Limit, block_of, forgive, give_back, spend
from huying.people.models import Account, SignIn
from huying.people.states import STAFF_IDLE

# Wrong passwords: a pair of name and address first, then the name from anywhere, then everybody behind one
# block.
PAIR = Limit("sign_in.pair", 5, timedelta(minutes=15))
NAME = Limit("sign_in.name", 30, timedelta(hours=1))
BLOCK = Limit("sign_in.block", 200, timedelta(minutes=15))
AGAIN = Limit("sign_in.again", 5, timedelta(minutes=15))


class LockedOut(TooMany):
    code = "locked_out"
    message = _("尝试次数太多，请过一会儿再试，或改用手机验证码登录。")


def check_password(*, actor: Actor, identifier: str, password: str) -> Account | None:
    """The account that opens with this user name or phone and password, or None: one answer for every wrong
    input.

    Unknown names cost the same hashing time as known ones, and are locked out alike (threat 19). Raises
    LockedOut.
    Must run outside a transaction that may be rolled back, or wrong tries would not count.
    """
    mobile = _mobile(identifier)
    name = blind_index(mobile or identifier, "sign-in-name").hex()
    pair = f"{name[:32]}@{actor.address}"
    for limit, key in ((PAIR, pair), (NAME, name), (BLOCK, block_of(actor.address))):
        wait = spend(limit, key)
        if wait:
            with begin(actor):
                audit.record(actor, "sign_in.locked", None, changes={"limit": limit.scope})
            raise LockedOut(retry_after=wait)
    account = find_account(identifier)
    if account is None:
        make_password(password)
        right = False
    else:
        right = account.check_password(password)
    if account is None or not right or not account.is_active:
        with begin(actor):
            audit.record(actor, "sign_in.wrong", account)
        return None
    forgive(PAIR, pair)
    forgive(NAME, name)
    give_back(BLOCK, block_of(actor.address))
    return account


def check_again(*, actor: Actor, account: Account, password: str) -> bool:
    """The signed-in person types the password once more before a sensitive act; five tries in fifteen
    minutes.
    """
    wait = spend(AGAIN, str(account.pk))
    if wait:
        raise LockedOut(retry_after=wait)
    right = account.check_password(password)
    with begin(actor):
        audit.record(actor, "sign_in.confirmed" if right else "sign_in.confirm_wrong", account)
    if right:
        forgive(AGAIN, str(account.pk))
    return right


def find_account(identifier: str) -> Account | None:
    """The account of a user name (letters of any size) or of a phone number that was proved by a code."""
    mobile = _mobile(identifier)
    accounts = Account.objects.select_related("person")
    if mobile is not None:
        return accounts.filter(phone_index=phone_index(mobile)).first()
    return accounts.filter(username=identifier.strip().casefold()).first()


def _mobile(identifier: str) -> str | None:
    try:
        return normal_mobile(identifier)
    except PhoneUnclear:
        return None


def record_sign_in(
    *, actor: Actor, account: Account, session_key: str, way: str, second_factor: bool, device: str
) -> SignIn:
    """Note a session that has just been opened; ``way`` is password, code or oidc."""
    with begin(actor):
        now = clock.now()
        sign_in = SignIn.objects.create(
            account=account,
            session_key=session_key,
            way=way,
            second_factor=second_factor,
            address=actor.address or None,
            device=device[:80],
            started_at=now,
            seen_at=now,
        )
        audit.record(actor, "sign_in", account, changes={"way": way, "second_factor": second_factor})
        return sign_in


def touch_session(session_key: str) -> None:
    """Note that a session is in use (called at most once a minute for each)."""
    SignIn.objects.filter(session_key=session_key).update(seen_at=clock.now())


def end_session(*, actor: Actor, account: Account, public_id: str) -> None:
    """Close one of one's own sessions; its cookie opens nothing from this moment on."""
    with begin(actor):
        sign_in = SignIn.objects.filter(account=account, public_id=public_id).first()
        if sign_in is None:
            raise NotFound
        _close([sign_in.session_key])
        audit.record(actor, "session.ended", account)


def end_sessions(*, actor: Actor, account: Account, but: str = "") -> int:
    """Close all sessions of ``account`` except the one with session key ``but``; how many were open."""
    with begin(actor):
        open_ = SignIn.objects.filter(account=account).exclude(session_key=but)
        keys = list(open_.values_list("session_key", flat=True))
        _close(keys)
        if keys:
            audit.record(actor, "session.all_ended", account, changes={"sessions": len(keys)})
        return len(keys)


def rename_session(before: str, after: str) -> None:
    """A session that goes on under a new key keeps its entry in the list."""
    SignIn.objects.filter(session_key=before).update(session_key=after)


def forget_session(session_key: str) -> None:
    """Signing out: take the session off the list (its data are flushed by the caller)."""
    SignIn.objects.filter(session_key=session_key).delete()


def forget_sessions() -> int:
    """Delete entries whose session has run out, and the sessions themselves."""
    now = clock.now()
    Session.objects.filter(expire_date__lt=now).delete()
    alive = Session.objects.values("session_key")
    return SignIn.objects.filter(seen_at__lt=now - STAFF_IDLE).exclude(session_key__in=alive).delete()[0]


def _close(keys: list[str]) -> None:
    Session.objects.filter(session_key__in=keys).delete()
    SignIn.objects.filter(session_key__in=keys).delete()
