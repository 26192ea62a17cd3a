"""How teams are scored and how much 基本满意 counts: set by those who keep the menu, each rule a row of its own."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.utils.translation import gettext_lazy as _

from huying.calls import rules
from huying.calls.models import ScoreRule
from huying.kernel import audit, clock
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput
from huying.kernel.transactions import begin


class WeightsUnclear(InvalidInput):
    code = "weights_unclear"
    message = _("五项的权重都不能小于 0，加起来要正好 100。")


class LimitsUnclear(InvalidInput):
    code = "limits_unclear"
    message = _("均值权重在 0 到 1000 之间，至少几条评价在 1 到 1000 之间，折算是 0、50 或 100。")


MIDDLING = (0, 50, 100)
"""What 基本满意 may count, in percent: with any other weight a sum of few ratings would tell how many of them there are."""


@dataclass(frozen=True, slots=True)
class ScoreFacts:
    """The fields of ``ScoreRule`` that people set; weights in percent."""

    rating: int = 35
    on_time: int = 25
    accept: int = 15
    lasting: int = 15
    recorded: int = 10
    prior: int = 10
    least: int = 10
    middling: int = 100


def set_score_rule(*, actor: Actor, facts: ScoreFacts) -> ScoreRule:
    """A new rule that counts from now on; the earlier ones stay as they were."""
    weights = (facts.rating, facts.on_time, facts.accept, facts.lasting, facts.recorded)
    if min(weights) < 0 or sum(weights) != 100:
        raise WeightsUnclear
    if not (0 <= facts.prior <= 1000 and 1 <= facts.least <= 1000 and facts.middling in MIDDLING):
        raise LimitsUnclear
    if not rules.can_keep_menu(actor):
        raise Forbidden
    with begin(actor):
        made = ScoreRule.objects.create(set_at=clock.now(), set_by_id=actor.person_id, **asdict(facts))
        audit.record(actor, "call.score_rule", made, changes=asdict(facts))
        return made
