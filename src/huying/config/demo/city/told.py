"""What the pages themselves say stands beside what is computed, as reported figures with their source."""

from __future__ import annotations

from huying.config.demo.city.plan import DEMO, Plan
from huying.figures import actions as figures
from huying.kernel import clock


def write(plan: Plan, _number: int) -> None:
    """One reported figure for each number of the page, at the root, as of the day of loading."""
    for one in plan.shape.told:
        facts = figures.Report(
            code=one.code,
            name=one.name,
            told=one.words,
            as_of=clock.today(),
            source=f"示范材料 {one.source}（全量；本库按 {plan.scale:g} 的比例生成）",
            unit=one.unit,
            metric=one.metric,
        )
        figures.report(actor=DEMO, place=plan.root, facts=facts)
