"""A site is checked against a standard by its keepers; another person who works there or above says whether it is so.

Nothing is ever taken out of the history: a check that was returned is followed by another one, and of those that were
verified the newest holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huying.kernel import attachments, audit, clock, events, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, Text
from huying.kernel.transactions import begin
from huying.places import rules
from huying.places.models import CheckAnswer, CheckNote, Place, SiteCheck, Standard, StandardItem
from huying.places.states import CHECK_STEPS, Answer, CheckState, SiteChecked

MOST_PHOTOS = 4
"""Photos of one answer."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the keeper says of one item, by its number; ``note`` tells what proves it, or why it does not apply."""

    number: int
    answer: str
    note: str = ""


class NotAsked(Conflict):
    code = "standard_not_asked"
    message = _("这项标准现在不适用于这里。")


class CheckWaits(Conflict):
    code = "check_waits"
    message = _("已经有一份自查等着核实，核实或退回以后才能再做。")


class CheckDecided(Conflict):
    code = "check_decided"
    message = _("这份自查刚刚已经有人处理过了，请刷新看结果。")


def self_check(*, actor: Actor, place: Place, standard: Standard, said: Sequence[Said]) -> SiteCheck:
    """Keep the answers to every item of a standard in force. Forbidden, NotAsked, CheckWaits, InvalidInput.

    The errors of answers stand under ``answer_NUMBER`` and ``note_NUMBER``.
    """
    with begin(actor):
        place = locks.one(Place, pk=place.pk)
        standard = locks.one(Standard, pk=standard.pk)
        if not rules.can_check(actor, place):
            raise Forbidden
        if not rules.asks_of(standard, place) or not standard.kinds.filter(pk=place.kind_id).exists():
            raise NotAsked
        items = {one.number: one for one in standard.items.order_by("number")}
        given = checked(items, said)
        yes = [items[one.number].weight for one in given if one.answer == Answer.YES]
        no = [items[one.number].weight for one in given if one.answer == Answer.NO]
        assert actor.person_id is not None
        row = SiteCheck(place=place, standard=standard, checked_by_id=actor.person_id, checked_at=clock.now())
        row.state, row.met, row.applies = CheckState.SELF_CHECKED, sum(yes), sum(yes) + sum(no)
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:  # one that waits is enough; the constraint has the last word
            raise CheckWaits from None
        keep(row, items, given)

        changes = {"standard": standard.code, "version": standard.version, "met": row.met, "applies": row.applies}
        audit.record(actor, "check.make", row, place_path=place.path, changes=changes)
        events.publish(SiteChecked(check_id=row.pk))
        return row


def checked(items: Mapping[int, StandardItem], said: Sequence[Said]) -> list[Said]:
    """The answers in order, one to each item; what does not apply says why. InvalidInput."""
    by_number = {one.number: one for one in said}
    problems: dict[str, Text] = {}
    for number in items:
        one = by_number.get(number)
        if one is None or one.answer not in Answer.values:
            problems[f"answer_{number}"] = _("请选一项。")
        elif len(one.note) > 200:
            problems[f"note_{number}"] = _("最多 200 个字。")
        elif one.answer == Answer.NOT_APPLICABLE and not one.note.strip():
            problems[f"note_{number}"] = _("请写明为什么不适用。")
    if set(by_number) - set(items) or len(by_number) != len(said):
        problems["items"] = _("有的项目不在这项标准里，或写了两次。")
    if problems:
        raise InvalidInput(fields=problems)
    if all(one.answer == Answer.NOT_APPLICABLE for one in said):
        raise InvalidInput(_("没有一项适用，就不用自查这项标准。"))
    return [by_number[number] for number in sorted(items)]


def keep(row: SiteCheck, items: Mapping[int, StandardItem], given: Sequence[Said]) -> None:
    """Write the answers, and the notes beside them."""
    answers = CheckAnswer.objects.bulk_create(
        [CheckAnswer(check_of=row, item=items[one.number], answer=one.answer) for one in given]
    )
    pairs = zip(answers, given, strict=True)
    CheckNote.objects.bulk_create([CheckNote(answer=a, text=one.note.strip()) for a, one in pairs if one.note.strip()])


def verify_check(*, actor: Actor, check: SiteCheck) -> SiteCheck:
    """Another person says that it is so: from now on this check holds, unless one of a later version does. Forbidden,
    CheckDecided.
    """
    with begin(actor):
        row = opened(actor, check)
        line = Q(standard__code=row.standard.code, standard__place=row.standard.place_id)
        rows = SiteCheck.objects.filter(line, place=row.place_id, holds=True).select_related("standard")
        before = locks.many(rows)
        row.holds = all(one.standard.version <= row.standard.version for one in before)
        if row.holds:
            SiteCheck.objects.filter(pk__in=[one.pk for one in before]).update(holds=False)
        return decided(actor, row, "verify")


def return_check(*, actor: Actor, check: SiteCheck, reason: str) -> SiteCheck:
    """Another person says what is to be mended; what held before goes on holding. Forbidden, CheckDecided, InvalidInput."""
    if not reason.strip() or len(reason) > 200:
        raise InvalidInput(fields={"reason": _("请写明哪里要改，最多 200 个字。")})
    with begin(actor):
        row = opened(actor, check)
        row.reason = reason.strip()
        return decided(actor, row, "return")


def opened(actor: Actor, check: SiteCheck) -> SiteCheck:
    """The check locked under its site, if it still waits and this actor may decide. Forbidden, CheckDecided."""
    locks.one(Place, pk=check.place_id)
    row = locks.many(SiteCheck.objects.filter(pk=check.pk).select_related("place__kind", "standard"))[0]
    if not rules.can_verify(actor, row):
        raise Forbidden
    if row.state != CheckState.SELF_CHECKED:
        raise CheckDecided
    return row


def decided(actor: Actor, row: SiteCheck, verb: str) -> SiteCheck:
    row.state, row.decided_by_id, row.decided_at = CHECK_STEPS[verb][1], actor.person_id, clock.now()
    row.save(update_fields=["state", "decided_by_id", "decided_at", "reason", "holds"])

    changes = {"standard": row.standard.code, "version": row.standard.version}
    audit.record(actor, f"check.{verb}", row, place_path=row.place.path, changes=changes)
    events.publish(SiteChecked(check_id=row.pk))
    return row


def add_check_photo(
    *, actor: Actor, check: SiteCheck, number: int, upload: UploadedFile[Any]
) -> attachments.Attachment:
    """A photo that proves one answer, for those who read the check, while it waits. Forbidden, NotFound, CheckDecided,
    InvalidInput; PictureRefused when it is no picture.
    """
    if not rules.can_check(actor, check.place):
        raise Forbidden
    picture = attachments.redraw(upload)  # takes a while, so before any lock
    with begin(actor):
        answer = proven(actor, check, number)
        if attachments.of(answer).count() >= MOST_PHOTOS:
            raise InvalidInput(fields={"photo": _("这一项的照片够了，最多 {most} 张。")}, most=MOST_PHOTOS)
        return attachments.store(actor=actor, upload=picture, subject=answer, place_path=check.place.path)


def remove_check_photo(*, actor: Actor, check: SiteCheck, number: int, public_id: UUID) -> None:
    """Take a photo away while the check waits. Forbidden, NotFound, CheckDecided."""
    with begin(actor):
        answer = proven(actor, check, number)
        photo = attachments.of(answer).filter(public_id=public_id).first()
        if photo is None:
            raise NotFound
        attachments.remove(actor=actor, attachment=photo)


def proven(actor: Actor, check: SiteCheck, number: int) -> CheckAnswer:
    """The answer a photo belongs to, of a check that still waits, locked. Forbidden, NotFound, CheckDecided."""
    row = locks.one(SiteCheck, pk=check.pk)
    if not rules.can_check(actor, row.place):
        raise Forbidden
    answer = row.answers.filter(item__number=number).first()
    if answer is None:
        raise NotFound
    if row.state != CheckState.SELF_CHECKED:
        raise CheckDecided
    return answer


def forget_checker(*, person_id: int) -> int:
    """Somebody is forgotten: what he checked and decided stays, his words do not (decision 0012); how many notes went."""
    SiteCheck.objects.filter(decided_by_id=person_id).exclude(reason="").update(reason="")
    gone, _rows = CheckNote.objects.filter(answer__check_of__checked_by_id=person_id).delete()
    return gone


def move_checker(*, person_id: int, to: int) -> None:
    """Somebody written down twice is one again. Not when one of the two verified the other (``queries.checked_each_other``)."""
    SiteCheck.objects.filter(checked_by_id=person_id).update(checked_by_id=to)
    SiteCheck.objects.filter(decided_by_id=person_id).update(decided_by_id=to)
