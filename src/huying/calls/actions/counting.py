"""What a call adds is told to figures, as it is now; told again it changes nothing."""

from __future__ import annotations

from huying.calls.models import Call
from huying.calls.queries.counting import counting_calls, words_of_call
from huying.figures import actions as figures
from huying.kernel import locks
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin


def count_call(*, actor: Actor, call_id: int) -> int:
    """Read the call under its lock and tell figures; how many words were new. NotFound."""
    with begin(actor):
        locks.one(Call, pk=call_id)
        return figures.count(actor=actor, words=words_of_call(counting_calls(Call.objects.all()).get(pk=call_id)))
