"""What the tests of the steps of a call share: a call full of what must not leak, its addresses, one look at its page."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from huying.calls.models import Call
from huying.calls.tests.browsing import browser
from huying.calls.tests.factories import Cast
from huying.people.models import Person

ADDRESS, NUMBER = "桂花里 3 幢 201 室", "+8613800001001"


def full(cast: Cast, state: str, **more: Any) -> Call:
    """A call with everything that must not leak."""
    private = {"address": ADDRESS, "contact_phone": NUMBER, "details": "一个人在家", "answers": {"mobility": "卧床"}}
    return cast.call(state, **(private | more))


def url(call: Call) -> str:
    return reverse("calls:call", args=[call.public_id])


def step_url(call: Call, verb: str) -> str:
    return reverse("calls:step", args=[call.public_id, verb])


def see(who: Person, call: Call) -> str:
    answer = browser(who).get(url(call))
    assert answer.status_code == 200
    return answer.content.decode()


def picture(name: str = "a.png") -> SimpleUploadedFile:
    body = BytesIO()
    Image.new("RGB", (40, 30), "green").save(body, "PNG")
    return SimpleUploadedFile(name, body.getvalue(), "image/png")
