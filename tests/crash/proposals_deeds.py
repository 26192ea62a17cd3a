"""What is done about proposals for many calls at once: each gives the operation that is killed at every point."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef

from huying.calls import actions
from huying.calls.models import Call, Offer, Proposal, ProposalLine
from huying.calls.states import LineState, ProposalState, State
from huying.calls.tests.factories import Cast, actor
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.volunteers.models import Team
from tests.crash.calls_stepping import CLOCKS
from tests.crash.sweeping import Operation, keyed
from tests.invariants import broken_rules


def put_away() -> None:
    Proposal.objects.exclude(state=ProposalState.DROPPED).update(state=ProposalState.DROPPED)


def weighed(cast: Cast) -> Proposal:
    """A proposal with one line, as the job leaves it; the one before is put away."""
    put_away()
    call, now = cast.call(State.POOLED), clock.now()
    made = Proposal.objects.create(
        place=cast.home,
        state=ProposalState.READY,
        asked_at=now,
        made_at=now,
        expires_at=now + timedelta(minutes=30),
    )
    ProposalLine.objects.create(proposal=made, call=call, volunteer=cast.li)
    return made


def proposed(verb: str, act: Callable[[Actor, Proposal], Any]) -> Callable[[Cast], Operation]:
    """Something a dispatcher does with a proposal that is ready."""

    def build(cast: Cast) -> Operation:
        doer = actor(cast.keeper)

        def prepare() -> Any:
            pk = weighed(cast).pk
            return keyed(verb, doer, lambda: act(doer, Proposal.objects.get(pk=pk)))

        return Operation(verb, prepare, broken_rules)

    return build


def one_team() -> Team:
    return Team.objects.earliest("pk")


def propose(cast: Cast) -> Operation:
    doer = actor(cast.keeper)

    def prepare() -> Any:
        put_away()
        cast.call(State.POOLED)
        return keyed("propose", doer, lambda: actions.propose(actor=doer, place=cast.home))

    return Operation("propose", prepare, broken_rules)


def calculate(cast: Cast) -> Operation:
    def prepare() -> Any:
        put_away()
        if not Call.objects.filter(state=State.POOLED).exists():  # as many lines each time
            cast.call(State.POOLED)
        pk = actions.propose(actor=actor(cast.keeper), place=cast.home).pk
        return keyed("calculate", CLOCKS, lambda: actions.calculate(actor=CLOCKS, proposal_id=pk, turn=1))

    return Operation("calculate", prepare, unfinished_proposals)


def forget_lines(cast: Cast) -> Operation:
    """One proposal was over a month ago, those of earlier tries are not."""

    def prepare() -> Any:
        Proposal.objects.update(expires_at=clock.now())
        Proposal.objects.filter(pk=weighed(cast).pk).update(expires_at=clock.now() - timedelta(days=31))
        return keyed("forget_lines", CLOCKS, lambda: actions.forget_lines(actor=CLOCKS))

    return Operation("forget_lines", prepare, unfinished_proposals)


def send(cast: Cast) -> Operation:
    def prepare() -> Any:
        pk = actions.confirm(actor=actor(cast.keeper), proposal=weighed(cast)).pk
        return keyed("send", CLOCKS, lambda: actions.send(proposal_id=pk))

    return Operation("send", prepare, unfinished_proposals)


def unfinished_proposals() -> list[str]:
    """Ready with no line, or lines said to be sent without a question to the helper."""
    asked = Offer.objects.filter(call=OuterRef("call"), volunteer=OuterRef("volunteer"))
    claimed = ProposalLine.objects.filter(state=LineState.SENT, volunteer__isnull=False).exclude(Exists(asked))
    empty = Proposal.objects.filter(state=ProposalState.READY, lines__isnull=True, gaps__isnull=True)
    said = ["a line was sent to nobody"] * claimed.count() + ["a proposal is ready and empty"] * empty.count()
    return [*broken_rules(), *said]


PROPOSALS: dict[str, Callable[[Cast], Operation]] = {
    "propose": propose,
    "calculate": calculate,
    "change_line": proposed(
        "change", lambda doer, one: actions.change_line(actor=doer, line=one.lines.get(), to=LineState.LOCKED)
    ),
    "choose": proposed("choose", lambda doer, one: actions.choose(actor=doer, line=one.lines.get(), team=one_team())),
    "calculate_again": proposed("again", lambda doer, one: actions.calculate_again(actor=doer, proposal=one)),
    "discard": proposed("discard", lambda doer, one: actions.discard(actor=doer, proposal=one)),
    "confirm": proposed("confirm", lambda doer, one: actions.confirm(actor=doer, proposal=one)),
    "send": send,
    "forget_lines": forget_lines,
}
