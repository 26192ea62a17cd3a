"""A team that cannot come may say why: for a listed reason its score does not sink (志愿服务条例 art. 15, 25)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huying.calls import rules
from huying.calls.actions import dispatching
from huying.calls.models import Call, Offer
from huying.calls.states import Excuse
from huying.kernel import locks
from huying.kernel.actor import Actor
from huying.kernel.errors import InvalidInput
from huying.kernel.transactions import begin


class ExcuseUnknown(InvalidInput):
    code = "excuse_unknown"
    message = _("请在列出的原因里选一个，也可以不选。")


def decline(*, actor: Actor, call: Call, excuse: str = "") -> Call:
    """Say no (``dispatching.decline``); ``excuse``, one of ``Excuse``, is kept for a team alone.

    A volunteer's no keeps no reason, whatever was sent: it leaves no trace that counts.
    """
    if excuse and excuse not in Excuse.values:
        raise ExcuseUnknown(fields={"excuse": ExcuseUnknown.message})
    with begin(actor):
        asked = rules.asked_as_team(actor, call) if excuse else None
        fresh = dispatching.decline(actor=actor, call=call)
        if asked is not None:
            one = locks.one(Offer, pk=asked)
            if one.team_id and one.answered_by_id == actor.person_id:
                one.excuse = excuse
                one.save(update_fields=["excuse"])
        return fresh
