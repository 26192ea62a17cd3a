"""What this room keeps about a person: his passbooks, claims, exchanges and appeals; words go with him, numbers stay."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.kernel import clock, events, jobs
from huying.kernel.actor import Actor
from huying.people import actions as people_actions
from huying.people.actions.rights import ERASED_NAME
from huying.people.models import Notice, Person
from huying.points.actions.events import PointsMoved
from huying.points.models import Appeal, Claim, Gift, Intake, Passbook, Reversal
from huying.points.states import BookletState, ClaimState, GiftState

APPEALED = ("words", "words_again", "first_reason", "second_reason")


def export(person: Person) -> Iterable[people_actions.Section]:
    """All of it for his copy of everything; the lines of the accounts come from the ledger."""
    names = {"book": gettext("积分办法"), "number": gettext("存折号"), "state": gettext("状态")}
    names |= {"opened_at": gettext("开立时间"), "title": gettext("事由"), "done_on": gettext("日期")}
    names |= {"amount": gettext("积分"), "proof": gettext("证明"), "reason": gettext("理由")}
    names |= {"good": gettext("物品"), "quantity": gettext("数量"), "at": gettext("时间"), "words": gettext("申诉内容")}
    books = [
        {"book": one.book.name, "number": one.number, "state": one.get_state_display(), "opened_at": one.opened_at}
        for one in Passbook.objects.filter(person=person).select_related("book").order_by("id")
    ]
    yield people_actions.Section("passbooks", gettext("我的积分存折"), books, names)
    claims = [
        {
            "title": one.title,
            "done_on": one.done_on,
            "amount": one.amount,
            "state": one.get_state_display(),
            "proof": one.proof,
            "reason": one.reason,
        }
        for one in Claim.objects.filter(person=person).order_by("id")
    ]
    yield people_actions.Section("points", gettext("我的积分申报"), claims, names)
    gifts = [
        {
            "good": one.good.name,
            "quantity": one.quantity,
            "state": one.get_state_display(),
            "at": one.made_at,
            "reason": one.reason,
        }
        for one in Gift.objects.filter(passbook__person=person).select_related("good").order_by("id")
    ]
    yield people_actions.Section("gifts", gettext("我的积分兑换"), gifts, names)
    appeals = [
        {"words": f"{one.words} {one.words_again}".strip(), "state": one.get_state_display(), "at": one.filed_at}
        for one in Appeal.objects.filter(Q(passbook__person=person) | Q(filed_by=person)).order_by("id")
    ]
    yield people_actions.Section("appeals", gettext("我的积分申诉"), appeals, names)


def erase(actor: Actor, person: Person) -> None:
    """What waits goes back, words go; entries stay under a number without a face."""
    mine = Q(passbook__person=person)
    for key in Gift.objects.filter(mine, state=GiftState.RESERVED).values_list("pk", flat=True):
        jobs.enqueue("points.give_back", key=f"points.give_back:{key}", row_id=key)  # each hold is ended by itself
    own = Claim.objects.filter(Q(person=person) | Q(made_by=person))
    own.update(proof="", reason="", title=gettext("已注销"))
    Claim.objects.filter(person=person, state=ClaimState.WAITING).update(
        state=ClaimState.WITHDRAWN, ended_at=clock.now()
    )
    Claim.objects.filter(ended_by=person).update(reason="")
    Reversal.objects.filter(Q(claim__person=person) | Q(made_by=person)).update(evidence=ERASED_NAME)
    Reversal.objects.filter(Q(claim__person=person) | Q(ended_by=person)).update(reason="")
    Gift.objects.filter(mine | Q(returned_by=person)).exclude(reason="").update(reason=ERASED_NAME)
    Appeal.objects.filter(mine | Q(filed_by=person)).update(words=ERASED_NAME, words_again="")
    Appeal.objects.filter(mine | Q(first_by=person)).update(first_reason="")
    Appeal.objects.filter(mine | Q(second_by=person)).update(second_reason="")
    unnamed(person)
    Intake.objects.filter(evidence__contains=person.name).update(evidence=ERASED_NAME)
    Passbook.objects.filter(frozen_by=person).update(frozen_for="")
    for key in Passbook.objects.filter(person=person).exclude(state=BookletState.LEFT).values_list("pk", flat=True):
        events.publish(PointsMoved(label=Passbook._meta.label, row_id=key))
    Passbook.objects.filter(person=person).update(
        state=BookletState.LEFT,
        shares=False,
        left_at=clock.now(),
        frozen_until=None,
        frozen_for="",
        frozen_by=None,
    )


def unnamed(person: Person) -> None:
    """Words of others that name him, and messages that repeat them, name nobody any more."""
    for model, fields in (
        (Claim, ("title", "proof", "reason")),
        (Appeal, APPEALED),
        (Reversal, ("evidence", "reason")),
        (Gift, ("reason",)),
    ):
        for field in fields:
            for row in model._default_manager.filter(**{f"{field}__contains": person.name}):
                setattr(row, field, getattr(row, field).replace(person.name, ERASED_NAME))
                row.save(update_fields=[field])
    naming = Q(title__contains=person.name) | Q(body__contains=person.name)
    Notice.objects.filter(naming, kind="points").delete()


def traces(person: Person) -> Iterable[str]:
    """Words of his that an answer kept for repeats may show."""
    for one in Claim.objects.filter(Q(person=person) | Q(made_by=person)):
        yield from (one.title, one.proof, one.reason)
    yield from Appeal.objects.filter(Q(passbook__person=person) | Q(filed_by=person)).values_list("words", flat=True)


def apart(kept: Person, double: Person) -> Iterable[str | Promise]:
    """Nobody confirms himself afterwards: what one of the two stated or confirmed of the other stands in the way."""
    for one, other in ((kept, double), (double, kept)):
        by = Q(made_by=one) | Q(ended_by=one)
        if Claim.objects.filter(by, person=other, state__in=[ClaimState.CONFIRMED, ClaimState.REVERSED]).exists():
            yield _("这两份资料中的一份给另一份申报或核对过积分，不能合并，请联系系统管理员核对。")
            return
    held = Passbook.objects.filter(person=double).exclude(state=BookletState.LEFT)
    if held.filter(book__in=Passbook.objects.filter(person=kept).values("book")).exists():
        yield _("两份资料在同一个积分办法里各有存折，请先退出要并走的那一份的存折。")
    back = Q(ended_by=kept, returned_by=double) | Q(ended_by=double, returned_by=kept)
    if Gift.objects.filter(back).exists():
        yield _("这两份资料一份交付、一份退回了同一次兑换，不能合并，请联系系统管理员核对。")
    pairs = Q(made_by=kept, ended_by=double) | Q(made_by=double, ended_by=kept)
    if Claim.objects.filter(pairs).exists() or Reversal.objects.filter(pairs).exists():
        yield _("这两份资料一份申报、一份核对了同一笔积分，不能合并，请联系系统管理员核对。")


RIGHTS = people_actions.Rights(
    export=export,
    erase=erase,
    traces=traces,
    apart=apart,
)
"""Given to people when the program starts (apps.py)."""
