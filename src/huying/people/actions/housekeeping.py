"""What the night does: forgetting what is no longer needed."""

from __future__ import annotations

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin
from huying.people.actions import codes, limits, signing_in, texting
from huying.people.models import Notice
from huying.people.states import NOTICES_KEPT


def forget(*, actor: Actor) -> dict[str, int]:
    """Delete old codes, budgets, texts, ended sessions and old messages; how many of each."""
    with begin(actor):
        return {
            "codes": codes.forget_codes(),
            "budgets": limits.forget_old(),
            "texts": texting.forget_texts(),
            "sessions": signing_in.forget_sessions(),
            "notices": Notice.objects.filter(created_at__lt=clock.now() - NOTICES_KEPT).delete()[0],
        }
