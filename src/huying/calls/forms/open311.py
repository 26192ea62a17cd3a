"""What Open311 programs send (GeoReport v2): a report, and what they look for. Refusals are lists of (status, words)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huying.calls import queries
from huying.calls.actions import Ask
from huying.calls.forms import questions
from huying.calls.forms.words import Line, PhoneNumber, Words
from huying.calls.models import DoorKey, ServiceKind
from huying.calls.queries.open311 import MOST, SPAN, Search
from huying.calls.states import Channel
from huying.kernel import clock
from huying.kernel.errors import DomainError
from huying.people.models import Person
from huying.places.models import Place

ATTRIBUTE = re.compile(r"attribute\[([^\[\]]+)\](?:\[\])?")
LONGEST_ADDRESS, LONGEST_WORDS = 200, 4000
MOST_PAGES = 20
"""Whoever wants more narrows the dates: a page far on is found by counting through all before it."""
TITLE = 60
DATATYPES = {"text": "string", "number": "number", "choice": "singlevaluelist", "yesno": "singlevaluelist"}


class Unclear(DomainError):
    """A request of an Open311 program that cannot be taken; ``troubles`` say each fault with its own status."""

    code = "open311_unclear"
    status = 400
    message = gettext_lazy("这个请求看不懂")

    def __init__(self, *troubles: tuple[int, str]):
        super().__init__(str(troubles[0][1]) if troubles else None)
        self.troubles = list(troubles)
        self.status = troubles[0][0] if troubles else 400


def attributes_of(kind: ServiceKind) -> list[dict[str, Any]]:
    """The kind's own questions as the standard describes them; yes or no is a list of two values."""
    return [attribute(place, one) for place, one in enumerate(kind.questions, 1)]


def attribute(place: int, question: dict[str, Any]) -> dict[str, Any]:
    """One question; a number says its limits."""
    sort = question["type"]
    low, high = question.get("min", 0), question.get("max", questions.MOST)
    span = _("%(low)s 到 %(high)s 的整数") % {"low": low, "high": high} if sort == "number" else None
    found = {
        "variable": True,
        "code": question["key"],
        "datatype": DATATYPES.get(sort, "string"),
        "required": bool(question.get("required")),
        "datatype_description": span,
        "order": place,
        "description": questions.said(question),
    }
    if found["datatype"] == "singlevaluelist":
        field: Any = questions.field_of(question, required=True)
        found["values"] = [{"key": str(key), "name": str(name)} for key, name in field.choices]
    return found


def kind_asked(code: str) -> ServiceKind:
    """The kind with this service_code; Unclear: 400 without one, 404 for one that is not on the menu."""
    if not code:
        raise Unclear((400, _("没有给出 service_code。")))
    found = queries.menu().filter(code=code[:40]).first()
    if found is None:
        raise Unclear((404, _("没有这个 service_code：%(code)s") % {"code": code[:40]}))
    return found


class ReportForm(forms.Form):
    """A new request. The place is found from address_id, the position or the address, and lies inside the key's area."""

    lat = forms.FloatField(required=False, min_value=-90, max_value=90)
    long = forms.FloatField(required=False, min_value=-180, max_value=180)
    address_string = Line(max_length=LONGEST_ADDRESS, required=False)
    address_id = forms.CharField(max_length=60, required=False)
    first_name = Line(max_length=24, required=False)
    last_name = Line(max_length=24, required=False)
    phone = PhoneNumber(required=False)
    description = Words(max_length=LONGEST_WORDS, required=False)
    media_url = forms.CharField(max_length=500, required=False, validators=[URLValidator(["http", "https"])])

    def __init__(self, data: QueryDict, *, kind: ServiceKind, door: DoorKey):
        super().__init__(data)
        self.kind, self.door = kind, door
        self.asked = questions.fields_of(kind)
        self.answers = type("Answers", (forms.Form,), dict(self.asked))(answers_in(data))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        unknown = sorted(set(self.answers.data) - set(self.asked))
        for name in unknown:
            self.add_error(None, _("attribute[%(code)s]：没有这一问") % {"code": name.removeprefix("q_")[:40]})
        for name, said in self.answers.errors.items():
            words = {"code": name.removeprefix("q_"), "said": said[0]}
            self.add_error(None, _("attribute[%(code)s]：%(said)s") % words)
        if not self.errors:
            self.where = self.place(given)
        return given

    def place(self, given: Mapping[str, Any]) -> Place:
        """The neighbourhood meant; the whole area of the key when it cannot be told, whose desk then decides."""
        area, lat, lon = self.door.place, given["lat"], given["long"]
        if (lat is None) != (lon is None):
            self.add_error(None, _("lat 和 long 要一起给出。"))
        elif lat is None and not given["address_string"] and not given["address_id"]:
            self.add_error(None, _("要给出 lat 和 long、address_string、address_id 中的一种。"))
        if given["address_id"]:
            found = queries.by_id(area, given["address_id"])
            if found is None:
                self.add_error("address_id", _("这把钥匙的范围内没有这个地方。"))
            return found or area
        near = queries.at_position(area, lon, lat) if lat is not None and lon is not None else None
        return near or queries.in_address(area, given["address_string"]) or area

    def troubles(self) -> list[tuple[int, str]]:
        """Every fault with the name of its field."""
        named = [(name, said) for name, errors in self.errors.items() for said in errors]
        return [(400, str(said) if name == "__all__" else f"{name}: {said}") for name, said in named]

    def ask(self) -> Ask:
        """What to hand to the action; its requester is filled in there."""
        given = self.cleaned_data
        lines = [given["description"], given["media_url"] and _("图片：%(url)s") % {"url": given["media_url"]}]
        first = given["description"].partition("\n")[0]
        return Ask(
            kind=self.kind,
            place=self.where,
            requester=Person(),
            title=(first if len(first) <= TITLE else f"{first[: TITLE - 1]}…") or self.kind.name,
            details="\n".join(one for one in lines if one),
            answers=questions.answers_of(self.kind, self.answers.cleaned_data),
            address=given["address_string"],
            contact_phone=given["phone"],
            lon=given["long"] if given["long"] is not None else self.where.lon,
            lat=given["lat"] if given["lat"] is not None else self.where.lat,
            channel=Channel.OPEN311,
            door=self.door,
        )

    def name(self) -> str:
        """The whole name: family name first where it is Chinese."""
        last, first = self.cleaned_data["last_name"], self.cleaned_data["first_name"]
        western = (last + first).isascii()
        return " ".join(filter(None, (first, last))) if western else f"{last}{first}"


def answers_in(data: QueryDict) -> dict[str, str]:
    """``attribute[code]=value`` as fields of the kind's questions; of several values for one the last counts."""
    return {f"q_{found[1]}": str(data[name]) for name in data if (found := ATTRIBUTE.fullmatch(name))}


def search_in(data: QueryDict) -> Search:
    """What is looked for; Unclear names every argument that is wrong. Empty ones are as if they were not there."""
    troubles: list[tuple[int, str]] = []
    since, until = moment(data, "start_date", troubles), moment(data, "end_date", troubles)
    if until is None:
        until = since + SPAN if since else clock.now() + timedelta(seconds=1)  # what came in this second counts
    since = since or until - SPAN
    if until < since:
        troubles.append((400, _("end_date 早于 start_date。")))
    elif until - since > SPAN:
        troubles.append((400, _("start_date 到 end_date 最多 90 天。")))
    status = several(data, "status")
    if set(status) - {"open", "closed"}:
        troubles.append((400, _("status 只能是 open、closed。")))
    page, size = count(data, "page", 1, MOST_PAGES, troubles), count(data, "page_size", MOST, MOST, troubles)
    if troubles:
        raise Unclear(*troubles)
    return Search(
        since=since,
        until=until,
        numbers=several(data, "service_request_id"),
        codes=several(data, "service_code"),
        open=not status or "open" in status,
        closed=not status or "closed" in status,
        page=page,
        size=size,
    )


def several(data: QueryDict, name: str) -> list[str]:
    """Values separated by commas, or given several times."""
    found = [one.strip() for value in data.getlist(name) for one in value.split(",")]
    return [one for one in dict.fromkeys(found) if one][:MOST]


def moment(data: QueryDict, name: str, troubles: list[tuple[int, str]]) -> datetime | None:
    """A date and time of ISO 8601 with its zone (W3C note); a plus sign that the address turned into a space counts."""
    text = data.get(name, "").strip()
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        if at.tzinfo is not None and 1900 < at.year < 9000:
            return at
    except ValueError:
        pass
    troubles.append((400, _("%(name)s 要写成 2026-01-31T08:00:00+08:00 的样子。") % {"name": name}))
    return None


def count(data: QueryDict, name: str, usual: int, most: int, troubles: list[tuple[int, str]]) -> int:
    """A whole number from 1 to ``most``; ``usual`` when it is not there."""
    text = data.get(name, "").strip()
    if not text:
        return usual
    if text.isascii() and text.isdecimal() and len(text) < 6 and 1 <= int(text) <= most:
        return int(text)
    troubles.append((400, _("%(name)s 要在 1 到 %(most)s 之间。") % {"name": name, "most": most}))
    return usual
