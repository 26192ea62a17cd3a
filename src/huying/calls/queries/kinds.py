"""The service menu and its clocks, for those who keep them."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from huying.calls.models import Clock, ServiceKind
from huying.calls.states import OPEN_STATES, Stage
from huying.kernel.errors import NotFound
from huying.places.queries.offering import offered_somewhere
from huying.volunteers.models import Skill


def whole_menu() -> QuerySet[ServiceKind]:
    """Every line, those taken off too, each with how many of its calls are open (``waiting``)."""
    waiting = Count("calls", filter=Q(calls__state__in=OPEN_STATES), distinct=True)
    return ServiceKind.objects.annotate(waiting=waiting).order_by("order", "id")


def any_kind(code: str) -> ServiceKind:
    """One line of the menu, also when it was taken off; NotFound when there is none."""
    found = ServiceKind.objects.filter(code=code).first()
    if found is None:
        raise NotFound
    return found


def clocks() -> list[Clock]:
    """Every rule in the order of the stages; the rules for all kinds before those for one."""
    stages = {stage: place for place, stage in enumerate(Stage.values)}
    rows = Clock.objects.select_related("kind")
    return sorted(rows, key=lambda one: (one.kind_id is not None, one.kind_id or 0, stages[one.stage], one.urgent))


def clock_by_id(pk: int) -> Clock:
    """One rule; NotFound when it has been dropped meanwhile."""
    found = Clock.objects.select_related("kind").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def skills() -> QuerySet[Skill]:
    """Every skill that is offered somewhere, by name."""
    return offered_somewhere(Skill.objects.order_by("name", "id"))
