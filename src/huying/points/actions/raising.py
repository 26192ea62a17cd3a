"""Who has to answer an appeal is told when it comes; when nobody does in time, those above are told, once for each step."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from huying.kernel import audit, clock, locks
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin
from huying.people import actions as people_actions
from huying.people.models import Person
from huying.points.models import Appeal, Passbook
from huying.points.queries import appeals as queries
from huying.points.states import AppealState


def tell_panel(actor: Actor, appeal: Appeal, people: list[Person], title: str) -> None:
    """A word to each of these that leads to the appeal; what it is about stands there only."""
    url = reverse("points:appeal", args=[appeal.public_id])
    due = queries.due_now(appeal)
    body = _("请在 {at} 前处理。").format(at=f"{clock.local(due):%Y-%m-%d %H:%M}") if due else ""
    for person in people:
        people_actions.send_notice(
            actor=actor, person=person, title=title, body=body, url=url, kind="points", about=appeal.passbook.person
        )


def raise_appeal(*, actor: Actor, appeal: Appeal) -> bool:
    """The clock's part: a step took too long, so those above hear of it; False when it was done or told already."""
    with begin(actor):
        locks.one(Passbook, pk=appeal.passbook_id)
        fresh = locks.one(Appeal, pk=appeal.pk)
        due = queries.due_now(fresh)
        waits = fresh.state in {AppealState.FILED, AppealState.MARKED, AppealState.AGAIN}
        if not waits or due is None or due >= clock.now() or fresh.raised_in == fresh.state:
            return False
        fresh.raised_in = fresh.state
        fresh.save(update_fields=["raised_in"])
        tell_panel(actor, fresh, queries.above(fresh), _("有积分申诉超过时限没有处理"))
        audit.record(actor, "points.raise_appeal", fresh, place_path=fresh.passbook.book.place.path)
        return True
