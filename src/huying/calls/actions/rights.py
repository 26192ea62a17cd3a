"""What this room keeps about a person: his copy of it, what goes when he is forgotten, what must be settled before.

The record that a call was asked and answered stays ten years without a face (GB/T 40143-2021, 5.2.2; domain 2.5).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.calls.actions.sorting import forget_lessons
from huying.calls.models import Call, CallMessage, CallNote, Exclusion, Offer, Slip
from huying.calls.queries.preferring import wish_in_words
from huying.calls.states import OPEN_STATES, OfferState, State
from huying.kernel import attachments, audit
from huying.kernel.actor import Actor
from huying.kernel.sealed import blind_index
from huying.kernel.search import fold, search_text, terms
from huying.people.actions import ERASED_NAME, Rights, Section
from huying.people.models import Notice, Person


def own_calls(person: Person, of: str = "") -> Q:
    """His calls as the one served; what he raised on duty is his place's (``of``: how a row leads to its call)."""
    return Q(**{f"{of}requester": person, f"{of}raised_for": None})


def obstacles(person: Person) -> Iterable[str | Promise]:
    """Calls that are under way on either side must be settled first, so that nobody waits for nobody."""
    mine = Call.objects.filter(own_calls(person), state__in=OPEN_STATES)
    if mine.exists():
        yield _("您还有没办完的求助，请先取消，或等它办完。")
    held = Offer.objects.filter(volunteer__person=person, state=OfferState.ACCEPTED, call__state__in=OPEN_STATES)
    if held.exists():
        yield _("您还有接下没做完的求助，请先退回。")


def export(person: Person) -> Iterable[Section]:
    """Calls of the person with his own address and number in the open, calls he helped with, and what he wrote."""
    names = {
        "number": gettext("编号"),
        "service": gettext("服务"),
        "place": gettext("地方"),
        "details": gettext("说明"),
        "helper": gettext("想请什么样的人来"),
        "answers": gettext("填写的内容"),
        "contact_phone": gettext("联系电话"),
        "state": gettext("状态"),
        "submitted_at": gettext("提交时间"),
        "delivered_at": gettext("服务时间"),
        "score": gettext("评分"),
        "solved": gettext("解决了吗"),
        "comment": gettext("评价"),
        "left_out": gettext("从统计比例里剔除"),
        "text": gettext("留言"),
        "at": gettext("时间"),
        "answered_at": gettext("答复时间"),
    }
    calls = (
        Call.objects.filter(own_calls(person) | Q(asked_by=person, raised_for=None))
        .select_related("kind", "place", "language")
        .order_by("id")
    )
    calls = calls.prefetch_related("exclusions")
    asked = [row(call, own=call.requester_id == person.pk) for call in calls]
    yield Section("calls", gettext("我的求助"), asked, names)
    unsaid = Q(state__in=[OfferState.DECLINED, OfferState.EXPIRED]) & ~Q(call__state__in=OPEN_STATES)  # K10
    told = Offer.objects.filter(volunteer__person=person).exclude(unsaid)
    offers = told.select_related("call__kind").order_by("id")
    helped = [
        {
            "number": one.call.number,
            "service": one.call.kind.name,
            "state": str(OfferState(OfferState.EXPIRED if one.put_away else one.state).label),
            "answered_at": one.answered_at,
        }
        for one in offers
    ]
    yield Section("offers", gettext("请我帮忙的"), helped, names)
    own = Q(person=person) | Q(person__merged_into=person)  # what a double of his wrote stays where it was written
    said = CallMessage.objects.filter(own).select_related("call").order_by("id")
    rows = [{"number": one.call.number, "text": one.text, "at": one.at} for one in said]
    yield Section("messages", gettext("我的留言"), rows, names)


def row(call: Call, *, own: bool) -> dict[str, Any]:
    """One call; address and number only of one's own, not of those one asked for."""
    return {
        "number": call.number,
        "service": call.kind.name,
        "title": call.title,
        "details": call.details,
        "answers": call.answers,
        "helper": wish_in_words(call),
        "place": call.place.name,
        "address": call.address.open() if own and call.address else "",
        "contact_phone": call.contact_phone.open() if own and call.contact_phone else "",
        "state": str(State(call.state).label),
        "submitted_at": call.submitted_at,
        "delivered_at": call.delivered_at,
        "score": call.score,
        "solved": call.solved,
        "comment": call.comment,
        "left_out": [
            f"{one.get_state_display()} · {one.get_ground_display()} · {one.reason}" for one in call.exclusions.all()
        ],
    }


def erase(actor: Actor, person: Person) -> None:
    """Empty what he wrote about himself in his calls, take the pictures away and every word that he wrote or that was
    written in his calls (decision 0012); number, kind, place, steps and times stay.
    """
    lessons = forget_lessons(list(Call.objects.filter(own_calls(person)).values_list("pk", flat=True)))
    for call in Call.objects.filter(own_calls(person)).select_related("kind", "place"):
        for photo in attachments.of(call):
            attachments.remove(actor=actor, attachment=photo)
        words = (call.number, call.place.name, call.kind.name)
        call.title, call.details, call.answers, call.comment = call.kind.name, "", {}, ""
        call.language, call.helper_sex, call.helper_age = None, "", ""
        call.address = call.contact_phone = call.contact_index = call.lon = call.lat = None
        call.search_text, call.search_terms = search_text(*words), terms(*words)
        call.save()
    if person.phone is not None:  # his number, given as the one to ring in the call of somebody else
        number = blind_index(person.phone.open(), "phone")
        Call.objects.filter(contact_index=number).update(contact_phone=None, contact_index=None)
    Offer.objects.filter(Q(volunteer__person=person) | own_calls(person, "call__")).exclude(reason="").update(reason="")
    Exclusion.objects.filter(own_calls(person, "call__")).update(reason="", decision="", undoing="")
    for column, who in WRITTEN:
        Exclusion.objects.filter(**{who: person}).update(**{column: ""})
    Slip.objects.filter(own_calls(person, "call__")).delete()
    notes = CallNote.objects.filter(own_calls(person, "event__call__") | Q(event__person=person))
    said = CallMessage.objects.filter(own_calls(person, "call__") | Q(person=person))
    gone = {"notes": notes.delete()[0], "messages": said.delete()[0], "lessons": lessons, "naming": erase_name(person)}
    audit.record(actor, "call.words_removed", person, changes=gone)


WRITTEN = (("reason", "proposed_by"), ("decision", "decided_by"), ("undoing", "undone_by"))
"""Words beside an exclusion, and who wrote them."""


def erase_name(person: Person) -> int:
    """Take his name out of what others wrote in calls that he answered or asked for them; how many words went."""
    known = Call.objects.filter(Q(offers__volunteer__person=person) | Q(asked_by=person)).exclude(own_calls(person))
    ids = list(known.values_list("pk", flat=True).distinct())
    notes = CallNote.objects.filter(event__call__in=ids, text__contains=person.name)
    said = CallMessage.objects.filter(call__in=ids, text__contains=person.name)
    gone = notes.delete()[0] + said.delete()[0]
    for column, _who in WRITTEN:
        for one in Exclusion.objects.filter(call__in=ids, **{f"{column}__contains": person.name}):
            setattr(one, column, without(getattr(one, column), person.name))
            one.save(update_fields=[column])
            gone += 1
    for call in Call.objects.filter(pk__in=ids).select_related("kind", "place", "requester", "raised_for"):
        before = (call.title, call.details, call.comment, call.answers)
        call.title, call.details, call.comment, call.answers = without(before, person.name)
        changed = before != (call.title, call.details, call.comment, call.answers)
        if changed:
            gone += 1 + forget_lessons([call.pk])
        if changed or fold(person.name) in call.search_text:
            words = (call.number, call.title, call.asker, call.place.name, call.kind.name)
            call.search_text, call.search_terms = search_text(*words), terms(*words)
            call.save()
        told = Notice.objects.filter(person_id__in=[call.requester_id, call.asked_by_id])
        told = told.filter(url=reverse("calls:call", args=[call.public_id]))
        gone += told.filter(Q(body__contains=person.name) | Q(title__contains=person.name)).delete()[0]
    return gone


def without(words: Any, name: str) -> Any:
    """The same words, lists and answers with the name replaced."""
    if isinstance(words, str):
        return words.replace(name, ERASED_NAME)
    if isinstance(words, dict):
        return {key: without(value, name) for key, value in words.items()}
    if isinstance(words, list | tuple):
        return type(words)(without(value, name) for value in words)
    return words


def traces(person: Person) -> Iterable[str]:
    """Words of his that an answer kept for repeats may show."""
    for call in Call.objects.filter(own_calls(person)):
        address = call.address.open() if call.address else ""
        yield from (call.title, call.details, call.comment, address)
        yield from (value for value in call.answers.values() if isinstance(value, str))
    mine = own_calls(person, "event__call__") | Q(event__person=person)
    yield from CallNote.objects.filter(mine).values_list("text", flat=True)
    said = CallMessage.objects.filter(own_calls(person, "call__") | Q(person=person))
    yield from said.values_list("text", flat=True)


RIGHTS = Rights(export=export, erase=erase, obstacles=obstacles, traces=traces)
