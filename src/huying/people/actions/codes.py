"""One-time codes by text message: few, short-lived, kept as a keyed hash, never sent unasked."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, chance, clock
from huying.kernel.actor import Actor
from huying.kernel.errors import DomainError, TooMany
from huying.kernel.sealed import BlindIndex, PhoneUnclear, blind_index, normal_mobile
from huying.kernel.transactions import begin
from huying.people.actions.limits import Limit, block_of, spend
from huying.people.actions.texting import gateway_name, queue_text
from huying.people.models import OneTimeCode
from huying.people.states import CODE_LIFE, CODE_TRIES, CodePurpose


class CodesUnavailable(DomainError):
    code = "codes_unavailable"
    status = 503
    message = _("本站还没有开通短信，请用密码登录，或到就近的实践站请工作人员帮忙。")


class TooManyCodes(TooMany):
    code = "too_many_codes"
    message = _("验证码要得太频繁，请过一会儿再试，也可以改用密码登录。")


def phone_index(phone: str) -> BlindIndex:
    """The keyed hash by which a phone number is found, however it was typed."""
    return blind_index(phone, "phone")


def limits() -> tuple[Limit, Limit, Limit, Limit]:
    """Budgets of codes: a pause and a day per number, an hour per block, a day per jurisdiction."""
    return (
        Limit("code.pause", 1, timedelta(minutes=1)),
        Limit("code.number", settings.HUYING_CODES_PER_NUMBER, timedelta(days=1)),
        Limit("code.block", settings.HUYING_CODES_PER_BLOCK, timedelta(hours=1)),
        Limit("code.all", settings.HUYING_CODES_PER_DAY, timedelta(days=1)),
    )


def request_code(*, actor: Actor, phone: str, purpose: str = CodePurpose.SIGN_IN) -> None:
    """Send a fresh code to ``phone``, replacing the one before it.

    The answer is the same whether the number is known here or not (threat 19, 20 of the security page).
    Raises PhoneUnclear, TooManyCodes, CodesUnavailable; a refusal spends none of the budgets.
    """
    mobile = normal_mobile(phone)
    if gateway_name() == "":
        raise CodesUnavailable
    index = phone_index(mobile)
    keys = (index.hex(), index.hex(), block_of(actor.address), "all")
    with begin(actor):
        for limit, key in zip(limits(), keys, strict=True):
            wait = spend(limit, key)
            if wait:
                raise TooManyCodes(retry_after=wait)
        code = chance.digits(6)
        _keep(index, purpose, code)
        words = gettext("【呼应】验证码 %(code)s，%(minutes)d 分钟内有效。不是您本人操作请不必理会，也不要告诉别人。")
        queue_text(phone=mobile, words=words % {"code": code, "minutes": CODE_LIFE.seconds // 60}, life=CODE_LIFE)
        audit.record(actor, "code.sent", None, changes={"purpose": str(purpose)})


def check_code(*, actor: Actor, phone: str, code: str, purpose: str = CodePurpose.SIGN_IN) -> bool:
    """True once, when ``code`` is the live code of ``phone``; each call counts as one of five tries.

    Must run outside a transaction that may be rolled back, or the tries would not count.
    """
    try:
        index = phone_index(normal_mobile(phone))
    except PhoneUnclear:
        return False
    now = clock.now()
    live = OneTimeCode.objects.filter(phone_index=index, purpose=purpose, used_at__isnull=True, expires_at__gt=now)
    with begin(actor):
        if not live.filter(tries__lt=CODE_TRIES).update(tries=F("tries") + 1):
            return False
        row = live.get()
        if not _digest(bytes(row.phone_index), code).fits(row.digest):
            audit.record(actor, "code.wrong", None, changes={"purpose": str(purpose)})
            return False
        return live.filter(pk=row.pk).update(used_at=now) == 1


def forget_codes() -> int:
    """Delete codes that expired more than a day ago."""
    return OneTimeCode.objects.filter(expires_at__lt=clock.now() - timedelta(days=1)).delete()[0]


def _digest(index: bytes, code: str) -> BlindIndex:
    return blind_index(f"{index.hex()}:{code}", "one-time-code")


def _keep(index: BlindIndex, purpose: str, code: str) -> None:
    """Write the one row of this number in one statement, so that two requests leave one live code."""
    table = OneTimeCode._meta.db_table
    now = clock.now()
    OneTimeCode.objects.filter(phone_index=index).exclude(phone_index=bytes(index)).delete()  # by an older key
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (phone_index, purpose, digest, created_at, expires_at, tries)"  # noqa: S608
            " VALUES (%s, %s, %s, %s, %s, 0) ON CONFLICT (phone_index) DO UPDATE SET"
            " purpose = excluded.purpose, digest = excluded.digest, created_at = excluded.created_at,"
            " expires_at = excluded.expires_at, tries = 0, used_at = NULL",
            [index, str(purpose), _digest(index, code), now, now + CODE_LIFE],
        )
