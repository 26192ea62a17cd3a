"""The service menu and its clocks are data: who changes them, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from huying.calls import actions
from huying.calls.models import Clock, ServiceKind
from huying.calls.tests.browsing import browser, sent
from huying.calls.tests.factories import START, Cast, actor, skill
from huying.kernel.errors import Forbidden
from huying.kernel.models.audit import AuditLine
from huying.volunteers.models import ServiceCategory

pytestmark = pytest.mark.django_db


def typed(*questions: dict[str, str], **more: Any) -> dict[str, Any]:
    """The form of a new kind with its questions as rows."""
    body: dict[str, Any] = {
        "code": "umbrella",
        "name": "借伞",
        "summary": "下雨天借一把伞",
        "icon": "umbrella-duotone",
        "tone": "dai",
        "answered_by": "either",
        "people_needed": "1",
        "active": "on",
        "form-TOTAL_FORMS": str(len(questions)),
        "form-INITIAL_FORMS": "0",
        "form-MIN_NUM_FORMS": "0",
        "form-MAX_NUM_FORMS": "12",
        **more,
    }
    for number, question in enumerate(questions):
        body |= {f"form-{number}-{name}": value for name, value in {"type": "text", **question}.items()}
    return body


def errors_of(answer: Any) -> set[str]:
    found = {name for name, errors in answer.context["form"].errors.items() if errors}
    for row in answer.context["rows"]:
        found |= {f"question {name}" for name in row.errors}
    return found | ({"questions"} if answer.context["rows"].non_form_errors() else set())


@pytest.fixture
def keeper(cast: Cast) -> Client:
    return browser(cast.dispatcher)


def test_the_kind_of_service_of_a_line_is_chosen_and_teams_do_not_vouch_for_work_with_children(
    cast: Cast, keeper: Client
) -> None:
    children = ServiceCategory.objects.get(code="children")

    refused = sent(keeper, "/desk/menu/new/", **typed(category=str(children.pk), answered_by="team"))
    made = sent(keeper, "/desk/menu/new/", **typed(category=str(children.pk)))

    assert (refused.status_code, errors_of(refused), made.status_code) == (422, {"answered_by"}, 303)
    assert ServiceKind.objects.get(code="umbrella").category == children
    again = sent(keeper, "/desk/menu/umbrella/", **{**typed(), "code": ""})
    assert (again.status_code, ServiceKind.objects.get(code="umbrella").category) == (303, None)


def test_a_new_kind_with_its_questions_is_on_the_menu(cast: Cast, keeper: Client) -> None:
    carry = skill("carry", "搬运")
    answer = sent(
        keeper,
        "/desk/menu/new/",
        **typed(
            {
                "key": "many",
                "label": "要几把",
                "label_en": "How many",
                "type": "number",
                "min": "1",
                "max": "9",
                "required": "on",
            },
            {"key": "size", "label": "多大", "type": "choice", "choices": "big | 大的 | Big\nsmall | 小的"},
            {"key": "", "label": ""},
            skills=[str(carry.pk)],
            emergency=["119", "110"],
            people_needed="2",
        ),
    )

    made = ServiceKind.objects.get(code="umbrella")
    assert (answer.status_code, answer["Location"]) == (303, "/desk/menu/")
    assert made.questions == [
        {
            "key": "many",
            "label": "要几把",
            "label_en": "How many",
            "type": "number",
            "required": True,
            "min": 1,
            "max": 9,
        },
        {"key": "size", "label": "多大", "type": "choice", "choices": [["big", "大的", "Big"], ["small", "小的", ""]]},
    ]
    assert (list(made.skills.all()), made.emergency, made.people_needed) == ([carry], "119 110", 2)
    assert AuditLine.objects.get(verb="menu.save").changes["name"] == "借伞"


def test_what_is_saved_can_be_asked_by_a_resident(cast: Cast, keeper: Client) -> None:
    sent(keeper, "/desk/menu/new/", **typed({"key": "many", "label": "要几把", "type": "number"}))

    text = browser(cast.resident).get("/ask/umbrella/").content.decode()

    assert "要几把" in text


def test_editing_keeps_the_code_and_changes_the_rest(cast: Cast, keeper: Client) -> None:
    body = typed(name="陪看病", code="other-code")

    sent(keeper, "/desk/menu/clinic/", **body)

    kind = ServiceKind.objects.get(pk=cast.kind.pk)
    assert (kind.code, kind.name) == ("clinic", "陪看病")


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        ({"code": "new"}, {"code"}),
        ({"code": "Ümlaut"}, {"code"}),
        ({"code": "../x"}, {"code"}),
        ({"code": "clinic"}, {"code"}),
        ({"name": ""}, {"name"}),
        ({"name": "长" * 21}, {"name"}),
        ({"people_needed": "0"}, {"people_needed"}),
        ({"people_needed": "501"}, {"people_needed"}),
        ({"people_needed": "many"}, {"people_needed"}),
        ({"icon": "no-such-icon"}, {"icon"}),
        ({"tone": "red"}, {"tone"}),
        ({"answered_by": "robot"}, {"answered_by"}),
        ({"emergency": ["911"]}, {"emergency"}),
        ({"skills": ["999999"]}, {"skills"}),
    ],
)
def test_a_kind_that_cannot_be_is_refused_with_what_was_typed(
    cast: Cast, keeper: Client, more: dict[str, Any], wrong: set[str]
) -> None:
    kinds = ServiceKind.objects.count()

    answer = sent(keeper, "/desk/menu/new/", **typed({"key": "many", "label": "要几把"}, **more))

    assert answer.status_code == 422
    assert errors_of(answer) == wrong
    assert "要几把" in answer.content.decode()
    assert ServiceKind.objects.count() == kinds


@pytest.mark.parametrize(
    ("questions", "wrong"),
    [
        ([{"label": "要几把"}], {"question key"}),
        ([{"key": "many"}], {"question label"}),
        ([{"key": "Many!", "label": "要几把"}], {"question key"}),
        ([{"key": "a", "label": "甲"}, {"key": "a", "label": "乙"}], {"questions"}),
        ([{"key": "a", "label": "甲", "type": "choice", "choices": "one | 一"}], {"question choices"}),
        ([{"key": "a", "label": "甲", "type": "choice", "choices": "one | 一\none | 二"}], {"question choices"}),
        ([{"key": "a", "label": "甲", "type": "choice", "choices": "没有代码"}], {"question choices"}),
        ([{"key": "a", "label": "甲", "type": "number", "min": "9", "max": "1"}], {"question max"}),
        ([{"key": "a", "label": "甲", "type": "eval"}], {"question type"}),
        ([{"key": f"k{n}", "label": "问"} for n in range(13)], {"questions"}),
    ],
)
def test_questions_that_cannot_be_asked_are_refused(
    cast: Cast, keeper: Client, questions: list[dict[str, str]], wrong: set[str]
) -> None:
    answer = sent(keeper, "/desk/menu/new/", **typed(*questions))

    assert answer.status_code == 422
    assert errors_of(answer) == wrong


def test_another_row_is_added_without_script_and_nothing_typed_is_lost(cast: Cast, keeper: Client) -> None:
    answer = sent(keeper, "/desk/menu/new/", **typed({"key": "many", "label": "要几把"}, do="row", name="借伞"))

    text = answer.content.decode()
    assert answer.status_code == 200
    assert len(answer.context["rows"].forms) == 2
    assert "要几把" in text and "借伞" in text and "hy-errors" not in text
    assert not ServiceKind.objects.filter(code="umbrella").exists()


def test_a_row_ticked_for_removal_goes_and_order_holds(cast: Cast, keeper: Client) -> None:
    sent(
        keeper,
        "/desk/menu/new/",
        **typed(
            {"key": "b", "label": "乙", "ORDER": "2"},
            {"key": "x", "label": "不要", "DELETE": "on"},
            {"key": "a", "label": "甲", "ORDER": "1"},
        ),
    )

    assert [one["key"] for one in ServiceKind.objects.get(code="umbrella").questions] == ["a", "b"]


def test_lines_move_and_go_off_the_menu_and_back(cast: Cast, keeper: Client) -> None:
    second = actions.save_kind(
        actor=actor(cast.dispatcher),
        kind=ServiceKind(code="second", name="第二", summary="…", icon="x", tone="pine", order=200),
    )

    sent(keeper, "/desk/menu/", code="second", do="up")
    order = list(ServiceKind.objects.order_by("order").values_list("code", flat=True))
    sent(keeper, "/desk/menu/", code="second", do="off")
    off = ServiceKind.objects.get(pk=second.pk).active
    sent(keeper, "/desk/menu/", code="second", do="on")

    assert order == ["second", "clinic"]
    assert (off, ServiceKind.objects.get(pk=second.pk).active) == (False, True)
    assert sent(keeper, "/desk/menu/", code="second", do="explode").status_code == 422
    assert sent(keeper, "/desk/menu/", code="nothing", do="up").status_code == 404


@pytest.mark.parametrize("address", ["/desk/menu/", "/desk/menu/new/", "/desk/menu/clinic/", "/desk/clocks/"])
def test_only_those_who_keep_the_menu_open_its_pages(cast: Cast, address: str) -> None:
    codes = [browser(who).get(address).status_code for who in (cast.dispatcher, cast.keeper, cast.resident)]

    assert codes == [200, 403, 403]
    assert Client().get(address).status_code == 302


def test_the_actions_ask_for_the_right_themselves(cast: Cast) -> None:
    who = actor(cast.keeper)
    rule = Clock.objects.create(stage="review", minutes=60, mode="natural")

    for act in (
        lambda: actions.save_kind(actor=who, kind=cast.kind),
        lambda: actions.set_kind_active(actor=who, kind=cast.kind, active=False),
        lambda: actions.move_kind(actor=who, kind=cast.kind, up=True),
        lambda: actions.save_clock(actor=who, stage="review", minutes=1, mode="natural", urgent=False, kind=None),
        lambda: actions.drop_clock(actor=who, rule=rule),
    ):
        with pytest.raises(Forbidden):
            act()


# ── clocks ──────────────────────────────────────────────────────────────────
def set_clock(client: Client, **more: str) -> Any:
    body = {"kind": "", "stage": "review", "amount": "4", "unit": "hours", "mode": "working", **more}
    return sent(client, "/desk/clocks/", **body)


def test_a_clock_is_set_changed_and_dropped(cast: Cast, keeper: Client) -> None:
    set_clock(keeper)
    set_clock(keeper, amount="7", unit="days", mode="natural")
    set_clock(keeper, kind="clinic", urgent="on", amount="30", unit="minutes", mode="natural")
    rows = list(Clock.objects.order_by("id").values_list("kind__code", "stage", "urgent", "minutes", "mode"))
    page = keeper.get("/desk/clocks/", {"rule": str(Clock.objects.latest("id").pk)})
    sent(keeper, "/desk/clocks/", do="drop", rule=str(Clock.objects.latest("id").pk))

    assert rows == [(None, "review", False, 7 * 1440, "natural"), ("clinic", "review", True, 30, "natural")]
    assert page.context["form"].initial == {
        "kind": "clinic",
        "stage": "review",
        "urgent": True,
        "amount": 30,
        "unit": "minutes",
        "mode": "natural",
    }
    assert Clock.objects.count() == 1


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        ({"amount": "0"}, {"amount"}),
        ({"amount": "-1"}, {"amount"}),
        ({"amount": "400", "unit": "days", "mode": "natural"}, {"amount"}),
        ({"unit": "days"}, {"unit"}),
        ({"unit": "years"}, {"unit"}),
        ({"stage": "sleep"}, {"stage"}),
        ({"kind": "nothing"}, {"kind"}),
        ({"mode": "lunar"}, {"mode"}),
    ],
)
def test_a_clock_that_cannot_be_is_refused(cast: Cast, keeper: Client, more: dict[str, str], wrong: set[str]) -> None:
    answer = set_clock(keeper, **more)

    assert (answer.status_code, set(answer.context["form"].errors), Clock.objects.count()) == (422, wrong, 0)


@pytest.mark.parametrize("rule", ["", "x", "999999", "9" * 40])
def test_dropping_a_rule_that_is_gone_says_so(cast: Cast, keeper: Client, rule: str) -> None:
    assert sent(keeper, "/desk/clocks/", do="drop", rule=rule).status_code == 404


def test_a_clock_of_its_own_wins_over_the_one_for_all(cast: Cast, keeper: Client) -> None:
    set_clock(keeper, amount="60", unit="minutes", mode="natural")
    set_clock(keeper, kind="clinic", amount="10", unit="minutes", mode="natural")

    call = cast.call()

    assert call.stage_due_at is not None
    assert (call.stage_due_at - START).total_seconds() == 600
