"""The form of asking for help, filled in as it should be, for tests to spoil."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from huying.calls.tests.browsing import browser, sent
from huying.calls.tests.factories import Cast

QUESTIONS = [
    {"key": "hospital", "label": "去哪家医院", "label_en": "Which hospital", "type": "text", "required": True},
    {"key": "walk", "label": "走路要不要扶", "label_en": "A steadying arm", "type": "yesno"},
    {"key": "days", "label": "要几天", "label_en": "Days", "type": "number", "min": 1, "max": 31},
    {
        "key": "how",
        "label": "怎么去",
        "label_en": "How",
        "type": "choice",
        "choices": [["bus", "公交", "Bus"], ["car", "车", "Car"]],
    },
]


def asking_cast() -> Cast:
    """The cast, with a kind that asks one question of every type and knows an emergency number."""
    made = Cast()
    made.kind.questions = QUESTIONS
    made.kind.emergency = "120"
    made.kind.example = "周五去复查"
    made.kind.save()
    return made


def page(code: str = "clinic") -> str:
    return reverse("calls:ask_kind", args=[code])


def words(cast: Cast, **more: Any) -> dict[str, Any]:
    """A form filled in as it should be."""
    good = {
        "title": "去医院复查",
        "q_hospital": "市二院",
        "when": "any",
        "part": "day",
        "place": str(cast.home.public_id),
        "address": "桂花里 3 幢 201 室",
        "phone": "138 0000 1001",
    }
    return {name: value for name, value in (good | more).items() if value is not None}


def ask(cast: Cast, **more: Any) -> Any:
    return sent(browser(cast.resident), page(), **words(cast, **more))
