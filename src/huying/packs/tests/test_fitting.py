"""What the forms of the platform take goes into a pack; what rooms would refuse is told when the file is tried."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pydantic import BaseModel

from huying.activities.forms import planning
from huying.activities.forms.data import KindForm as ActivityKindForm
from huying.activities.forms.data import ThemeForm
from huying.calls.forms import menu
from huying.calls.forms.rings import RingForm
from huying.calls.models import ServiceKind
from huying.calls.tests.browsing import browser, sent
from huying.calls.tests.factories import actor
from huying.cockpit.forms.reports import NewTemplateForm
from huying.packs import actions
from huying.packs.models import Pack
from huying.packs.queries import exporting, running
from huying.packs.rules import things
from huying.packs.rules.reading import NoFile, PackWrong, read_pack
from huying.packs.rules.writing import to_yaml
from huying.packs.tests.conftest import SEASONS, World
from huying.packs.tests.test_switching import CHECK
from huying.places.forms.setup import FlagKindForm
from huying.places.forms.setup import KindForm as PlaceKindForm
from huying.volunteers.models import Skill

LIMITS: list[tuple[type[forms.Form], str, type[BaseModel], str]] = [
    (menu.KindForm, "name", things.ServiceKind, "name"),
    (menu.KindForm, "summary", things.ServiceKind, "summary"),
    (menu.KindForm, "example", things.ServiceKind, "example"),
    (menu.QuestionForm, "label", things.Question, "label"),
    (RingForm, "name", things.Ring, "name"),
    (ThemeForm, "name", things.Theme, "name"),
    (ActivityKindForm, "name", things.ActivityKind, "name"),
    (PlaceKindForm, "name", things.PlaceKind, "name"),
    (FlagKindForm, "name", things.PlaceFlag, "name"),
    (NewTemplateForm, "name", things.Template, "name"),
    (planning.PlanForm, "name", things.Rhythm, "name"),
    (planning.FocusForm, "title", things.RhythmFocus, "title"),
]


def words_of(shape: type[BaseModel], name: str) -> type[BaseModel]:
    """The shape of words in two languages behind a field, given or not."""
    annotation: Any = shape.model_fields[name].annotation
    shapes = [one for one in (annotation, *getattr(annotation, "__args__", ())) if isinstance(one, type)]
    return next(one for one in shapes if issubclass(one, BaseModel))


def fits(shape: type[BaseModel], language: str, length: int) -> bool:
    try:
        shape.model_validate({"zh": "字", language: "x" * length})
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(("form", "field", "shape", "name"), LIMITS)
def test_what_a_form_takes_a_pack_takes(form: Any, field: str, shape: type[BaseModel], name: str) -> None:
    words = words_of(shape, name)

    assert fits(words, "zh", form.base_fields[field].max_length)
    if f"{field}_en" in form.base_fields:
        assert fits(words, "en", form.base_fields[f"{field}_en"].max_length)


def long_questions(key: str = "k" * 30, english: str = "x" * 120) -> None:
    """As an administrator may type them: every text as long as the form takes it, a skill with a code of its own."""
    kind = ServiceKind.objects.get(code="example-cool_room")
    question = {"key": key, "label": "字" * 60, "label_en": english, "type": "choice"}
    kind.questions = [{**question, "choices": [["w" * 30, "好" * 40, "y" * 60], ["n", "不", ""]]}]
    kind.save()
    kind.skills.set([Skill.objects.create(code="example-own-skill", name="自己加的")])


def test_a_row_typed_to_the_limits_of_its_form_is_shown_exported_and_put_back(world: World) -> None:
    pack = world.load()
    long_questions()
    address = reverse("packs:difference", args=["example", "four_seasons"])

    assert Client().get(address).status_code == 200
    exported = to_yaml(exporting.as_running(pack))
    kept = next(one for one in read_pack(exported)[0].things.service_kinds if one.code == "cool_room")
    assert (kept.questions[0].code, kept.skills) == ("k" * 30, ["platform:example-own-skill"])
    world.load(SEASONS)
    assert ServiceKind.objects.get(code="example-cool_room").questions == []


def test_a_row_that_no_file_can_hold_is_shown_put_back_and_named_when_it_is_exported(
    world: World, settings: Any
) -> None:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    pack = world.load()
    world.on(pack)
    long_questions(english="x" * 500)
    name = ServiceKind.objects.get(code="example-cool_room").name
    at = ["example", "four_seasons"]

    assert running(pack)["things"]["service_kinds"][0]["questions"][0]["label"]["en"] == "x" * 500
    assert Client().get(reverse("packs:difference", args=at)).status_code == 200
    with pytest.raises(NoFile) as refusal:
        exporting.as_running(pack)
    assert name in str(refusal.value) and "label.en" in str(refusal.value)
    answer = Client().get(reverse("packs:file", args=at))
    assert answer.status_code == 422 and name in answer.content.decode()
    set_up = reverse("packs:set_up", args=[world.east.public_id])
    answer = sent(browser(world.easterner), set_up, namespace="dongshan", code="ours", name="东山做法")
    assert answer.status_code == 422 and name in answer.content.decode()
    world.load(SEASONS)
    assert exporting.as_running(pack).version == 1


def told(world: World, text: str) -> list[str]:
    with pytest.raises(PackWrong) as wrong:
        actions.try_pack(actor=actor(world.chief), text=text, file="mine.yaml")
    return wrong.value.told()


def line_of(text: str, words: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), start=1) if words in line)


@pytest.mark.parametrize("own", [False, True])
def test_a_standard_for_what_is_no_site_is_told_when_it_is_tried(world: World, own: bool) -> None:
    kinds = "kinds: [hut, platform:station]" if own else "kinds: [platform:street]"
    text = SEASONS + CHECK.replace("kinds: [platform:station]", kinds)
    if own:
        text += "  place_kinds:\n    - {code: hut, name: {zh: 小屋}, is_site: false}\n"
    lines = told(world, text)

    assert len(lines) == 1 and lines[0].startswith(f"mine.yaml 第 {line_of(text, kinds)} 行：")
    assert ("“hut”" if own else "“platform:street”") in lines[0] and "不是阵地" in lines[0]


BOOK = "    - {code: CODE, name: {zh: 积分}, items: [{code: help, name: {zh: 帮忙}, amount: 2}]}\n"
TOO_MUCH = [
    ("name: {zh: 春有学", 'name: {zh: "春\\0有学"', "控制字符（U+0000）"),
    ("name: {zh: 春有学", 'name: {zh: "\\ud83d"', "控制字符（U+D83D）"),
    ("name: {zh: 春有学", 'name: {"z\\x07h": 春有学', "控制字符（U+0007）"),
    ("things:\n", f"words:\n  page_title: {{zh: {'字' * 41}}}\nthings:\n", "请最多写 40 个字"),
    ("things:\n", f"words:\n  page_lead: {{zh: 字, en: {'x' * 401}}}\nthings:\n", "请最多写 400 个字"),
    (
        "things:\n",
        f"things:\n  rule_books:\n{BOOK.replace('CODE', 'one')}{BOOK.replace('CODE', 'two')}",
        "只能有一份积分规则",
    ),
]


@pytest.mark.parametrize(("before", "after", "instead"), TOO_MUCH, ids=[one[2] for one in TOO_MUCH])
def test_what_no_table_takes_is_told_with_its_line(world: World, before: str, after: str, instead: str) -> None:
    text = SEASONS.replace(before, after, 1)
    lines = told(world, text)
    said = line_of(SEASONS, before.strip()) + len(after.splitlines()) - len(before.splitlines())

    assert len(lines) == 1 and instead in lines[0]
    assert lines[0].startswith((f"mine.yaml 第 {said} 行：", f"mine.yaml 第 {said - 1} 行："))
    assert not Pack.objects.exists()


def test_the_page_says_what_to_mend_and_not_only_that_something_is(
    world: World, settings: Any, monkeypatch: Any
) -> None:
    settings.HUYING_STAFF_SECOND_FACTOR = False

    def refuse(**given: Any) -> None:
        raise actions.UntilPast(fields={"name": "名称太长，最多 20 个字。"})

    monkeypatch.setattr(actions, "load_pack", refuse)
    answer = sent(browser(world.chief), reverse("packs:load"), text=SEASONS, load="1")

    assert answer.status_code == 422 and "名称太长，最多 20 个字。" in answer.content.decode()


def test_a_pack_of_many_components_asks_no_more_than_one_of_few(world: World) -> None:
    part = "  - {code: CODE, name: {zh: 部分}, drives: [team_kinds.platform:youth]}\n"
    few = SEASONS.replace("components:\n", "components:\n" + part.replace("CODE", "p0"), 1)
    many = "".join(part.replace("CODE", f"p{number}") for number in range(20))
    address = reverse("packs:pack", args=["example", "four_seasons"])
    asked = []
    for text in (few, SEASONS.replace("version: 1", "version: 2").replace("components:\n", "components:\n" + many, 1)):
        world.load(text)
        Client().get(address)
        with CaptureQueriesContext(connection) as met:
            Client().get(address)
        asked.append(len(met))

    assert asked[1] <= asked[0] + 1
