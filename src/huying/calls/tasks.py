"""Background doors of calls: clocks that run out, and word to the people concerned."""

from __future__ import annotations

from huying.calls import actions
from huying.calls.actions.looking import notice_silence, take_back
from huying.calls.models import Call, ServiceKind, SorterVersion
from huying.kernel import jobs
from huying.kernel.actor import Actor

CLOCKS = Actor.system("calls.clocks")
SORTER = Actor.system("calls.sorter")
DRAFTS = Actor.system("calls.forget_drafts")
LINES = Actor.system("calls.forget_lines")


@jobs.task("calls.tick", cron="* * * * *")
def tick() -> None:
    """Each minute: everything whose clock has run out, the longest overdue first; goes on with itself until none is left."""
    if not actions.look(actor=CLOCKS):
        jobs.enqueue("calls.tick", key="calls.tick")


@jobs.task("calls.overdue")
def overdue(call_id: int) -> None:
    """A clock of one call ran out, and the look at all of them broke at it."""
    notice_silence(actor=CLOCKS, call=Call.objects.select_related("place", "kind").get(pk=call_id))


@jobs.task("calls.expire")
def expire(call_id: int) -> None:
    """The questions or the ring of one call are over, and the look at all of them broke at it."""
    take_back(actor=CLOCKS, call=Call.objects.select_related("place", "kind").get(pk=call_id))


@jobs.task("calls.ask_next")
def ask_next(call_id: int) -> None:
    """Somebody is missing: those who come next are asked, if they are to be by now."""
    actions.ask_next(actor=CLOCKS, call=Call.objects.select_related("place", "kind").get(pk=call_id))


@jobs.task("calls.remind")
def remind(offer_id: int) -> None:
    """Somebody wanted to be asked again now."""
    actions.remind(actor=Actor.system("calls.remind"), offer_id=offer_id)


@jobs.task("calls.release")
def release(volunteer_id: int) -> None:
    """A volunteer stopped: what he had taken on goes back, what he was asked is taken back."""
    actions.release(actor=Actor.system("calls.release"), volunteer_id=volunteer_id)


@jobs.task("calls.learn", cron="20 3 * * *")
def learn() -> None:
    """Nightly, and when somebody asks: a sorter is taught from the project's text and all corrections, if they changed."""
    actions.learn(actor=SORTER)


@jobs.task("calls.first_sorter", cron="*/5 * * * *")
def first_sorter() -> None:
    """A platform has its first sorter minutes after its first services, not after the first night."""
    if ServiceKind.objects.exists() and not SorterVersion.objects.exists():
        jobs.enqueue("calls.learn", key="calls.learn")


@jobs.task("calls.forget_drafts", cron="23 * * * *")
def forget_drafts() -> None:
    """Hourly: tables of a hotline that nobody took within a day go."""
    actions.forget_drafts(actor=DRAFTS)


@jobs.task("calls.forget_lines", cron="37 3 * * *")
def forget_lines() -> None:
    """Nightly: of proposals that were over a month ago only the totals stay."""
    actions.forget_lines(actor=LINES)


@jobs.task("calls.tell")
def tell(call_id: int, event_id: int) -> None:
    """Tell the people concerned about one step, once."""
    actions.tell(actor=Actor.system("calls.tell"), call_id=call_id, event_id=event_id)


@jobs.task("calls.hand_in")
def hand_in(call_id: int) -> None:
    """The service given to one answered call enters the volunteers' records, each helper once."""
    actions.hand_in_service(actor=Actor.system("calls.hand_in"), call_id=call_id)


@jobs.task("calls.count")
def count(call_id: int) -> None:
    """What one call adds to the figures has changed."""
    actions.count_call(actor=Actor.system("calls.count"), call_id=call_id)


@jobs.task("calls.propose")
def propose(proposal_id: int, turn: int) -> None:
    """Weigh all open calls of a place for one proposal."""
    actions.calculate(actor=Actor.system("calls.propose"), proposal_id=proposal_id, turn=turn)


@jobs.task("calls.send_proposal")
def send_proposal(proposal_id: int) -> None:
    """Send out what a dispatcher confirmed, call by call."""
    actions.send(proposal_id=proposal_id)
