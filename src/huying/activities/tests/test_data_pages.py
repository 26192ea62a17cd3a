"""What activities can be is data: who changes kinds, themes and units, what is refused, and what was written keeps them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from huying.activities import actions, queries, rules
from huying.activities.actions import Facts, PlanFacts, ResultFacts, RuleFacts
from huying.activities.models import ActivityKind, Result, RhythmRule, Theme, Unit
from huying.activities.states import Measure, Span, ThemeRule, Wanted
from huying.activities.tests.factories import DAY, come, later, page, pressed, session_of, shift_of
from huying.calls.tests.browsing import browser
from huying.calls.tests.factories import START, actor, person, role
from huying.kernel import clock
from huying.kernel.errors import Forbidden, NotFound
from huying.kernel.models.audit import AuditLine

PAGES = ("kinds", "themes", "units")
NEW: dict[str, dict[str, str]] = {
    "kind": {"code": "reading", "name": "读书会", "name_en": "Reading", "icon": "book-open-duotone", "tone": "dai"},
    "theme": {
        "code": "reading_month",
        "name": "读书月",
        "group": "topic",
        "rule": "dates",
        "begins": "4-1",
        "ends": "04-30",
    },
    "unit": {"code": "bag", "name": "袋", "name_en": "bags", "digits": "1"},
}
MODELS: dict[str, Any] = {"kind": ActivityKind, "theme": Theme, "unit": Unit}


@pytest.fixture
def keeper(world: Any) -> Client:
    """A dispatcher of the county."""
    who = person("陈调度", world.county)
    role(who, "dispatcher", world.county)
    world.centre = actor(who)
    return browser(who)


def icon() -> str:
    """Some icon that is there."""
    return str(ActivityKind.objects.order_by("id").values_list("icon", flat=True)[0])


def body(one: str, **more: str) -> dict[str, str]:
    return {**NEW[one], **({"icon": icon()} if one == "kind" else {}), **more}


@pytest.mark.parametrize("one", MODELS)
def test_a_row_is_added_last_renamed_and_told_in_the_trail(world, keeper, one):
    page(keeper, f"{one}_new")
    pressed(keeper, f"{one}_new", **body(one))
    made = MODELS[one].objects.get(code=NEW[one]["code"])
    last = MODELS[one].objects.order_by("-order").first()

    edited = {**body(one, name="新名字"), "code": "other"}
    pressed(keeper, f"{one}_edit", made.code, **edited)
    made.refresh_from_db()

    assert made == last and made.active
    assert (made.code, made.name) == (NEW[one]["code"], "新名字")
    assert "新名字" in page(keeper, f"{one}s")
    lines = list(AuditLine.objects.filter(verb="activity_data.save").order_by("id").values_list("changes", flat=True))
    assert (lines[0]["name"], lines[1]) == (NEW[one]["name"], {"code": made.code, "name": "新名字"})


@pytest.mark.parametrize("one", MODELS)
@pytest.mark.parametrize("code", ["new", "Ümlaut", "../x", "", "1st"])
def test_a_code_that_cannot_be_is_refused(world, keeper, one, code):
    answer = pressed(keeper, f"{one}_new", status=422, **body(one, code=code))

    assert set(answer.context["form"].errors) == {"code"}
    assert NEW[one]["name"] in answer.content.decode()


@pytest.mark.parametrize("one", MODELS)
def test_a_code_that_is_there_is_refused_beside_it(world, keeper, one):
    taken = MODELS[one].objects.order_by("id").first()

    answer = pressed(keeper, f"{one}_new", status=422, **body(one, code=taken.code))

    assert answer.context["form"].errors["code"] == ["这个代码已经有了，请换一个。"]


@pytest.mark.parametrize(
    ("one", "more", "wrong"),
    [
        ("kind", {"name": ""}, {"name"}),
        ("kind", {"name": "长" * 21}, {"name"}),
        ("kind", {"icon": "no-such-icon"}, {"icon"}),
        ("kind", {"tone": "red"}, {"tone"}),
        ("unit", {"digits": "3"}, {"digits"}),
        ("unit", {"digits": "-1"}, {"digits"}),
        ("unit", {"name": "长" * 11}, {"name"}),
        ("theme", {"group": "none"}, {"group"}),
        ("theme", {"rule": "always"}, {"rule"}),
        ("theme", {"begins": "02-30"}, {"begins"}),
        ("theme", {"begins": "", "ends": ""}, {"begins", "ends"}),
        ("theme", {"ends": "明天"}, {"ends"}),
        ("theme", {"rule": "lunar"}, {"lunar_month", "lunar_day"}),
        ("theme", {"rule": "lunar", "lunar_month": "13", "lunar_day": "1"}, {"lunar_month"}),
        ("theme", {"rule": "lunar", "lunar_month": "1", "lunar_day": "31"}, {"lunar_day"}),
        ("theme", {"rule": "term", "term": "24"}, {"term"}),
        ("theme", {"rule": "term", "term": "7", "days_before": "61"}, {"days_before"}),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_what_was_typed(world, keeper, one, more, wrong):
    before = MODELS[one].objects.count()

    answer = pressed(keeper, f"{one}_new", status=422, **body(one, **more))

    assert set(answer.context["form"].errors) == wrong
    assert MODELS[one].objects.count() == before


def test_days_are_kept_as_their_rule_asks_and_shown_again(world, keeper):
    pressed(keeper, "theme_new", **body("theme", begins="3/5", ends="12月1日"))
    lunar = {"rule": "lunar", "lunar_month": "12", "lunar_day": "30", "days_before": "2", "begins": "01-01"}
    pressed(keeper, "theme_new", **body("theme", code="chuxi", name="除夕", **lunar))
    pressed(keeper, "theme_new", **body("theme", code="lichun", name="立春", rule="term", term="3", days_after="1"))

    rows = {one.code: one for one in Theme.objects.all()}
    facts = ("begins", "ends", "month", "day", "days_before", "days_after")
    assert [getattr(rows["reading_month"], name) for name in facts] == ["03-05", "12-01", 0, 0, 0, 0]
    assert [getattr(rows["chuxi"], name) for name in facts] == ["", "", 12, 30, 2, 0]
    assert [getattr(rows["lichun"], name) for name in facts] == ["", "", 3, 0, 0, 1]
    first = keeper.get("/activities/data/themes/chuxi/").context["form"].initial
    assert (first["lunar_month"], first["lunar_day"]) == (12, 30)
    assert keeper.get("/activities/data/themes/lichun/").context["form"].initial["term"] == 3
    assert "立春前后，2026 年是 02-04 至 02-05" in page(keeper, "themes")


def test_the_thirtieth_of_a_lunar_month_is_its_last_day_in_every_year():
    eve = Theme(rule=ThemeRule.LUNAR, month=12, day=30)

    ends = [rules.days_of(eve, year)[0][1] for year in range(2020, 2032)]

    new_year = [rules.days_of(Theme(rule=ThemeRule.LUNAR, month=1, day=1), year)[0][0] for year in range(2021, 2033)]
    assert [(after - before).days for before, after in zip(ends, new_year, strict=True)] == [1] * 12
    assert rules.days_of(eve, 2025)[0][1] == date(2026, 2, 16)


@pytest.mark.parametrize("table", PAGES)
def test_rows_move_and_are_retired_and_offered_again(world, keeper, table):
    model = MODELS[table[:-1]]
    first, second = model.objects.order_by("order", "id")[:2]

    pressed(keeper, table, code=second.code, do="up")
    order = list(model.objects.order_by("order", "id")[:2])
    pressed(keeper, table, code=second.code, do="up")
    pressed(keeper, table, code=first.code, do="off")
    off = model.objects.get(pk=first.pk).active
    pressed(keeper, table, code=first.code, do="on")

    assert order == [second, first] == list(model.objects.order_by("order", "id")[:2])
    assert (off, model.objects.get(pk=first.pk).active) == (False, True)
    pressed(keeper, table, code=first.code, do="delete", status=422)
    pressed(keeper, table, code="nothing", do="up", status=404)
    pressed(keeper, table, code="x" * 5000, do="up", status=404)


def test_the_unit_of_the_door_stays_on_offer_and_the_page_says_why(world, keeper):
    answer = pressed(keeper, "units", code="person_time", do="off", status=409)

    assert "签到用“人次”计数，不能停用。" in answer.content.decode()
    assert Unit.objects.get(code="person_time").active


def test_a_unit_in_use_keeps_its_digits(world, keeper):
    session = session_of(world.published())
    mu = Unit.objects.get(code="mu")
    Result.objects.create(session=session, measure=Measure.OUTPUT, amount=Decimal("7.5"), unit=mu, at=START)

    refused = pressed(keeper, "unit_edit", "mu", status=422, name="亩", digits="0")
    pressed(keeper, "unit_edit", "mu", name="市亩", digits="2")

    assert set(refused.context["form"].errors) == {"digits"}
    assert Unit.objects.get(pk=mu.pk).name == "市亩"


def retire(world: Any, *rows: Any) -> None:
    for row in rows:
        actions.set_row_active(actor=world.centre, row=row, active=False)


def test_what_is_retired_is_not_offered_but_stays_with_what_has_it(world, keeper):
    culture, talk = ActivityKind.objects.get(code="culture"), Theme.objects.get(code="talk")
    activity = world.draft(kind=culture, themes=[talk])
    retire(world, culture, talk)
    here = browser(world.keeper)

    offered = here.get("/activities/new/").context["form"].fields
    form = here.get(f"/activities/{activity.public_id}/edit/").context["form"]
    made = copied(world, activity)

    assert "culture" not in dict(offered["kind"].choices) and "talk" not in dict(offered["themes"].choices)
    assert (form["kind"].value(), form["themes"].value()) == ("culture", ["talk"])
    assert "culture" in dict(form.fields["kind"].choices) and "talk" in dict(form.fields["themes"].choices)
    assert (made.kind, list(made.chosen_themes.all())) == (culture, [talk])


def copied(world: Any, activity: Any) -> Any:
    return actions.copy(actor=world.boss, activity=activity, starts_at=START + 9 * DAY)


def test_plans_and_results_keep_what_was_retired(world, keeper):
    culture, mu = ActivityKind.objects.get(code="culture"), Unit.objects.get(code="mu")
    wanted = [RuleFacts(Span.WEEK, Wanted.ACTIVITY, 1, kind=culture)]
    facts = PlanFacts(world.home, "三月", date(2026, 3, 1), date(2026, 3, 31), wanted)
    plan = actions.save_plan(actor=world.boss, facts=facts)
    activity = world.published()
    row = come(world.guest(), shift_of(activity))
    with clock.frozen(later(days=3)):
        actions.check_in(actor=world.boss, sign_up=row)
        actions.hold(actor=world.boss, session=session_of(activity))
        amount = ResultFacts(Measure.OUTPUT, Decimal("7.5"), mu, "栽种")
        actions.save_results(actor=world.boss, session=session_of(activity), rows=[amount])
        retire(world, culture, mu)
        here = browser(world.keeper)
        results = here.get(f"/activities/sessions/{session_of(activity).public_id}/results/").context["form"]
        rhythm = here.get(f"/activities/rhythm/{plan.public_id}/edit/").context["form"]

    assert results["unit_0"].value() == "mu" and "mu" in dict(results.fields["unit_0"].choices)
    assert rhythm["kind_0"].value() == "culture" and "culture" in dict(rhythm.fields["kind_0"].choices)
    assert "culture" not in {one.code for one in queries.kinds()} and "mu" not in {one.code for one in queries.units()}
    assert RhythmRule.objects.get().kind == culture


@pytest.mark.parametrize("name", [*PAGES, *(f"{one}_new" for one in MODELS)])
def test_only_those_who_keep_the_tables_open_them(world, keeper, name):
    page(keeper, name)
    page(browser(world.keeper), name, status=403)
    page(browser(world.guest()), name, status=403)
    page(Client(), name, status=302)


def test_the_actions_ask_for_the_right_themselves(world):
    mine = ActivityKind.objects.get(code="culture")

    for act in (
        lambda: actions.save_row(actor=world.boss, row=mine),
        lambda: actions.set_row_active(actor=world.boss, row=mine, active=False),
        lambda: actions.move_row(actor=world.boss, row=mine, up=True),
    ):
        with pytest.raises(Forbidden):
            act()
    with pytest.raises(NotFound):
        queries.data_row(Theme, "nothing")


def test_the_desk_leads_those_who_keep_them_to_the_tables(world, keeper):
    assert "/activities/data/kinds/" in page(keeper, "desk")
    assert "/activities/data/kinds/" not in page(browser(world.keeper), "desk")


def test_a_new_kind_can_be_chosen_at_once(world, keeper):
    pressed(keeper, "kind_new", **body("kind"))

    made: Facts = world.facts(kind=ActivityKind.objects.get(code="reading"))
    assert actions.save_draft(actor=world.boss, facts=made).kind.name == "读书会"
    assert "读书会" in page(browser(world.keeper), "new")
