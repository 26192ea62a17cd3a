"""Word to each side when a call takes a step: in the app, quiet hours kept, urgent calls pass."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.calls import rules
from huying.calls.models import Call, CallEvent, Offer
from huying.calls.states import MANY, SEEKING, Level, OfferState
from huying.kernel import jobs
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin
from huying.people import actions as people_actions
from huying.people import queries as people_queries
from huying.people.models import Person

ASKING = frozenset({"dispatch", "accept", "claim", "bind", "enough"})
"""What is said with these to helpers leads to their own page of it, which is theirs whatever became of the question."""
TO_REQUESTER: dict[str, Promise] = {
    "submit": _("您的求助已收到，正在等工作人员受理。"),
    "review": _("工作人员已受理您的求助。"),
    "ask_info": _("请补充说明：{note}"),
    "reject": _("您的求助未能受理：{note}"),
    "accept": _("{who} 已接单，会和您约时间。"),
    "claim": _("{who} 已接单，会和您约时间。"),
    "bind": _("{who} 已接单，会和您约时间。"),
    "enough": _("来帮忙的人已经够了。"),
    "hand_back": _("原来接单的人来不了，我们正在另找人。"),
    "schedule": _("上门时间已约好，请在求助详情里查看。"),
    "start": _("志愿者已开始服务。"),
    "deliver": _("服务已完成，请评价一下，没解决也请告诉我们。"),
    "suspend": _("您的求助先缓一缓：{note}"),
    "resume": _("您的求助已恢复办理。"),
    "cancel": _("求助已取消：{note}"),
    "transfer": _("您的求助已转到更合适的部门。"),
    "duplicate": _("这件求助已并入您先前的一件。"),
    "auto_rate": _("求助已办结。没解决的话，七天内还可以请我们再办。"),
    "say": _("有新的留言。"),
    "kind": _("工作人员把您的求助归到了更合适的一项服务，接着办。"),
}
FILLED = _("人已经够了，不用再答复，谢谢您看过。愿意候补的话，点开说一声就好。")
"""Right for who had not answered, and for who had said no: nobody may find out which it was, so both read it."""
TO_HELPERS: dict[str, Promise] = {
    "dispatch": _("有一件求助想请您帮忙，方便就接，不方便没关系。"),
    "cancel": _("求助已取消，不用去了，谢谢您。"),
    "suspend": _("求助暂时缓办，不用去了，谢谢您。"),
    "transfer": _("求助已转到别的部门，不用去了，谢谢您。"),
    "duplicate": _("这件求助和另一件重复，不用去了，谢谢您。"),
    "accept": FILLED,
    "claim": FILLED,
    "bind": FILLED,
    "enough": FILLED,
    "rate": _("对方已评价，谢谢您的帮助。"),
    "schedule": _("上门时间已约好，请在求助详情里查看。"),
    "reopen": _("对方说还没解决，工作人员会另作安排。"),
    "say": _("有新的留言。"),
    "urge": _("请看看这件求助办得怎样了，有难处就说一声。"),
}
RAISED = _("本地吹哨，正在逐圈呼叫，请留意应答。")
TIME_UP = _("最晚时间到了，人还没有齐，不再往下问。还要人的话，请改好时间再呼叫。")
TO_PLACE = {
    **{verb: text for verb, text in TO_REQUESTER.items() if verb not in {"submit", "review", "kind"}},
    "accept": _("{who} 应答了你们的吹哨。"),
    "claim": _("{who} 应答了你们的吹哨。"),
    "bind": _("{who} 值班兜底，应答了你们的吹哨。"),
    "deliver": _("你们吹哨的事已做完，请确认并评价。"),
    "time_up": TIME_UP,
}
AGAIN = _("有人临时来不了。您说过愿意候补，现在方便吗？")
BOUND = _("各圈都问过了，人还没齐。这件事按值班由你们兜底，请尽快安排。")
TO_STAFF: dict[str, Promise] = {
    "submit": _("有新的求助等待受理。"),
    "give_info": _("对方已补充说明。"),
    "hand_back": _("接单人退回了求助：{note}"),
    "bind": _("各圈都问过了，{who} 值班兜底，已接单。"),
    "decline": _("{who} 这次来不了：{note}"),
    "expire": _("派单没有接上，求助已回到待派。"),
    "reopen": _("对方说没解决：{note}"),
    "escalate": _("求助超时，已升级，请尽快处理。"),
    "time_up": TIME_UP,
    "silent": _("该答复的单位没有按时答复：{units}。请另作安排。"),
    "urge": _("上级催办：{note}"),
}
LIFTED_BY_SILENCE = _("该答复的单位没有按时答复：{units}。求助已升级，请尽快处理。")


def tell(*, actor: Actor, call_id: int, event_id: int) -> int:
    """Send the messages that follow one step; the number sent, 0 when they were sent before."""
    with begin(actor):
        if not jobs.effect(f"calls.tell:{event_id}"):
            return 0
        event = CallEvent.objects.select_related(
            "call__place", "call__kind", "call__requester", "call__raised_for", "words"
        ).get(pk=event_id)
        call, sent = event.call, 0
        said = {**TO_HELPERS, "dispatch": AGAIN} if event.facts.get("again") else TO_HELPERS
        at_desk = {**TO_STAFF, "submit": RAISED} if call.raised_for_id else TO_STAFF
        at_desk = {**at_desk, "escalate": LIFTED_BY_SILENCE} if event.facts.get("units") else at_desk
        for people, texts in (
            ([] if one_of_many(event) else askers(call), TO_PLACE if call.raised_for_id else TO_REQUESTER),
            (helpers(event) if event.verb in TO_HELPERS else (), said),
            (bound(event), {"bind": BOUND}),
            (desk(event) if event.verb in TO_STAFF else (), at_desk),
        ):
            text = texts.get(event.verb)
            if text is not None and people:
                page = "offer" if texts is said and event.verb in ASKING else "call"
                sent += send(actor, call, event, people, str(text), page)
        return sent


def askers(call: Call) -> list[int]:
    """The person served and who asked for him; for a call that a place raised, whoever is on duty there now."""
    if call.raised_for is not None:
        return people_queries.holders_over(call.raised_for, rules.HANDLERS)
    return [call.requester_id, call.asked_by_id]


def one_of_many(event: CallEvent) -> bool:
    """One of a large call who comes while others are sought: its asker is told when it is filled."""
    large = event.verb in {"accept", "claim"} and event.call.people_needed > MANY
    return large and event.to_state in SEEKING


def bound(event: CallEvent) -> set[int]:
    """Those who lead the team that has to see to the call."""
    return rules.answerers(Offer.objects.filter(pk=event.facts["offer"])) if event.verb == "bind" else set()


def helpers(event: CallEvent) -> set[int]:
    """Persons who hold or are asked for the call; for a step that fills it, those who were released by it, for one that stops
    it, those of them who were coming.
    """
    states = {OfferState.OFFERED, OfferState.ACCEPTED, OfferState.DONE}
    offers = Offer.objects.filter(call_id=event.call_id)
    if "released" in event.facts:
        offers = offers.filter(pk__in=event.facts.get("coming", event.facts["released"]))
    elif event.verb == "dispatch":
        offers = offers.filter(pk__in=event.facts.get("offers", ()), state=OfferState.OFFERED)
    elif event.verb == "urge":  # who was only asked is never urged (K10)
        offers = offers.filter(state=OfferState.ACCEPTED)
    else:
        offers = offers.filter(state__in=states - {OfferState.OFFERED})
    return rules.answerers(offers)


def desk(event: CallEvent) -> list[int]:
    """Who hears of a step on duty; of units that are silent at the centre also those who look on from above, of a limit that is
    over those who do not hear of it as the place that set it.
    """
    if event.verb == "time_up":
        return sorted(set(staff(event.call)) - set(askers(event.call)))
    above = people_queries.holders_over(event.call.place, rules.ABOVE_ALL) if event.verb == "silent" else []
    return [*staff(event.call), *above]


def staff(call: Call) -> list[int]:
    """Persons on duty for the call at the level that holds it now; where that post is empty, those of the next above,
    and whoever is on duty at all when nobody is above.
    """
    upward = [kind for kind, level in rules.LEVEL_OF.items() if list(Level).index(level) >= levels(call)]
    return people_queries.holders_over(call.place, upward) or people_queries.holders_over(call.place, rules.HANDLERS)


def levels(call: Call) -> int:
    """How far up the call is: 0 the station, 1 the office, 2 the centre."""
    return list(Level).index(Level(call.level))


def send(actor: Actor, call: Call, event: CallEvent, people: Iterable[int], text: str, page: str = "call") -> int:
    """One message a person, never to the one who took the step. Erasing the person served takes them all away."""
    who = answerer(event)
    targets = Person.objects.filter(pk__in=set(people) - {event.person_id}, erased_at__isnull=True)
    messages = [
        people_actions.Message(
            person=person,
            title=f"{call.kind.name} · {call.title}",
            body=text.format(note=event.note, who=who, units=gettext("、").join(event.facts.get("units", ()))),
            url=reverse(f"calls:{page}", args=[call.public_id]),
            urgent=call.urgent,
            about=call.requester if person.pk != call.requester_id and not call.raised_for_id else None,
        )
        for person in targets
    ]
    return people_actions.send_notices(actor=actor, messages=messages)


def answerer(event: CallEvent) -> str:
    """Name of the team or volunteer whose answer this step is; empty for every other step."""
    if "offer" not in event.facts:
        return ""
    offer = Offer.objects.filter(pk=event.facts["offer"]).select_related("volunteer__person", "team").first()
    return str(offer.team or offer.volunteer) if offer else ""
