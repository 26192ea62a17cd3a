"""What is done about calls: each gives the operation that is killed at every point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Exists, OuterRef

from huying.calls import actions
from huying.calls.models import (
    Call,
    Callback,
    Clock,
    DoorKey,
    HotlineDraft,
    Offer,
    Proposal,
    ProposalLine,
    Ring,
    ServiceKind,
)
from huying.calls.queries.doors import actor_of
from huying.calls.states import Asks, LineState, ProposalState, State
from huying.calls.tests.factories import START, Cast, actor, kind, skill, team
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.attachments.images import Picture, Redrawn
from huying.kernel.attachments.storage import files
from huying.kernel.models import Attachment, RevealBudget
from huying.people import actions as people_actions
from huying.people.models import Person
from huying.volunteers.models import Team, TeamKind, Volunteer
from tests.crash.sorting_deeds import SORTING
from tests.crash.sweeping import Operation, keyed
from tests.invariants import broken_rules

CLOCKS = Actor.system("calls.clocks")
_days = count(1)


def again(call: Call) -> Call:
    """Without what an earlier try loaded and kept, so that each passes the same points."""
    return Call.objects.get(pk=call.pk)


def step(verb: str, who: str, state: str, **given: Any) -> Callable[[Cast], Operation]:
    """An operation that takes one step from ``state``; ``who`` names an attribute of the cast."""

    def build(cast: Cast) -> Operation:
        person = getattr(cast, who) if who else None
        doer = actor(getattr(person, "person", person)) if person else CLOCKS

        def prepare() -> Any:
            call = cast.call(state)
            if verb == "expire":
                Offer.objects.filter(call=call).update(answer_due_at=START)
            values = {name: value(cast) if callable(value) else value for name, value in given.items()}
            return keyed(verb, doer, lambda: getattr(actions, verb)(actor=doer, call=again(call), **values))

        return Operation(verb, prepare, broken_rules)

    return build


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


def what(cast: Cast) -> actions.Ask:
    return actions.Ask(
        kind=cast.kind,
        place=cast.home,
        requester=cast.resident,
        title="去医院复查",
        details="腿脚不便",
        answers={"hospital": "区人民医院"},
        address="桂花里3幢",
        contact_phone="13800000000",
        wanted_from=START + timedelta(hours=3),
        wanted_to=START + timedelta(hours=5),
    )


def ask(cast: Cast) -> Operation:
    me = actor(cast.resident)
    return Operation("ask", lambda: keyed("ask", me, lambda: actions.ask(actor=me, what=what(cast))), broken_rules)


def ask_for_another(cast: Cast) -> Operation:
    doer = actor(cast.grid_worker).behalf(cast.resident.pk)
    return Operation("ask", lambda: keyed("ask", doer, lambda: actions.ask(actor=doer, what=what(cast))), broken_rules)


def bring_in(cast: Cast) -> Operation:
    """A program brings in a call of somebody new: the person and the call, or neither."""
    key, _text = actions.give_key(actor=actor(cast.dispatcher), name="城市 App", place=cast.county)
    doer = actor_of(key, channel="open311", address="")
    asked = replace(what(cast), requester=Person(), door=key)

    def prepare() -> Any:
        phone = f"1390001{next(_days):04d}"
        return keyed("bring_in", doer, lambda: actions.bring_in(actor=doer, what=asked, name="方小雨", phone=phone))

    return Operation("bring_in", prepare, broken_rules)


def give_key(cast: Cast) -> Operation:
    doer = actor(cast.dispatcher)

    def give() -> Any:
        return actions.give_key(actor=doer, name="城市 App", place=cast.county)[0]

    return Operation("give_key", lambda: keyed("give_key", doer, give), broken_rules)


def end_key(cast: Cast) -> Operation:
    doer = actor(cast.dispatcher)

    def prepare() -> Any:
        key, _text = actions.give_key(actor=doer, name="城市 App", place=cast.county)
        return keyed("end_key", doer, lambda: actions.end_key(actor=doer, key=DoorKey.objects.get(pk=key.pk)))

    return Operation("end_key", prepare, broken_rules)


def tickets_of(cast: Cast) -> Any:
    """A table with three tickets that waits for decisions."""
    number = next(_days)
    lines = [f"SJ{number}-{n},clinic,陪着去医院{n},和平社区,1390000{number:02d}{n:02d}" for n in range(3)]
    table = SimpleUploadedFile("工单.csv", "\n".join(["工单编号,服务,标题,社区,电话", *lines]).encode())
    doer = actor(cast.dispatcher)
    return actions.check_tickets(actor=doer, area=cast.county, source="12345", upload=table)


def check_tickets(cast: Cast) -> Operation:
    doer = actor(cast.dispatcher)
    return Operation("check_tickets", lambda: keyed("check_tickets", doer, lambda: tickets_of(cast)[0]), broken_rules)


def take_draft(cast: Cast) -> Operation:
    """Two new calls, one ticket of the same matter: all come in together."""
    doer = actor(cast.dispatcher)

    def prepare() -> Any:
        draft, _plan = tickets_of(cast)
        known = cast.call()
        wanted = {2: "new", 3: "new", 4: f"same:{known.public_id}"}

        def take() -> Any:
            fresh = HotlineDraft.objects.get(pk=draft.pk)
            return [one.number for one in actions.take_draft(actor=doer, draft=fresh, decisions=wanted)]

        return keyed("take_draft", doer, take)

    return Operation("take_draft", prepare, lambda: [*broken_rules(), *tickets_without_call()])


def take_tickets(cast: Cast) -> Operation:
    doer = actor(cast.dispatcher)

    def prepare() -> Any:
        number = next(_days)
        rows = [
            {"row": n, "number": f"API{number}-{n}", "kind": "clinic", "place": "和平社区", "name": "方小雨"}
            for n in range(2)
        ]

        def take() -> Any:
            done = actions.take_tickets(actor=doer, area=cast.county, source="12345", rows=rows)
            return [one.number for one in done]

        return keyed("take_tickets", doer, take)

    return Operation("take_tickets", prepare, lambda: [*broken_rules(), *tickets_without_call()])


def tickets_without_call() -> list[str]:
    """Calls that came from a ticket which is not there."""
    lost = Call.objects.filter(channel="hotline", tickets=None)
    return [f"{call.number} has no ticket" for call in lost]


def make_slip(cast: Cast) -> Operation:
    doer = actor(cast.keeper)

    def prepare() -> Any:
        call = cast.call()
        return keyed("make_slip", doer, lambda: actions.make_slip(actor=doer, call=again(call)))

    return Operation("make_slip", prepare, broken_rules)


def read_slip(cast: Cast) -> Operation:
    doer = actor(cast.keeper)

    def prepare() -> Any:
        RevealBudget.objects.all().delete()
        call = cast.call()
        actions.make_slip(actor=doer, call=again(call))
        return keyed("read_slip", doer, lambda: len(actions.read_slip(actor=doer, call=again(call))))

    return Operation("read_slip", prepare, broken_rules)


def forget_drafts(cast: Cast) -> Operation:
    """The day of a table is over: it goes, and that of today stays."""

    def prepare() -> Any:
        old, _plan = tickets_of(cast)
        fresh, _plan = tickets_of(cast)
        assert old is not None and fresh is not None
        HotlineDraft.objects.filter(pk=old.pk).update(made_at=clock.now() - timedelta(days=2))
        return keyed("forget_drafts", CLOCKS, lambda: actions.forget_drafts(actor=CLOCKS))

    return Operation("forget_drafts", prepare, broken_rules)


def say_told(cast: Cast) -> Operation:
    doer = actor(cast.grid_worker)

    def prepare() -> Any:
        call = cast.call(State.ACCEPTED, reached_by="worker")
        return keyed("say_told", doer, lambda: actions.say_told(actor=doer, call=again(call)))

    return Operation("say_told", prepare, broken_rules)


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


def urge(cast: Cast) -> Operation:
    boss = actor(cast.dispatcher)

    def prepare() -> Any:
        call = cast.call(State.ACCEPTED)
        return keyed("urge", boss, lambda: actions.urge(actor=boss, call=again(call), note="家属又来问了"))

    return Operation("urge", prepare, broken_rules)


def draw(cast: Cast) -> Operation:
    boss = actor(cast.dispatcher)
    span = {"since": START - timedelta(days=1), "until": START + timedelta(days=1)}

    def prepare() -> Any:
        for _ in range(2):
            cast.call(State.CLOSED)
        return keyed("draw", boss, lambda: actions.draw(actor=boss, place=cast.county, size=1, **span))

    return Operation("draw", prepare, broken_rules)


def called_back(name: str, act: Callable[[Actor, Callback], Any]) -> Callable[[Cast], Operation]:
    """The centre calls back about a closed call in which it had no hand."""

    def build(cast: Cast) -> Operation:
        boss = actor(cast.dispatcher)

        def prepare() -> Any:
            RevealBudget.objects.all().delete()
            call = cast.call(State.CLOSED, contact_phone="13800000000")
            span = {"since": START - timedelta(days=1), "until": START + timedelta(days=1)}
            drawn = actions.draw(actor=boss, place=cast.county, size=500, **span)
            one = drawn.callbacks.get(call=call)
            return keyed(name, boss, lambda: act(boss, Callback.objects.get(pk=one.pk)))

        return Operation(name, prepare, broken_rules)

    return build


def heard(boss: Actor, one: Callback) -> Callback:
    return actions.record_callback(actor=boss, public_id=one.public_id, heard=actions.Heard("answered", True, 4))


def dialled(boss: Actor, one: Callback) -> str:
    return actions.open_number(actor=boss, callback=one)


def set_score_rule(cast: Cast) -> Operation:
    boss, least = actor(cast.dispatcher), count(1)

    def prepare() -> Any:
        facts = actions.ScoreFacts(least=next(least))
        return keyed("rule", boss, lambda: actions.set_score_rule(actor=boss, facts=facts))

    return Operation("set_score_rule", prepare, broken_rules)


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


def menu(name: str, act: Callable[[Actor, Any, int], Any]) -> Callable[[Cast], Operation]:
    """An operation on a fresh line of the menu; ``act`` gets the keeper of the menu, the line and a number."""

    def build(cast: Cast) -> Operation:
        boss, serial = actor(cast.dispatcher), count(1)
        skill("plumbing", "修水管")

        def prepare() -> Any:
            n = next(serial)
            line = kind(f"line{n}", name=f"第{n}项", order=1000 + n)
            return keyed(name, boss, lambda: act(boss, line, n))

        return Operation(name, prepare, broken_rules)

    return build


def renamed(boss: Actor, line: ServiceKind, n: int) -> ServiceKind:
    line.name = "改了名"
    return actions.save_kind(actor=boss, kind=line, skills=[skill("plumbing", "修水管")])


def timed(boss: Actor, line: ServiceKind, n: int) -> Clock:
    return actions.save_clock(actor=boss, stage="deliver", minutes=n, mode="natural", urgent=False, kind=line)


def moved_up(boss: Actor, line: ServiceKind, n: int) -> None:
    actions.move_kind(actor=boss, kind=line, up=True)


def taken_off(boss: Actor, line: ServiceKind, n: int) -> ServiceKind:
    return actions.set_kind_active(actor=boss, kind=line, active=False)


def drop_clock(cast: Cast) -> Operation:
    boss, minutes = actor(cast.dispatcher), count(1)

    def prepare() -> Any:
        line = kind(f"line{next(minutes)}", name="一项")
        rule = Clock.objects.create(kind=line, stage="deliver", minutes=5)
        return keyed("drop", boss, lambda: actions.drop_clock(actor=boss, rule=Clock.objects.get(pk=rule.pk)))

    return Operation("drop_clock", prepare, broken_rules)


def take_call(cast: Cast) -> Operation:
    keeper, phones = actor(cast.keeper, channel="phone"), count(13800001000)

    def prepare() -> Any:
        caller = people_actions.Facts(name="来电人", phone=str(next(phones)), home_place=cast.home)
        asked = replace(what(cast), requester=Person(name="来电人"))
        return keyed("take", keeper, lambda: actions.take_call(actor=keeper, what=asked, caller=caller))

    return Operation("take_call", prepare, broken_rules)


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


def going_out(name: str, act: Callable[[Cast, Call], Any]) -> Callable[[Cast], Operation]:
    """An operation on a call that is out in its first ring: Li and the others of the station are asked."""

    def build(cast: Cast) -> Operation:
        ring(1, Asks.OWN)
        ring(2, Asks.OFFICE, level="office")
        duty = TeamKind.objects.get_or_create(code="unit", defaults={"name": "单位志愿服务队"})[0]
        guard = team("值班队", cast.county, cast.leader)
        Team.objects.filter(pk=guard.pk).update(kind=duty)
        ring(3, Asks.DUTY, team_kind=duty, level="centre")

        def prepare() -> Any:
            call = actions.widen(actor=actor(cast.keeper), call=cast.call(State.POOLED), people=2)
            return keyed(name, CLOCKS, lambda: act(cast, again(call)))

        return Operation(name, prepare, broken_rules)

    return build


def ring(order: int, asks: str, **more: Any) -> Ring:
    facts = {"name": f"第{order}圈", "minutes": 60, "mode": "natural", "per_seat": 5} | more
    return Ring.objects.create(order=order, asks=asks, **facts)


def next_ring(cast: Cast, call: Call) -> bool:
    """The first ring is over, nobody answered."""
    Offer.objects.filter(call=call).update(answer_due_at=START)
    Call.objects.filter(pk=call.pk).update(ring_due_at=START)
    actions.expire(actor=CLOCKS, call=call)
    return actions.ask_next(actor=CLOCKS, call=again(call))


def bound(cast: Cast, call: Call) -> bool:
    """Only the unit on duty is left, and nobody has time to answer any more."""
    Offer.objects.filter(call=call, state="offered").update(state="expired", answered_at=START)
    Call.objects.filter(pk=call.pk).update(ring=2, ring_due_at=START)
    return actions.ask_next(actor=CLOCKS, call=call)


def widen(cast: Cast) -> Operation:
    keeper = actor(cast.keeper)
    ring(1, Asks.OWN)

    def prepare() -> Any:
        call = cast.call(State.POOLED)
        return keyed("widen", keeper, lambda: actions.widen(actor=keeper, call=again(call), people=2))

    return Operation("widen", prepare, broken_rules)


def reserve(name: str, act: Callable[[Cast, Call], Any]) -> Callable[[Cast], Operation]:
    """A call that Li has and He was released from; He stands by already where that is not what is killed."""

    def build(cast: Cast) -> Operation:
        def prepare() -> Any:
            call = cast.call(State.POOLED)
            actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li, cast.he])
            call = actions.accept(actor=actor(cast.li.person), call=call)
            if name != "stand_by":
                actions.stand_by(actor=actor(cast.he.person), call=call)
            return keyed(name, CLOCKS, lambda: act(cast, again(call)))

        return Operation(name, prepare, broken_rules)

    return build


def stand_by(cast: Cast, call: Call) -> Any:
    return actions.stand_by(actor=actor(cast.he.person), call=call)


def step_back(cast: Cast, call: Call) -> Any:
    return actions.step_back(actor=actor(cast.he.person), call=call)


def drop_out(cast: Cast, call: Call) -> Any:
    return actions.hand_back(actor=actor(cast.li.person), call=call, reason="临时出差")


def put_off(cast: Cast) -> Operation:
    me = actor(cast.li.person)

    def prepare() -> Any:
        call = cast.call(State.DISPATCHED)
        return keyed("later", me, lambda: actions.later(actor=me, call=again(call), at=START + timedelta(minutes=5)))

    return Operation("later", prepare, broken_rules)


def remind(cast: Cast) -> Operation:
    def prepare() -> Any:
        offer = cast.call(State.DISPATCHED).offers.get()
        Offer.objects.filter(pk=offer.pk).update(remind_at=START)
        return keyed("remind", CLOCKS, lambda: actions.remind(actor=CLOCKS, offer_id=offer.pk))

    return Operation("remind", prepare, broken_rules)


def partly(verb: str, who: str) -> Callable[[Cast], Operation]:
    """A call for five to which Li has said yes, and He is asked."""

    def build(cast: Cast) -> Operation:
        person = getattr(cast, who)
        doer = actor(getattr(person, "person", person))

        def prepare() -> Any:
            call = cast.call(State.POOLED, people_needed=5)
            call = actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li, cast.he])
            call = actions.accept(actor=actor(cast.li.person), call=call)
            return keyed(verb, doer, lambda: getattr(actions, verb)(actor=doer, call=again(call)))

        return Operation(verb, prepare, broken_rules)

    return build


def save_ring(cast: Cast) -> Operation:
    boss, orders = actor(cast.dispatcher), count(1)

    def prepare() -> Any:
        facts = {"order": next(orders), "name": "本站", "asks": Asks.OWN, "place": cast.home}
        return keyed("save_ring", boss, lambda: actions.save_ring(actor=boss, ring=Ring(**facts)))

    return Operation("save_ring", prepare, broken_rules)


def drop_ring(cast: Cast) -> Operation:
    boss, orders = actor(cast.dispatcher), count(1)

    def prepare() -> Any:
        old = ring(next(orders), Asks.OWN)
        return keyed("drop", boss, lambda: actions.drop_ring(actor=boss, ring=Ring.objects.get(pk=old.pk)))

    return Operation("drop_ring", prepare, broken_rules)


def use_usual_rings(cast: Cast) -> Operation:
    boss = actor(cast.dispatcher)

    def prepare() -> Any:
        Ring.objects.all().delete()
        return keyed("usual", boss, lambda: actions.use_usual_rings(actor=boss))

    return Operation("use_usual_rings", prepare, broken_rules)


def later(cast: Cast) -> Any:
    return START + timedelta(hours=3)


OPERATIONS: dict[str, Callable[[Cast], Operation]] = {
    "submit": step("submit", "resident", State.DRAFT),
    "review": step("review", "keeper", State.SUBMITTED),
    "ask_info": step("ask_info", "keeper", State.REVIEWING, note="哪家医院？"),
    "give_info": step("give_info", "resident", State.NEED_INFO, note="区人民医院"),
    "reject": step("reject", "keeper", State.NEED_INFO, reason="不在服务范围"),
    "pool": step("pool", "keeper", State.REVIEWING),
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
    "dispatch": step("dispatch", "keeper", State.POOLED, volunteers=lambda cast: [cast.li, cast.he]),
    "claim": step("claim", "he", State.POOLED),
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
    "ask for another": ask_for_another,
    "save_draft": save_draft,
    "bring_in": bring_in,
    "give_key": give_key,
    "end_key": end_key,
    "check_tickets": check_tickets,
    "take_draft": take_draft,
    "take_tickets": take_tickets,
    "make_slip": make_slip,
    "read_slip": read_slip,
    "forget_drafts": forget_drafts,
    "say_told": say_told,
    "say": say,
    "deliver with photos": deliver_with_photos,
    "mark_duplicate": mark_duplicate,
    "note_overdue": note_overdue,
    "urge": urge,
    "draw": draw,
    "record_callback": called_back("heard", heard),
    "open_number": called_back("dialled", dialled),
    "set_score_rule": set_score_rule,
    "decline for a team": team_declines,
    "ask_next": ask_next,
    "ask_next ring": going_out("next ring", next_ring),
    "bind": going_out("bind", bound),
    "widen": widen,
    "stand_by": reserve("stand_by", stand_by),
    "step_back": reserve("step_back", step_back),
    "hand_back reserve": reserve("hand_back", drop_out),
    "later": put_off,
    "remind": remind,
    "arrive": partly("arrive", "li"),
    "enough": partly("enough", "keeper"),
    "save_ring": save_ring,
    "drop_ring": drop_ring,
    "use_usual_rings": use_usual_rings,
    "count_call": count_call,
    "hand_in_service": hand_in_service,
    "tell": tell,
    "save_kind": menu("save_kind", renamed),
    "save_clock": menu("save_clock", timed),
    "move_kind": menu("move_kind", moved_up),
    "set_kind_active": menu("set_kind_active", taken_off),
    "drop_clock": drop_clock,
    "take_call": take_call,
    "release": release,
    "see_contact": look("see_contact", "li", both),
    "reveal_contact": look("reveal_contact", "keeper", address),
    "reveal_helper": look("reveal_helper", "keeper", helper),
    **SORTING,
}
