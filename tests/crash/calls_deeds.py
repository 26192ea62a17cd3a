"""What is done about calls: each gives the operation that is killed at every point."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

from huying.calls import actions
from huying.calls.models import Call
from huying.calls.queries import counting
from huying.calls.states import State
from huying.calls.tests.factories import START, Cast, actor
from huying.figures.actions.counting import sources
from huying.kernel.actor import Actor
from huying.kernel.attachments.images import Picture, Redrawn
from huying.kernel.attachments.storage import files
from huying.kernel.models import Attachment, RevealBudget
from huying.volunteers.models import Team, Volunteer
from tests.crash.calls_stepping import CLOCKS, again, step, what
from tests.crash.centre_deeds import CENTRE
from tests.crash.doors_deeds import DOORS
from tests.crash.menu_deeds import MENU
from tests.crash.proposals_deeds import PROPOSALS
from tests.crash.rings_deeds import RINGS
from tests.crash.sorting_deeds import SORTING
from tests.crash.sweeping import Operation, keyed
from tests.invariants import broken_rules

_days = count(1)


def half_filled(verb: str, who: str) -> Callable[[Cast], Operation]:
    """A call for two: Li has said yes, He is still asked; now one of them takes ``verb``."""

    def build(cast: Cast) -> Operation:
        doer = actor(getattr(cast, who).person)
        more = {"reason": "临时有事"} if verb == "hand_back" else {}

        def prepare() -> Any:
            call = cast.call(State.POOLED, people_needed=2)
            call = actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li, cast.he])
            call = actions.accept(actor=actor(cast.li.person), call=call)
            return keyed(verb, doer, lambda: getattr(actions, verb)(actor=doer, call=call, **more))

        return Operation(f"{verb}, half filled", prepare, broken_rules)

    return build


def ask(cast: Cast) -> Operation:
    me = actor(cast.resident)
    return Operation("ask", lambda: keyed("ask", me, lambda: actions.ask(actor=me, what=what(cast))), broken_rules)


def save_draft(cast: Cast) -> Operation:
    me = actor(cast.resident)
    run = keyed("draft", me, lambda: actions.save_draft(actor=me, what=what(cast)))
    return Operation("save_draft", lambda: run, broken_rules)


def team_accepts(cast: Cast) -> Operation:
    leader = actor(cast.leader.person)

    def prepare() -> Any:
        call = cast.call(State.POOLED, people_needed=3)
        actions.dispatch(actor=actor(cast.keeper), call=call, teams=[cast.team], volunteers=[cast.li])
        return keyed("accept", leader, lambda: actions.accept(actor=leader, call=again(call)))

    return Operation("accept by a team", prepare, broken_rules)


def team_takes(cast: Cast) -> Operation:
    """The leader comes forward with his team, for a call in the pool."""
    leader = actor(cast.leader.person)
    Team.objects.filter(pk=cast.team.pk).update(open_limit=50)

    def prepare() -> Any:
        call = cast.call(State.POOLED, people_needed=3)
        return keyed("claim", leader, lambda: actions.claim(actor=leader, call=again(call), team=cast.team.public_id))

    return Operation("claim for a team", prepare, broken_rules)


def say(cast: Cast) -> Operation:
    me = actor(cast.resident)

    def prepare() -> Any:
        call = cast.call(State.ACCEPTED)
        return keyed("say", me, lambda: actions.say(actor=me, call=call, text="门口有台阶，请慢走"))

    return Operation("say", prepare, broken_rules)


def deliver_with_photos(cast: Cast) -> Operation:
    """The pictures' bytes are on the disk before their rows are committed; the sweep of files takes what stays over."""
    helper = actor(cast.li.person)

    def prepare() -> Any:
        call = cast.call(State.SERVING)
        shots = [picture(f"{call.number} {n}") for n in range(2)]
        return keyed("deliver", helper, lambda: actions.deliver(actor=helper, call=call, note="见照片", photos=shots))

    return Operation("deliver with photos", prepare, lambda: [*broken_rules(), *pictures_without_file()])


def picture(words: str) -> Picture:
    drawn = [Redrawn(body=f"{words} {size}".encode(), width=1, height=1) for size in ("full", "small")]
    return Picture(f"{words}.webp", *drawn)


def pictures_without_file() -> list[str]:
    kept = Attachment.objects.values_list("key", "small_key")
    return [f"a picture without its file: {key}" for both in kept for key in both if not files().exists(key)]


def mark_duplicate(cast: Cast) -> Operation:
    keeper = actor(cast.keeper)

    def prepare() -> Any:
        first, second = cast.call(), cast.call(State.DISPATCHED)
        return keyed("duplicate", keeper, lambda: actions.mark_duplicate(actor=keeper, call=second, of=first))

    return Operation("mark_duplicate", prepare, broken_rules)


def note_overdue(cast: Cast) -> Operation:
    def prepare() -> Any:
        call = cast.call(State.SUBMITTED)
        Call.objects.filter(pk=call.pk).update(stage_due_at=START, lift_at=START)
        return keyed("overdue", CLOCKS, lambda: actions.note_overdue(actor=CLOCKS, call=call))

    return Operation("note_overdue", prepare, broken_rules)


def team_declines(cast: Cast) -> Operation:
    leader = actor(cast.leader.person)

    def prepare() -> Any:
        call = cast.call(State.POOLED)
        call = actions.dispatch(actor=actor(cast.keeper), call=call, teams=[cast.team])
        return keyed("decline", leader, lambda: actions.decline(actor=leader, call=again(call), excuse="weather"))

    return Operation("decline for a team", prepare, broken_rules)


def hand_in_service(cast: Cast) -> Operation:
    def prepare() -> Any:
        call, day = cast.call(State.CLOSED), START - timedelta(days=next(_days))
        Call.objects.filter(pk=call.pk).update(started_at=day, delivered_at=day + timedelta(hours=1))
        return keyed("hand in", CLOCKS, lambda: actions.hand_in_service(actor=CLOCKS, call_id=call.pk))

    return Operation("hand_in_service", prepare, broken_rules)


def count_call(cast: Cast) -> Operation:
    def prepare() -> Any:
        call = cast.call(State.CLOSED)
        sources({counting.SOURCE})  # the first word of a kind of record writes its name down as well
        return keyed("count", CLOCKS, lambda: actions.count_call(actor=CLOCKS, call_id=call.pk))

    return Operation("count_call", prepare, broken_rules)


def ask_next(cast: Cast) -> Operation:
    def prepare() -> Any:
        call = cast.call(State.POOLED)
        Call.objects.filter(pk=call.pk).update(stage_due_at=START)
        return keyed("next", CLOCKS, lambda: actions.ask_next(actor=CLOCKS, call=call))

    return Operation("ask_next", prepare, broken_rules)


def tell(cast: Cast) -> Operation:
    def prepare() -> Any:
        event = cast.call(State.ACCEPTED).events.last()
        return keyed("tell", CLOCKS, lambda: actions.tell(actor=CLOCKS, call_id=event.call_id, event_id=event.pk))

    return Operation("tell", prepare, broken_rules)


def release(cast: Cast) -> Operation:
    def prepare() -> Any:
        Volunteer.objects.filter(pk=cast.li.pk).update(left_at=None)
        for state in (State.DISPATCHED, State.SCHEDULED):
            cast.call(state)
        Volunteer.objects.filter(pk=cast.li.pk).update(left_at=START)
        return keyed("release", CLOCKS, lambda: actions.release(actor=CLOCKS, volunteer_id=cast.li.pk))

    return Operation("release", prepare, broken_rules)


def look(name: str, who: str, look_at: Callable[[Actor, Call], Any]) -> Callable[[Cast], Operation]:
    """Somebody opens what is sealed; the trail and the budget are the effect."""

    def build(cast: Cast) -> Operation:
        person = getattr(cast, who)
        doer = actor(getattr(person, "person", person))
        cast.li.person.phone = "13700000000"
        cast.li.person.save()

        def prepare() -> Any:
            RevealBudget.objects.all().delete()
            call = cast.call(State.ACCEPTED, address="桂花里3幢", contact_phone="13800000000")
            return keyed(name, doer, lambda: look_at(doer, Call.objects.get(pk=call.pk)))

        return Operation(name, prepare, broken_rules)

    return build


def both(doer: Actor, call: Call) -> list[str]:
    seen = actions.see_contact(actor=doer, call=call)
    return [seen.address, seen.phone]


def address(doer: Actor, call: Call) -> str:
    return actions.reveal_contact(actor=doer, call=call, what="address", reason="核对门牌号")


def helper(doer: Actor, call: Call) -> str:
    return actions.reveal_helper(actor=doer, call=call, offer=call.offers.get(), reason="联系志愿者")


def later(cast: Cast) -> Any:
    return START + timedelta(hours=3)


LIFE: dict[str, Callable[[Cast], Operation]] = {
    "submit": step("submit", "resident", State.DRAFT),
    "review": step("review", "keeper", State.SUBMITTED),
    "ask_info": step("ask_info", "keeper", State.REVIEWING, note="哪家医院？"),
    "give_info": step("give_info", "resident", State.NEED_INFO, note="区人民医院"),
    "reject": step("reject", "keeper", State.NEED_INFO, reason="不在服务范围"),
    "pool": step("pool", "keeper", State.REVIEWING),
    "dispatch": step("dispatch", "keeper", State.POOLED, volunteers=lambda cast: [cast.li, cast.he]),
    "claim": step("claim", "he", State.POOLED),
    "claim for a team": team_takes,
    "accept": step("accept", "li", State.DISPATCHED),
    "decline": step("decline", "li", State.DISPATCHED),
    "expire": step("expire", "", State.DISPATCHED),
    "recall": step("recall", "keeper", State.DISPATCHED, reason="换个人"),
    "hand_back": step("hand_back", "li", State.SCHEDULED, reason="临时出差"),
    "schedule": step("schedule", "li", State.ACCEPTED, at=later),
    "start": step("start", "li", State.SCHEDULED),
    "deliver": step("deliver", "li", State.SERVING, note="已陪同就医"),
    "rate": step("rate", "resident", State.DELIVERED, score=5, solved=True, comment="谢谢"),
    "auto_rate": step("auto_rate", "", State.DELIVERED),
    "reopen": step("reopen", "resident", State.CLOSED, reason="还是漏水"),
    "suspend": step("suspend", "keeper", State.ACCEPTED, reason="等家属回来"),
    "resume": step("resume", "keeper", State.SUSPENDED),
    "cancel": step("cancel", "resident", State.SCHEDULED, reason="自己解决了"),
    "transfer": step("transfer", "keeper", State.POOLED, target="12345"),
    "accept half": half_filled("accept", "he"),
    "decline half": half_filled("decline", "he"),
    "hand_back half": half_filled("hand_back", "li"),
    "accept team": team_accepts,
    "ask": ask,
    "save_draft": save_draft,
    "say": say,
    "deliver with photos": deliver_with_photos,
    "mark_duplicate": mark_duplicate,
    "note_overdue": note_overdue,
    "decline for a team": team_declines,
    "ask_next": ask_next,
    "count_call": count_call,
    "hand_in_service": hand_in_service,
    "tell": tell,
    "release": release,
    "see_contact": look("see_contact", "li", both),
    "reveal_contact": look("reveal_contact", "keeper", address),
    "reveal_helper": look("reveal_helper", "keeper", helper),
}
TABLES = (LIFE, DOORS, PROPOSALS, RINGS, MENU, CENTRE, SORTING)
OPERATIONS: dict[str, Callable[[Cast], Operation]] = {name: build for table in TABLES for name, build in table.items()}
