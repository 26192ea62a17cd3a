"""What the clock does by itself: exchanges nobody fetched, frozen passbooks, answers nobody minded, word before the end."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin
from huying.ledger import queries as ledger_queries
from huying.points.actions.passbooks import tell
from huying.points.models import Passbook
from huying.points.states import NOTICE_DAYS


def warn_expiry(*, actor: Actor, passbook: Passbook) -> int:
    """Tell the owner, once for each lot, what will end within 60 days; how many lots that are. Again it tells nothing."""
    with begin(actor):
        told = 0
        for left in ledger_queries.lots_left(passbook.account_id, clock.now() + timedelta(days=NOTICE_DAYS)):
            if not left.free + left.held:
                continue
            ends = clock.local(left.lot.expires_at).date()
            words = _("有 {n} 分将在 {day} 到期").format(n=left.free + left.held, day=ends)
            body = _("到期以前可以兑换；到期没有用的会收回，别的服务不受影响。")
            tell(actor, passbook, words, body, key=f"points.ends:{left.lot.pk}")
            told += 1
        return told
