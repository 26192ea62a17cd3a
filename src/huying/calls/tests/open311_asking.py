"""A program that speaks Open311 with us, for the tests: its key, what it asks, and what it is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import jsonschema
import pytest
from django.http import HttpResponse
from django.test import Client

from huying.calls import actions
from huying.calls.tests import open311_schemas as schemas
from huying.calls.tests.factories import START, Cast, actor, kind
from huying.kernel import clock

BASE = "/open311/v2"
QUESTIONS = [
    {"key": "hospital", "label": "哪家医院", "label_en": "Which hospital", "type": "text", "required": True},
    {"key": "chair", "label": "坐轮椅吗", "type": "yesno", "required": False},
    {"key": "floors", "label": "几楼", "type": "number", "required": False, "min": 1, "max": 40},
    {"key": "when", "label": "时段", "type": "choice", "choices": [["am", "上午", "Morning"], ["pm", "下午", "Noon"]]},
]
SECRETS = ("桂花里3幢", "13800000000", "陈桂英", "腿脚不便", "轮椅要能上三级台阶")


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        made = Cast()
        made.lamp = kind("lamp", name="路灯不亮", name_en="Street light out", visit=False, public=True)
        made.ramp = kind("ramp", name="坡道", visit=True, public=True, questions=QUESTIONS)
        made.key, made.text = actions.give_key(actor=actor(made.dispatcher), name="城市 App", place=made.county)
        yield made


def get(path: str, wire: str = "json", *, lang: str = "zh-hans", **query: Any) -> HttpResponse:
    return Client(headers={"Accept-Language": lang}).get(f"{BASE}/{path}.{wire}", query)


def post(cast: Cast, wire: str = "json", *, headers: dict[str, str] | None = None, **body: Any) -> HttpResponse:
    sent = {"api_key": cast.text, "service_code": "lamp", "address_string": "和平社区桂花里路口", **body}
    sent = {name: value for name, value in sent.items() if value is not None}
    return Client(enforce_csrf_checks=True).post(
        f"{BASE}/requests.{wire}",
        urlencode(sent),
        content_type="application/x-www-form-urlencoded; charset=utf-8",
        headers=headers or {},
    )


def read(answer: HttpResponse, schema: dict[str, Any]) -> Any:
    """The JSON of an answer, after it was found right by the schema."""
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    found = json.loads(answer.content)
    jsonschema.validate(found, schema)
    return found


def refused(answer: HttpResponse, status: int) -> list[str]:
    assert answer.status_code == status, answer.content.decode()
    return [one["description"] for one in read(answer, schemas.ERRORS)]
