"""The kind of a call is put right by staff, and the sorter learns from it: taught at night, examined, switched."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from huying.calls import rules
from huying.calls.actions.clocks import CallCounts, start_clock
from huying.calls.actions.moving import CallMoved, StepRefused, remember
from huying.calls.models import Call, Correction, ServiceKind, SorterVersion
from huying.calls.queries.sorting import Sorted, fingerprint, forgotten, lessons, sorted_call
from huying.calls.states import STAGE_OF, State
from huying.kernel import audit, clock, events, jobs, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden
from huying.kernel.search import pieces, search_text
from huying.kernel.transactions import begin
from huying.people.actions.limits import Limit, block_of, spend
from huying.sorting import teaching
from huying.sorting.teaching import Taught
from huying.sorting.written import Example

SLACK = 0.005
"""So much less macro-F1 is still not worse: one ask of two hundred."""
KEPT = 12
"""Versions that can be gone back to."""
PART = {"asked": 0.5, "written": 0.5}
"""The score of a version: the mean of both examinations."""


class NotOnMenu(Conflict):
    code = "not_on_menu"
    message = _("这项服务已经停用，请换一项。")


class SorterGone(Conflict):
    code = "sorter_gone"
    message = _("这一版学过的话已被清除，不能再用。")


def may_sort_words(*, address: str) -> bool:
    """Whether this block of addresses may have words sorted once more in this minute; counts it. Reading them costs the
    server more than anything else a stranger can ask for.
    """
    return not spend(Limit("sorter.words", settings.HUYING_SORTS_PER_MINUTE, timedelta(minutes=1)), block_of(address))


def change_kind(*, actor: Actor, call: Call, kind: ServiceKind) -> Call:
    """Put the call under another line of the menu before anybody has come; it becomes a lesson for the sorter.

    Its clock goes on; answers to the old questions stay readable. Raises StepRefused when it is too late, NotOnMenu.
    """
    said = sorted_call(call)
    with begin(actor):
        fresh = locks.one(Call, pk=call.pk)
        if not rules.can_handle(actor, fresh):
            raise Forbidden
        if not rules.can_sort(actor, fresh):
            raise StepRefused(state=State(fresh.state).label, verb=_("改服务"))
        to = ServiceKind.objects.filter(pk=kind.pk, active=True).first()
        if to is None:
            raise NotOnMenu
        was = fresh.kind
        if to.pk == was.pk:
            return fresh
        note_lesson(actor, fresh, to, said)
        put_under(fresh, to)
        event = remember(actor, fresh, "kind", fresh.state, "", {"from": was.code, "to": to.code, "name": to.name})
        audit.record(actor, "call.kind", fresh, place_path=fresh.place.path, changes={"from": was.code, "to": to.code})
        events.publish(CallMoved(call_id=fresh.pk, event_id=event.pk))
        return fresh


def note_lesson(actor: Actor, call: Call, kind: ServiceKind, said: Sorted | None) -> None:
    """The last word of staff is the lesson; what the call came under first stays known."""
    best = said.best if said else None
    facts = {
        "kind": kind,
        "person_id": actor.person_id,
        "at": clock.now(),
        "proposed": best.kind.code if best else "",
        "chance": best.chance if best else None,
    }
    Correction.objects.update_or_create(call=call, defaults=facts, create_defaults={**facts, "was": call.kind})


def put_under(call: Call, kind: ServiceKind) -> None:
    """The values of a call that follow from its kind. Urgent never becomes less urgent."""
    was = call.kind
    if call.title == was.name:
        call.title = kind.name
    if call.raised_for_id is None and call.people_needed == was.people_needed:  # a place said how many it needs
        call.people_needed = kind.people_needed
    call.answers = readable(call.answers, was, kind)
    call.kind, call.urgent = kind, call.urgent or kind.urgent
    call.search_text = search_text(call.number, call.title, call.asker, call.place.name, kind.name)
    call.search_terms = pieces(call.search_text)
    stage = STAGE_OF.get(State(call.state))
    if stage is not None:  # the clock of the new kind, from when this stage began: nobody gains time by sorting
        call.held_stage, call.held_since = stage, call.stage_started_at
        start_clock(call)
    call.save()
    if call.pk:
        events.publish(CallCounts(call_id=call.pk))


def readable(answers: dict[str, Any], was: ServiceKind, kind: ServiceKind) -> dict[str, Any]:
    """Answers to questions that the new kind asks alike stay; the others stand under the words of the old question, with
    the words of what was chosen, so that whoever goes there can read them.
    """
    before = {one["key"]: one for one in was.questions}
    kept: dict[str, Any] = {}
    for key, value in answers.items():
        question = before.get(key)
        if question is None or question in kind.questions:
            kept[key] = value
            continue
        words = {choice[0]: choice[1] for choice in question.get("choices", ())}
        kept[question["label"]] = words.get(value, value) if isinstance(value, str) else value
    return kept


# ── teaching ────────────────────────────────────────────────────────────────
def learn(*, actor: Actor) -> SorterVersion | None:
    """Teach a version from the project's text and all corrections, and let it serve if it is not worse than the one
    that does. None when there is nothing new, when another worker was faster, or when words were forgotten meanwhile.

    Nothing is locked while it is taught; a worker that dies meanwhile leaves nothing.
    """
    course, taken = teaching.course(), lessons()
    key = fingerprint(course, taken)
    present = SorterVersion.objects.filter(active=True).first()
    again = SorterVersion.objects.filter(fingerprint=key).first()
    if again is not None:
        return clear(actor, again)
    made = teaching.teach(list(taken.values()), bytes(present.body) if present and present.body else None)
    return keep(actor, course, taken, made)


def keep(actor: Actor, course: str, taken: dict[int, Example], made: Taught) -> SorterVersion | None:
    """Write a taught version down; it serves when it passes, or when the present one has to go."""
    key, score = fingerprint(course, taken), score_of(made.scores)
    with begin(actor):
        rows = held()
        heard = Correction.objects.filter(call_id__in=list(taken)).count()
        if heard < len(taken) or any(one.fingerprint == key for one in rows):
            return None
        now = next((one for one in rows if one.active), None)
        must = now is None or forgotten(now)
        best = [one.score for one in rows if one.course == course and not one.refused]
        bar = max([*best, score_of(made.present) if made.present else 0.0])
        passed = score >= bar - SLACK
        version = SorterVersion(
            trained_at=clock.now(),
            fingerprint=key,
            course=course,
            lessons=list(taken),
            learnt=len(taken),
            scores=made.scores,
            score=score,
            refused=not (passed or must),
            body=made.body,
        )
        try:
            with transaction.atomic():
                version.save(force_insert=True)
        except IntegrityError:  # the very first one, which nobody could lock: another worker wrote the same
            return None
        facts = {"version": version.pk, "lessons": len(taken), "score": score, "bar": round(bar, 4)}
        audit.record(actor, "sorter.taught" if passed else "sorter.refused", version, changes=facts)
        if passed or must:
            serve(actor, rows, version)
        tidy(actor, [*rows, version])
        return version


def held() -> list[SorterVersion]:
    """Every version, locked, without its arrays. Read again once the locks are there: waiting for a lock shows no row
    that was made meanwhile.
    """
    locks.many(SorterVersion.objects.only("pk"))
    return list(SorterVersion.objects.defer("body").order_by("pk"))


def score_of(scores: dict[str, dict[str, float]]) -> float:
    """Macro-F1, the mean of both examinations."""
    return round(sum(part * float(scores[name]["macro_f1"]) for name, part in PART.items()), 4)


def serve(actor: Actor, rows: list[SorterVersion], version: SorterVersion) -> None:
    """The one that serves steps back, then ``version`` serves."""
    before = next((one for one in rows if one.active), None)
    SorterVersion.objects.filter(active=True).update(active=False)
    SorterVersion.objects.filter(pk=version.pk).update(active=True)
    version.active = True
    facts = {"from": before.pk if before else None, "to": version.pk}
    audit.record(actor, "sorter.switched", version, changes=facts)


def clear(actor: Actor, again: SorterVersion) -> SorterVersion | None:
    """Nothing new to learn: but a version that learnt from forgotten words goes, and the one that did not serves."""
    with begin(actor):
        rows = held()
        now = next((one for one in rows if one.active), None)
        changed = now is not None and now.pk != again.pk and again.body is not None and forgotten(now)
        if changed:
            serve(actor, rows, again)
        tidy(actor, rows)
        return again if changed else None


def tidy(actor: Actor, rows: list[SorterVersion]) -> None:
    """Arrays that learnt from forgotten words go, and versions beyond the newest ``KEPT``; never the one that serves."""
    serving = SorterVersion.objects.filter(active=True).values_list("pk", flat=True).first()
    rest = [one for one in rows if one.pk != serving]
    for one in rest:
        if one.lessons and forgotten(one):
            SorterVersion.objects.filter(pk=one.pk).update(body=None, lessons=[], fingerprint=f"gone {one.pk}")
            audit.record(actor, "sorter.forgot", one, changes={"version": one.pk})
    old = sorted((one.pk for one in rest), reverse=True)[KEPT:]
    SorterVersion.objects.filter(pk__in=old).delete()


def switch_sorter(*, actor: Actor, version: SorterVersion) -> SorterVersion:
    """Let another version serve, by hand. Raises SorterGone when its words were forgotten."""
    if not rules.can_keep_menu(actor):
        raise Forbidden
    with begin(actor):
        rows = held()
        fresh = next((one for one in rows if one.pk == version.pk), None)
        if fresh is None or forgotten(fresh) or SorterVersion.objects.filter(pk=version.pk, body=None).exists():
            raise SorterGone
        if not fresh.active:
            serve(actor, rows, fresh)
        return fresh


def ask_to_learn(*, actor: Actor) -> bool:
    """Queue the teaching now instead of tonight; False when it waits already."""
    if not rules.can_keep_menu(actor):
        raise Forbidden
    with begin(actor):
        return jobs.enqueue("calls.learn", key="calls.learn")


def forget_lessons(calls: list[int]) -> int:
    """Words of these calls go: they are no lessons any more, and a version is taught without them. How many went."""
    gone: int = Correction.objects.filter(call_id__in=calls).delete()[0]
    if gone:
        jobs.enqueue("calls.learn", key="calls.learn")
    return gone
