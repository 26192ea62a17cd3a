"""A free-text ask is sorted into the menu: proposals, what staff put right, what the sorter learns and forgets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.calls import actions, queries, rules
from huying.calls.actions import rights, sorting
from huying.calls.models import Call, Clock, Correction, ServiceKind, SorterVersion
from huying.calls.queries.sorting import NOBODY, forgotten, lessons
from huying.calls.states import NAMELESS, SORTABLE, State
from huying.calls.tasks import first_sorter
from huying.calls.tests.factories import START, Cast, actor, clocks, kind, person
from huying.calls.tests.sorters import BATH, CLINIC, teacher, version
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden
from huying.kernel.models import AuditLine
from huying.people.models import Person
from huying.sorting import teaching
from huying.sorting.tests.small import small

pytestmark = pytest.mark.django_db
SORTER = Actor.system("calls.sorter")


@pytest.fixture
def bath(cast: Cast) -> ServiceKind:
    return kind("bath", people_needed=2)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teaching, "teach", teacher())
    monkeypatch.setattr(teaching, "course", lambda: "tests")


def corrected(
    cast: Cast, to: ServiceKind, title: str = "想请人帮老人洗澡", *, of: Person | None = None, **more: Any
) -> Call:
    """A call of the resident, or ``of`` somebody else, that the keeper puts under another kind."""
    call = cast.call(State.SUBMITTED, title=title, **more)
    Call.objects.filter(pk=call.pk).update(requester=of or cast.resident)
    return actions.change_kind(actor=actor(cast.keeper), call=call, kind=to)


# ── proposals ───────────────────────────────────────────────────────────────
def test_without_a_sorter_or_without_words_nothing_is_proposed(cast: Cast) -> None:
    assert queries.sorted_words("想洗澡") is None
    version()
    assert queries.sorted_words("！！！ 😭") is None


def test_a_clear_ask_is_sure_and_says_which_words_spoke_for_it(cast: Cast, bath: ServiceKind) -> None:
    version()

    said = queries.sorted_words("我爸卧床，想请人帮他洗澡")

    assert said is not None and said.sure and said.best is not None
    assert said.best.kind == bath and said.best.percent <= 99
    assert set(said.best.reasons) == {"卧床", "洗澡"}


def test_an_unclear_ask_is_for_a_person(cast: Cast, bath: ServiceKind) -> None:
    version(small(threshold=0.8, bath=BATH, clinic=CLINIC))

    said = queries.sorted_words("先去医院复查，再帮忙洗澡擦身")

    assert said is not None and not said.sure
    assert {one.kind.code for one in said.proposals} == {"bath", "clinic"}


def test_a_kind_that_is_off_or_gone_is_never_proposed_nor_its_chance_given_away(cast: Cast, bath: ServiceKind) -> None:
    version()
    ServiceKind.objects.filter(code="bath").update(active=False)

    said = queries.sorted_words("卧床的老人想洗澡擦身")

    assert said is not None and not said.sure
    assert "bath" not in [one.kind.code for one in said.proposals]
    assert all(one.chance < 0.5 for one in said.proposals)


def test_a_new_kind_without_examples_is_not_proposed(cast: Cast) -> None:
    kind("dogs", name="洗澡擦身")
    version()

    said = queries.sorted_words("想洗澡")

    assert said is not None and "dogs" not in [one.kind.code for one in said.proposals]


# ── staff put it right ──────────────────────────────────────────────────────
def test_changing_the_kind_moves_the_call_and_leaves_a_lesson(cast: Cast, bath: ServiceKind) -> None:
    made = version()

    call = corrected(cast, bath)

    lesson = Correction.objects.get(call=call)
    assert (call.kind, call.people_needed, call.state) == (bath, 2, State.SUBMITTED)
    assert (lesson.was, lesson.kind, lesson.proposed, lesson.person_id) == (cast.kind, bath, "bath", cast.keeper.pk)
    assert lesson.chance is not None and lesson.chance > 0.5 and made.active
    assert call.events.get(verb="kind").facts == {"from": "clinic", "to": "bath", "name": "bath"}
    assert AuditLine.objects.get(verb="call.kind").changes == {"from": "clinic", "to": "bath"}
    assert "bath" in call.search_text


def test_the_last_word_of_staff_counts_and_where_it_began_stays_known(cast: Cast, bath: ServiceKind) -> None:
    call = corrected(cast, bath)

    actions.change_kind(actor=actor(cast.dispatcher), call=call, kind=cast.kind)

    lesson = Correction.objects.get(call=call)
    assert (lesson.was, lesson.kind, lesson.person_id) == (cast.kind, cast.kind, cast.dispatcher.pk)


def test_the_same_kind_again_changes_nothing(cast: Cast) -> None:
    call = cast.call()

    actions.change_kind(actor=actor(cast.keeper), call=call, kind=cast.kind)

    assert not Correction.objects.exists() and not call.events.filter(verb="kind").exists()


def test_sorting_gives_nobody_more_time(cast: Cast, bath: ServiceKind) -> None:
    clocks(review=240)
    Clock.objects.create(kind=bath, stage="review", minutes=60, mode=Clock.Mode.NATURAL)
    call = cast.call()

    with clock.frozen(START + timedelta(minutes=50)):
        call = actions.change_kind(actor=actor(cast.keeper), call=call, kind=bath)

    assert call.stage_due_at == START + timedelta(minutes=60)
    assert call.stage_started_at == START


def test_an_urgent_call_stays_urgent_and_an_urgent_kind_makes_it_so(cast: Cast, bath: ServiceKind) -> None:
    assert corrected(cast, bath, urgent=True).urgent
    assert corrected(cast, kind("storm", urgent=True)).urgent


def test_answers_stay_readable_under_the_new_kind(cast: Cast) -> None:
    days = {"key": "days", "label": "要几天", "type": "number"}
    move = {"key": "mobility", "label": "走动情况", "type": "choice", "choices": [["chair", "坐轮椅", "Wheelchair"]]}
    was, to = kind("meal", questions=[days, move]), kind("clean", questions=[days])
    call = cast.call(kind=was, answers={"days": 3, "mobility": "chair", "older": True})

    call = actions.change_kind(actor=actor(cast.keeper), call=call, kind=to)

    assert call.answers == {"days": 3, "走动情况": "坐轮椅", "older": True}


@pytest.mark.parametrize("state", [State.DISPATCHED, State.ACCEPTED, State.SERVING, State.DELIVERED, State.CANCELLED])
def test_once_somebody_was_asked_the_kind_stands(cast: Cast, bath: ServiceKind, state: State) -> None:
    call = cast.call(state)

    with pytest.raises(actions.StepRefused):
        actions.change_kind(actor=actor(cast.keeper), call=call, kind=bath)
    assert state not in SORTABLE


def test_only_those_who_handle_the_call_change_its_kind_and_only_to_what_is_on_the_menu(
    cast: Cast, bath: ServiceKind
) -> None:
    call = cast.call()

    for who in (cast.outsider, cast.resident, cast.grid_worker):
        with pytest.raises(Forbidden):
            actions.change_kind(actor=actor(who), call=call, kind=bath)
        assert not rules.can_sort(actor(who), call)
    with pytest.raises(sorting.NotOnMenu):
        actions.change_kind(actor=actor(cast.keeper), call=call, kind=kind("old", active=False))


# ── what it learns ──────────────────────────────────────────────────────────
def test_lessons_hold_no_name_of_who_and_where_and_no_number(cast: Cast, bath: ServiceKind) -> None:
    call = corrected(cast, bath, title="陈桂英住和平社区3幢，电话13912345678，想洗澡")

    (example,) = lessons().values()

    assert (example.label, example.who) == ("bath", call.requester_id)
    assert not [word for word in ("陈桂英", "和平社区", "1391", "3幢") if word in example.text]
    assert "想洗澡" in example.text


def test_a_call_without_words_is_no_lesson(cast: Cast, bath: ServiceKind) -> None:
    corrected(cast, bath, title=cast.kind.name)

    assert lessons() == {}


def test_the_same_lessons_are_taught_once(cast: Cast, bath: ServiceKind) -> None:
    corrected(cast, bath)

    first, again = actions.learn(actor=SORTER), actions.learn(actor=SORTER)

    assert first is not None and first.active and first.learnt == 1
    assert again is None and SorterVersion.objects.count() == 1


def test_a_worse_one_does_not_serve_and_a_keeper_may_choose_it(
    cast: Cast, bath: ServiceKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = actions.learn(actor=SORTER)
    corrected(cast, bath)
    monkeypatch.setattr(teaching, "teach", teacher(f1=0.8))

    worse = actions.learn(actor=SORTER)

    assert before is not None and worse is not None
    assert worse.refused and not worse.active and SorterVersion.objects.get(active=True) == before
    assert AuditLine.objects.filter(verb="sorter.refused").count() == 1
    actions.switch_sorter(actor=actor(cast.dispatcher), version=worse)
    assert SorterVersion.objects.get(active=True) == worse


def test_one_ask_less_is_not_worse_but_it_may_not_sink_day_by_day(
    cast: Cast, bath: ServiceKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = []
    for f1 in (0.9, 0.897, 0.894, 0.891):
        monkeypatch.setattr(teaching, "teach", teacher(f1))
        made = actions.learn(actor=SORTER)
        assert made is not None
        served.append(made.active)
        corrected(cast, bath)

    assert served == [True, True, False, False]


def test_only_keepers_of_the_menu_switch_and_teach(cast: Cast) -> None:
    made = version(active=False)

    for who in (cast.keeper, cast.resident):
        with pytest.raises(Forbidden):
            actions.switch_sorter(actor=actor(who), version=made)
        with pytest.raises(Forbidden):
            actions.ask_to_learn(actor=actor(who))
    assert actions.ask_to_learn(actor=actor(cast.dispatcher)) and not actions.ask_to_learn(actor=actor(cast.dispatcher))


def test_a_new_platform_has_its_first_sorter_within_minutes_and_asks_no_more(cast: Cast) -> None:
    waiting = ProcrastinateJob.objects.filter(task_name="calls.learn")

    first_sorter.func.__wrapped__()
    asked = waiting.count()
    ProcrastinateJob.objects.all().delete()
    version()
    first_sorter.func.__wrapped__()

    assert (asked, waiting.count()) == (1, 0)


def test_old_versions_go_but_never_the_one_that_serves(cast: Cast) -> None:
    serving = version()
    rest = [version(active=False, f1=0.1) for _turn in range(sorting.KEPT + 3)]

    actions.learn(actor=SORTER)

    left = set(SorterVersion.objects.values_list("pk", flat=True))
    assert rest[0].pk not in left and len(left) == sorting.KEPT + 1
    assert serving.pk not in left or SorterVersion.objects.filter(active=True).exists()


# ── what is forgotten ───────────────────────────────────────────────────────
def test_forgotten_words_are_no_lesson_and_what_learnt_them_goes(cast: Cast, bath: ServiceKind) -> None:
    first = actions.learn(actor=SORTER)
    call = corrected(cast, bath)
    other = corrected(cast, bath, title="卧床想擦身", of=cast.neighbour)
    learnt = actions.learn(actor=SORTER)
    assert first is not None and learnt is not None and learnt.active and learnt.learnt == 2
    actions.cancel(actor=actor(cast.resident), call=call, reason="不用了")

    rights.erase(SORTER, cast.resident)

    assert set(lessons()) == {other.pk}
    assert forgotten(learnt)
    assert ProcrastinateJob.objects.filter(task_name="calls.learn").exists()
    with pytest.raises(sorting.SorterGone):
        actions.switch_sorter(actor=actor(cast.dispatcher), version=learnt)
    fresh = actions.learn(actor=SORTER)
    learnt.refresh_from_db()
    assert fresh is not None and fresh.active and fresh.learnt == 1
    assert (learnt.body, learnt.lessons, learnt.active) == (None, [], False)
    assert AuditLine.objects.filter(verb="sorter.forgot").count() == 1


def test_forgetting_goes_before_scores(cast: Cast, bath: ServiceKind, monkeypatch: pytest.MonkeyPatch) -> None:
    corrected(cast, bath)
    actions.learn(actor=SORTER)
    corrected(cast, bath, of=cast.neighbour)
    rights.erase(SORTER, cast.resident)
    monkeypatch.setattr(teaching, "teach", teacher(f1=0.2))

    fresh = actions.learn(actor=SORTER)

    assert fresh is not None and fresh.active and not fresh.refused


def test_the_one_without_the_forgotten_words_serves_again_when_it_is_still_there(cast: Cast, bath: ServiceKind) -> None:
    first = actions.learn(actor=SORTER)
    corrected(cast, bath)
    learnt = actions.learn(actor=SORTER)
    rights.erase(SORTER, cast.resident)

    again = actions.learn(actor=SORTER)

    learnt.refresh_from_db()
    assert first is not None and again == first and SorterVersion.objects.get(active=True) == first
    assert learnt.body is None


def test_words_forgotten_while_it_was_taught_are_not_kept(
    cast: Cast, bath: ServiceKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    corrected(cast, bath)
    plain = teacher()

    def teach(*given: Any, **more: Any) -> Any:
        rights.erase(SORTER, cast.resident)
        return plain(*given, **more)

    monkeypatch.setattr(teaching, "teach", teach)

    assert actions.learn(actor=SORTER) is None
    assert not SorterVersion.objects.exists()


def test_words_about_somebody_forgotten_in_a_call_of_another_go_too(cast: Cast, bath: ServiceKind) -> None:
    him = person("欧阳翠微", cast.home)
    call = cast.call(title="欧阳翠微想洗澡")
    Call.objects.filter(pk=call.pk).update(asked_by=him)
    actions.change_kind(actor=actor(cast.keeper), call=call, kind=bath)

    rights.erase(SORTER, him)

    assert lessons() == {}


def test_those_who_left_no_name_count_as_one_teacher(cast: Cast, bath: ServiceKind) -> None:
    for number in range(3):
        corrected(cast, bath, f"想洗澡{number}", of=person(NAMELESS, cast.home))
    corrected(cast, bath)

    assert {one.who for one in lessons().values()} == {NOBODY, cast.resident.pk}
