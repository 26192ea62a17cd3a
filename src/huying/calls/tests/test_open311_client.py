"""Somebody else's program speaks with ours: the client ``georeport`` (PyPI) against a running server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from georeport import GeoReport

from huying.calls import actions
from huying.calls.models import Call
from huying.calls.states import State
from huying.calls.tests.factories import START, Cast, actor, kind
from huying.calls.tests.open311_asking import QUESTIONS
from huying.kernel import clock
from huying.places.tests.factories import kinds

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]


@pytest.fixture
def cast(committed_db: None) -> Iterator[Cast]:
    kinds()
    with clock.frozen(START):
        made = Cast()
        made.lamp = kind("lamp", name="路灯不亮", visit=False, public=True, questions=QUESTIONS)
        made.key, made.text = actions.give_key(actor=actor(made.dispatcher), name="城市 App", place=made.county)
        yield made


@pytest.mark.parametrize("form", ["json", "xml"])
def test_the_client_reads_the_menu_reports_and_follows_what_was_brought_in(
    cast: Cast, live_server: Any, form: str
) -> None:
    client = GeoReport(f"{live_server.url}/open311/v2", output_format=form)
    report = {
        "api_key": cast.text,
        "service_code": "lamp",
        "lat": 30.281,
        "long": 120.051,
        "description": "灯不亮",
        "phone": "13900002222",
        "attribute[hospital]": "区人民医院门口",
    }

    assert {one["service_code"] for one in client.get_service_list()} == {"clinic", "lamp"}
    attributes = client.get_service_definition("lamp")["attributes"]
    asked = attributes if form == "json" else attributes["attribute"]
    assert [one["code"] for one in asked] == [one["key"] for one in QUESTIONS]

    for _twice in range(2):
        answer = requests.post(f"{live_server.url}/open311/v2/requests.json", data=report, timeout=20)
        assert answer.status_code == 201, answer.text
    number = answer.json()[0]["service_request_id"]
    assert Call.objects.get().number == number

    other = cast.call(State.CLOSED, kind=cast.lamp, answers={"hospital": "x"})
    found = client.get_service_requests(start_date="2026-03-01T00:00:00+08:00", end_date="2026-03-31T00:00:00+08:00")
    assert [(one["service_request_id"], one["status"]) for one in found] == [
        (other.number, "closed"),
        (number, "open"),
    ]
    assert client.get_service_request(number)["address"] == "和平社区"
    with pytest.raises(requests.HTTPError, match="404"):
        client.get_service_request("HY20260303-99999")
    with pytest.raises(requests.HTTPError, match="400"):
        client.get_service_requests(start_date="2026-01-01T00:00:00Z", end_date="2026-12-01T00:00:00Z")
