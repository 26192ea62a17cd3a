"""Opening a sealed value before somebody's eyes: with a reason, in the trail, and not without end."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from huying.kernel import afterwards, audit, clock
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput, NotFound, TooMany
from huying.kernel.models.reveal import RevealBudget
from huying.kernel.sealed.value import Sealed
from huying.kernel.transactions import begin

SHORTEST, LONGEST = 4, 200
WITHOUT_NAME = "[姓名]"


class ReasonMissing(InvalidInput):
    code = "reason_missing"
    message = _("请写明查看的原因（4 到 200 个字），它会记入审计日志。")


class NothingSealed(NotFound):
    code = "nothing_sealed"
    message = _("这一项没有填写。")


class ViewsUsedUp(TooMany):
    code = "views_used_up"
    message = _("您今天查看个人信息的次数已经用完（{limit} 次）。如确有需要，请联系安全管理员。")


def reveal(actor: Actor, obj: models.Model, field: str, reason: str, *, place_path: str = "", named: str = "") -> str:
    """The open value of ``obj.field``. Whether the actor may see this row at all is the room's rule,
    asked before.

    Writes the audit line ``sealed.reveal`` with the reason and spends one of the person's views of the
    day (security 5 no. 7). ReasonMissing, NothingSealed, ViewsUsedUp; over the limit the trail gets one
    alarm a day, although the request itself leaves nothing. Jobs (system actors) are recorded and have no
    limit. ``named`` is the name of the one it is about: the line keeps the reason without it, for it outlives
    the person's erasure.
    """
    reason = reason.strip()
    if actor.is_anonymous:
        raise Forbidden
    if not SHORTEST <= len(reason) <= LONGEST:
        raise ReasonMissing(fields={"reason": ReasonMissing.message})
    value = getattr(obj, field)
    if not isinstance(value, Sealed):
        raise NothingSealed
    why = reason.replace(named, WITHOUT_NAME) if named else reason
    with begin(actor):
        if actor.person_id is not None:
            spend(actor, actor.person_id, obj)
        audit.record(actor, "sealed.reveal", obj, place_path=place_path, changes={"field": field}, reason=why)
    return value.open()


def spend(actor: Actor, person_id: int, obj: models.Model) -> None:
    """Count one view in one statement: two requests at once cannot both take the last one."""
    limit = settings.HUYING_REVEALS_PER_DAY
    table = connection.ops.quote_name(RevealBudget._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} AS budget (person_id, day, used) SELECT %s, %s, 1 WHERE %s > 0"
            " ON CONFLICT (person_id, day) DO UPDATE SET used = budget.used + 1 WHERE budget.used < %s"
            " RETURNING used",
            [person_id, clock.today(), limit, limit],
        )
        if cursor.fetchone() is None:
            afterwards.later(partial(alarm, actor, person_id, obj, limit))
            raise ViewsUsedUp(limit=limit, retry_after=3600)


def alarm(actor: Actor, person_id: int, obj: models.Model, limit: int) -> None:
    """One line a day and person: a script that goes on asking must not flood the trail."""
    with begin(actor):
        first = RevealBudget.objects.filter(person_id=person_id, day=clock.today(), alarmed_at__isnull=True).update(
            alarmed_at=clock.now()
        )
        if first or limit == 0:
            audit.record(actor, "sealed.views_used_up", obj, changes={"limit": limit})


def used_today(person_id: int) -> int:
    """How many views this person has spent today."""
    return sum(RevealBudget.objects.filter(person_id=person_id, day=clock.today()).values_list("used", flat=True))
