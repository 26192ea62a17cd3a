"""Appeals: filed by whose points they are, marked, answered, and looked at again by other people above the first."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from huying.kernel import audit, clock, events, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput
from huying.kernel.transactions import begin
from huying.points import rules
from huying.points.actions.endings import renewed
from huying.points.actions.events import PointsMoved
from huying.points.actions.passbooks import thawed
from huying.points.actions.raising import tell_panel
from huying.points.actions.refusals import (
    AppealedAlready,
    CountedAnew,
    NotForOneself,
    ReasonMissing,
    StepRefused,
    TooLate,
)
from huying.points.actions.returning import returned
from huying.points.actions.reversals import dropped
from huying.points.actions.telling import tell
from huying.points.models import Appeal, Claim, Gift, Passbook, Reversal
from huying.points.queries import appeals as queries
from huying.points.states import APPEAL_STEPS, NOTICE, AppealState, ClaimState, GiftState, Outcome, ReversalState


def file_appeal(
    *,
    actor: Actor,
    passbook: Passbook,
    words: str,
    claim: Claim | None = None,
    reversal: Reversal | None = None,
    gift: Gift | None = None,
) -> Appeal:
    """Say that a refusal, a taking back, an exchange or a freezing is wrong, within the term. While it is open nothing is
    carried out.

    Raises Forbidden, ReasonMissing, TooLate, AppealedAlready.
    """
    if not 0 < len(words.strip()) <= 500:
        raise ReasonMissing(fields={"words": ReasonMissing.message})
    with begin(actor):
        fresh = locks.one(Passbook, pk=passbook.pk)
        if not rules.owns(actor, fresh) or actor.person_id is None:
            raise Forbidden
        claim = Claim.objects.get(pk=claim.pk) if claim else None  # as they stand behind the lock
        reversal = Reversal.objects.select_related("claim").get(pk=reversal.pk) if reversal else None
        gift = Gift.objects.get(pk=gift.pk) if gift else None
        happened = when(fresh, claim, reversal, gift)
        now, path = clock.now(), fresh.book.place.path
        until = queries.due("file", happened, path)
        if now > until:
            raise TooLate(until=f"{clock.local(until):%Y-%m-%d %H:%M}")
        about = {"reversal": reversal} if reversal else {"claim": claim, "reversal": None, "gift": gift}
        rows = Appeal.objects.filter(passbook=fresh, **about)
        if (rows if claim or reversal or gift else rows.exclude(state=AppealState.CLOSED)).exists():
            raise AppealedAlready
        row = Appeal.objects.create(
            passbook=fresh,
            claim=None if reversal else claim,
            reversal=reversal,
            gift=gift,
            words=words.strip(),
            filed_at=now,
            filed_by_id=actor.person_id,
            mark_due=queries.due("mark", now, path),
        )
        audit.record(actor, "points.file_appeal", row, place_path=path)
        tell_panel(actor, row, queries.panel(row), _("有新的积分申诉"))
        return row


def when(passbook: Passbook, claim: Claim | None, reversal: Reversal | None, gift: Gift | None) -> datetime:
    """When what is appealed against happened; InvalidInput for what cannot be."""
    if gift is not None and gift.passbook_id == passbook.pk and gift.state == GiftState.HANDED and gift.ended_at:
        return gift.ended_at
    if reversal is not None and reversal.claim.passbook_id == passbook.pk:
        if reversal.state == ReversalState.PROPOSED:
            return clock.now()  # as long as the points are held
        begun = [one for one in (reversal.made_at, reversal.ended_at, reversal.told_at) if one]
        return max(begun) if reversal.told_at else clock.now()  # of what he cannot know he cannot complain too late
    refused = claim is not None and reversal is None and claim.state == ClaimState.REFUSED
    if claim is not None and refused and claim.passbook_id == passbook.pk and claim.ended_at is not None:
        return claim.ended_at
    if claim is None and reversal is None and gift is None and passbook.frozen_until is not None:
        return clock.now()
    raise InvalidInput(_("这件事现在不能申诉。"))


def taken(actor: Actor, appeal: Appeal, verb: str, reason: str = "") -> Appeal:
    """The appeal, locked behind all it is about, when this step is possible; StepRefused, ReasonMissing."""
    locks.one(Passbook, pk=appeal.passbook_id)
    locks.many(Claim.objects.filter(pk=appeal.claim_id or (appeal.reversal.claim_id if appeal.reversal else 0)))
    locks.many(Reversal.objects.filter(pk=appeal.reversal_id or 0))
    fresh, step = locks.one(Appeal, pk=appeal.pk), APPEAL_STEPS[verb]
    if fresh.state not in step.from_:
        raise StepRefused(state=AppealState(fresh.state).label, verb=step.label)
    if "reason" in step.needs and not reason.strip():
        raise ReasonMissing(fields={"reason": ReasonMissing.message})
    return fresh


def judge(actor: Actor, appeal: Appeal) -> None:
    """Somebody who may sit on this panel; else the reason why not."""
    if not rules.can_judge(actor, appeal):
        mine = actor.person_id in rules.involved(appeal) | {appeal.first_by_id, appeal.marked_by_id}
        raise NotForOneself(_("与这件事有关的人，不能处理这个申诉。")) if mine else Forbidden


def saved(actor: Actor, appeal: Appeal, verb: str) -> Appeal:
    appeal.state = APPEAL_STEPS[verb].to
    appeal.save()
    audit.record(actor, f"points.{verb}_appeal", appeal, place_path=appeal.passbook.book.place.path)
    if appeal.state == AppealState.CLOSED:
        renewed(actor, appeal.passbook)  # what ended meanwhile was kept for it
        if appeal.reversal is not None and appeal.reversal.state == ReversalState.PROPOSED:
            waits(appeal.reversal, appeal.passbook.book.place.path)
    return appeal


def waits(row: Reversal, path: str) -> None:
    """A proposal that an appeal held up has its whole time again."""
    row.until = queries.due("reversal", max(clock.now(), row.not_before or clock.now()), path)
    row.save(update_fields=["until"])


def answered(actor: Actor, appeal: Appeal, words: str, body: str = "") -> None:
    """Tell its owner how it stands."""
    url = reverse("points:appeal", args=[appeal.public_id])
    tell(actor, appeal.passbook, words, body, url=url)


def mark_appeal(*, actor: Actor, appeal: Appeal) -> Appeal:
    """Somebody looks into it from now on."""
    with begin(actor):
        fresh = taken(actor, appeal, "mark")
        judge(actor, fresh)
        fresh.marked_at, fresh.marked_by_id = clock.now(), actor.person_id
        fresh.first_due = queries.due("first", fresh.filed_at, fresh.passbook.book.place.path)
        done = saved(actor, fresh, "mark")
        due = f"{clock.local(fresh.first_due):%Y-%m-%d}"
        answered(actor, done, _("您的申诉已受理，{due} 前答复。").format(due=due))
        return done


def decide_appeal(*, actor: Actor, appeal: Appeal, outcome: str, reason: str) -> Appeal:
    """The first answer, with reasons. Upheld: what was wrong is put right at once."""
    with begin(actor):
        fresh = taken(actor, appeal, "decide", reason)
        judge(actor, fresh)
        now = clock.now()
        fresh.first_at, fresh.first_by_id, fresh.first_outcome = now, actor.person_id, check(outcome)
        fresh.first_reason = reason.strip()[:500]
        fresh.again_until = queries.due("file", now, fresh.passbook.book.place.path)
        if outcome == Outcome.UPHELD:
            put_right(actor, fresh)
            done = saved(actor, fresh, "accept")
        else:
            done = saved(actor, fresh, "decide")
        answered(actor, done, _("您的申诉有答复了：{outcome}").format(outcome=Outcome(outcome).label), reason)
        return done


def check(outcome: str) -> str:
    if outcome not in Outcome.values:
        raise InvalidInput(fields={"outcome": InvalidInput.message})
    return outcome


def appeal_again(*, actor: Actor, appeal: Appeal, words: str) -> Appeal:
    """Its owner asks other people, above the first, to look at it. Raises TooLate, ReasonMissing."""
    with begin(actor):
        fresh = taken(actor, appeal, "again", words)
        if not rules.owns(actor, fresh.passbook):
            raise Forbidden
        now = clock.now()
        if fresh.again_until is None or now > fresh.again_until:
            raise TooLate(until=f"{clock.local(fresh.again_until or now):%Y-%m-%d %H:%M}")
        fresh.again_at, fresh.words_again = now, words.strip()[:500]
        fresh.second_due = queries.due("second", now, fresh.passbook.book.place.path)
        done = saved(actor, fresh, "again")
        tell_panel(actor, done, queries.panel(done), _("有积分申诉要另一组复核"))
        return done


def review_appeal(*, actor: Actor, appeal: Appeal, outcome: str, reason: str) -> Appeal:
    """The last answer, by nobody of the first. Upheld: what was wrong is put right at once."""
    with begin(actor):
        fresh = taken(actor, appeal, "review", reason)
        judge(actor, fresh)
        fresh.second_at, fresh.second_by_id = clock.now(), actor.person_id
        fresh.second_outcome, fresh.second_reason = check(outcome), reason.strip()[:500]
        if outcome == Outcome.UPHELD:
            put_right(actor, fresh)
        done = saved(actor, fresh, "review")
        answered(actor, done, _("复核有结果了：{outcome}").format(outcome=Outcome(outcome).label), reason)
        return done


def accept_appeal(*, actor: Actor, appeal: Appeal) -> Appeal:
    """Its owner himself is content with the answer; or the clock, when nobody asked again in time."""
    with begin(actor):
        fresh = taken(actor, appeal, "accept")
        late = fresh.again_until is not None and clock.now() > fresh.again_until
        if not (rules.is_his(actor, fresh.passbook) or (actor.is_system and late)):
            raise Forbidden
        return saved(actor, fresh, "accept")


def put_right(actor: Actor, appeal: Appeal) -> None:
    """A proposed taking back ends; a frozen passbook opens; an exchange comes back. A refused claim, and one whose points
    were already taken back, is stated anew, for neither word nor ledger ever changes: somebody else confirms it. Raises
    CountedAnew, OnASheet.
    """
    if appeal.reversal is not None:
        if appeal.reversal.state == ReversalState.PROPOSED:
            appeal.reversal.reason = str(Outcome.UPHELD.label)
            dropped(actor, appeal.reversal)
        elif appeal.reversal.state == ReversalState.CARRIED:
            stated_anew(actor, appeal.reversal.claim)
    elif appeal.gift is not None:
        returned(actor, locks.one(Gift, pk=appeal.gift_id), str(_("申诉成立")))
    elif appeal.claim is not None:
        stated_anew(actor, appeal.claim)
    elif appeal.passbook.frozen_until is not None:
        thawed(appeal.passbook).save()
        renewed(actor, appeal.passbook, within=NOTICE)
    events.publish(PointsMoved(label=Passbook._meta.label, row_id=appeal.passbook_id))


def stated_anew(actor: Actor, claim: Claim) -> Claim:
    """The same claim once more, waiting to be confirmed. CountedAnew where its record is counted as it is now."""
    if claim.source_id is not None:
        same = Claim.objects.filter(
            source_type=claim.source_type, source_id=claim.source_id, rule__code=claim.rule.code
        )
        if same.filter(state__in=[ClaimState.WAITING, ClaimState.CONFIRMED]).exists():
            raise CountedAnew
    return Claim.objects.create(
        passbook_id=claim.passbook_id,
        person_id=claim.person_id,
        rule_id=claim.rule_id,
        done_on=claim.done_on,
        quantity=claim.quantity,
        title=claim.title,
        proof=claim.proof,
        source_type=claim.source_type,
        source_id=claim.source_id,
        made_by_id=claim.made_by_id,
        made_at=clock.now(),
        former=claim,
    )
