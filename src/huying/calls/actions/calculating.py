"""The calculation of a proposal, in a job. What it needs to calculate is loaded by then only: pages do without numpy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from huying.calls.actions.proposing import HOLDS
from huying.calls.models import Proposal, ProposalGap, ProposalLine
from huying.calls.states import LineState, ProposalState
from huying.kernel import chance, clock, locks
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin

if TYPE_CHECKING:
    from huying.calls.queries.weighing import Matter
    from huying.matching.apart import Answer

BY_HAND = (LineState.LOCKED, LineState.DROPPED)
"""What a dispatcher decided about a line stays when it is calculated again: the machine would only say the same anew."""
AT_ONCE = 5_000
"""Gaps written by one statement."""


def calculate(*, actor: Actor, proposal_id: int, turn: int) -> None:
    """Weigh, and write the lines down beside those that were decided by hand; once for each turn, whoever runs it and however often.

    Read and calculated outside a transaction, in a process of its own: nothing waits for it.
    """
    from huying.calls.queries import weighing  # noqa: PLC0415  brings numpy along
    from huying.matching import apart  # noqa: PLC0415  the same

    proposal = Proposal.objects.select_related("place").get(pk=proposal_id)
    if proposal.state != ProposalState.MAKING or proposal.turn != turn:
        return
    kept = list(proposal.lines.filter(state__in=BY_HAND))
    with apart.planner(Path(settings.DATA) / "compiled", size=weighing.size(proposal.place)) as planner:
        matter = weighing.matter(
            proposal.place, kept, lambda helpers, week: planner.know(helpers, week, weighing.PRICES)
        )
        found = planner.plan(matter.needs)
    with begin(actor):
        fresh = locks.one(Proposal, pk=proposal_id)
        if fresh.state != ProposalState.MAKING or fresh.turn != turn:
            return
        fresh.lines.exclude(state__in=BY_HAND).delete()
        fresh.gaps.all().delete()
        write_lines(fresh, matter, found)
        ProposalGap.objects.bulk_create(gaps_of(fresh, matter, found), AT_ONCE)
        fresh.state, fresh.made_at = ProposalState.READY, clock.now()
        fresh.expires_at = fresh.made_at + HOLDS
        fresh.figures = {
            "calls": len(matter.calls),
            "helpers": len(matter.helpers),
            "seats": int(matter.needs.headcount.sum()),
            "total": found.total,
            "bound": found.bound,
        }
        fresh.save(update_fields=["state", "made_at", "expires_at", "figures"])


def write_lines(proposal: Proposal, matter: Matter, found: Answer) -> None:
    """All lines at once, a column for each field: there may be a hundred thousand. In the order of volunteers, for then
    their foreign keys are checked page after page.
    """
    import numpy as np  # noqa: PLC0415  pages do without

    from huying.kernel import columns  # noqa: PLC0415  the same

    owners = matter.volunteers_and_teams(found.helper)
    for owner, keys in zip(("volunteer_id", "team_id"), owners, strict=True):
        which = np.argsort(keys, kind="stable")
        which = which[keys[which] > 0]
        need, helper, cost = found.need[which], found.helper[which], found.cost[which]
        seats = {}
        if owner == "team_id":  # a line for each call of a team, however many people it sends
            _pairs, first, many = np.unique(np.stack([need, helper]), axis=1, return_index=True, return_counts=True)
            which, need, helper = which[first], need[first], helper[first]
            cost, seats = cost[first] * many, {"seats": many.astype(np.int16)}
        values = {
            "proposal_id": np.full(len(which), proposal.pk, np.int64),
            "public_id": np.frombuffer(b"".join(one.bytes for one in chance.uuid7s(len(which))), "V16"),
            "call_id": matter.calls[need],
            owner: keys[which],
            "cost": cost.astype(np.int32),
            "km": matter.km(need, helper),
            "held": matter.held[helper].astype(np.int16),
            "knows": matter.knows(need, helper),
            "urgent": matter.urgent[need],
            "by_hand": np.zeros(len(which), bool),
            **seats,
        }
        columns.write(ProposalLine, values, {"state": LineState.PROPOSED, "trouble": ""})


def gaps_of(proposal: Proposal, matter: Matter, found: Answer) -> list[ProposalGap]:
    made = []
    for gap in found.gaps:
        kind, key = matter.who(gap.helper) if gap.helper >= 0 else ("volunteer", None)
        way = {f"{kind}_id": key, "bends": gap.bends}
        call = int(matter.calls[gap.need])
        made.append(
            ProposalGap(proposal=proposal, call_id=call, empty=gap.empty, lack=gap.lack, people=gap.people, **way)
        )
    lost = [ProposalGap(proposal=proposal, call_id=call, empty=1, lack="position") for call in matter.without_position]
    return made + lost
