"""One request may carry only so much, and is stopped by what it announces, not by what it has already
written.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from huying.kernel.actor import Actor
from huying.kernel.idempotency import IdempotencyMiddleware
from huying.kernel.uploads import UploadTooLarge


def request_of(size: int) -> HttpRequest:
    photo = SimpleUploadedFile("a.jpg", b"x" * size)
    request = RequestFactory().post(
        "/calls/x/", {"photo": photo}, headers={"Idempotency-Key": f"upload-{size}", "Accept": "application/json"}
    )
    request.actor = Actor(person_id=3)  # type: ignore[attr-defined]
    return request


def test_files_within_the_limit_arrive_whole(settings: Any) -> None:
    settings.HUYING_REQUEST_BYTES = 2 * 1024 * 1024

    request = request_of(1024 * 1024)

    assert request.FILES["photo"].size == 1024 * 1024
    assert settings.FILE_UPLOAD_HANDLERS[0] == "huying.kernel.uploads.TotalLimit"


def test_more_is_refused_unread(settings: Any) -> None:
    settings.HUYING_REQUEST_BYTES = 1024 * 1024
    request = request_of(1024 * 1024)

    with pytest.raises(UploadTooLarge, match="1 MB") as error:
        _ = request.POST

    assert isinstance(error.value, RequestDataTooBig)


def test_the_refusal_is_an_answer_of_413(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.HUYING_REQUEST_BYTES = 1024
    monkeypatch.setattr("huying.kernel.idempotency.way_of", lambda request: "once")

    answer = IdempotencyMiddleware(lambda request: HttpResponse("never"))(request_of(5000))

    assert (answer.status_code, b"upload_too_large" in answer.content) == (413, True)
