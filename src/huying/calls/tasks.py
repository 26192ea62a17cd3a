"""Background doors of calls: clocks that run out, and word to the people concerned."""

from __future__ import annotations

from contextlib import suppress

from huying.calls import actions
from huying.calls.actions.moving import StepRefused
from huying.calls.models import Call, Offer, ServiceKind, SorterVersion
from huying.calls.queries.calls import due_now
from huying.calls.states import OfferState, State
from huying.kernel import clock, jobs
from huying.kernel.actor import Actor

CLOCKS = Actor.system("calls.clocks")
SORTER = Actor.system("calls.sorter")
DRAFTS = Actor.system("calls.forget_drafts")
LINES = Actor.system("calls.forget_lines")
BATCH = 200


@jobs.task("calls.tick", cron="* * * * *")
def tick() -> None:
    """Each minute: queue one job for every call whose clock has run out; the key keeps it from queueing twice."""
    for call_id in due_now().values_list("pk", flat=True)[:BATCH]:
        jobs.enqueue("calls.overdue", key=f"calls.overdue:{call_id}", call_id=call_id)
    late = Offer.objects.filter(state=OfferState.OFFERED, answer_due_at__lte=clock.now())
    for call_id in late.values_list("call_id", flat=True).distinct()[:BATCH]:
        jobs.enqueue("calls.expire", key=f"calls.expire:{call_id}", call_id=call_id)

    for call_id in (
        Call.objects.filter(ring_due_at__lte=clock.now()).order_by("ring_due_at").values_list("pk", flat=True)[:BATCH]
    ):
        jobs.enqueue("calls.expire", key=f"calls.expire:{call_id}", call_id=call_id)
    alone = Offer.objects.filter(state=OfferState.OFFERED, alone_until__lte=clock.now())
    for call_id in alone.values_list("call_id", flat=True).distinct()[:BATCH]:
        jobs.enqueue("calls.ask_next", key=f"calls.ask_next:{call_id}", call_id=call_id)
    reminded = Offer.objects.filter(remind_at__lte=clock.now(), state=OfferState.OFFERED)
    for offer_id in reminded.order_by("remind_at").values_list("pk", flat=True)[:BATCH]:
        jobs.enqueue("calls.remind", key=f"calls.remind:{offer_id}", offer_id=offer_id)


@jobs.task("calls.overdue")
def overdue(call_id: int) -> None:
    """A clock of one call ran out: rate it silently when it waits for a rating, ask the next when it lay in the pool,
    else lift it one level.
    """
    call = Call.objects.select_related("place", "kind").get(pk=call_id)
    if call.state == State.DELIVERED and call.stage_due_at and call.stage_due_at <= clock.now():
        actions.auto_rate(actor=CLOCKS, call=call)
    elif not actions.ask_next(actor=CLOCKS, call=call):
        actions.note_overdue(actor=CLOCKS, call=call)


@jobs.task("calls.expire")
def expire(call_id: int) -> None:
    """Take back the unanswered offers of one call and ask the next who fits; somebody who answered meanwhile wins."""
    call = Call.objects.select_related("place", "kind").get(pk=call_id)
    with suppress(StepRefused):  # a second worker, or the same one after a crash, finds it done and goes on
        actions.expire(actor=CLOCKS, call=call)
    actions.ask_next(actor=CLOCKS, call=call)


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
