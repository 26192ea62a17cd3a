"""What leaves compressed, and what does not (decision 0011)."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator

import pytest
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory
from django.utils.cache import get_conditional_response

from huying.ui.compression import SMALLEST, CompressionMiddleware

LONG = "<p>一呼百应，邻里相助。</p>" * 100
GZIP = {"Accept-Encoding": "gzip, deflate, br"}


def passed(answer: HttpResponseBase, **headers: str) -> HttpResponseBase:
    """The answer after the middleware, for a browser that sends these headers."""
    request = RequestFactory().get("/", headers=headers or GZIP)
    through: Callable[[HttpRequest], HttpResponseBase] = CompressionMiddleware(lambda _request: answer)
    return through(request)


def packed(answer: HttpResponseBase) -> bool:
    return answer.headers.get("Content-Encoding") == "gzip"


@pytest.mark.django_db
def test_a_page_is_sent_compressed_and_says_the_same() -> None:
    plain, small = Client().get("/ui/"), Client().get("/ui/", headers=GZIP)

    assert not packed(plain) and packed(small)
    assert len(small.content) * 4 < len(plain.content)
    assert gzip.decompress(small.content).startswith(b"<!doctype html>")
    assert int(small["Content-Length"]) == len(small.content)
    assert "Accept-Encoding" in small["Vary"] and "Accept-Encoding" in plain["Vary"]


def test_json_is_compressed_too() -> None:
    assert packed(passed(JsonResponse({"words": LONG})))


def test_the_same_page_is_never_twice_of_a_length_that_can_be_relied_on() -> None:
    lengths = {len(passed(HttpResponse(LONG)).content) for _time in range(40)}  # type: ignore[attr-defined]

    assert len(lengths) > 5


@pytest.mark.parametrize(
    ("size", "expected"), [(SMALLEST - 1, False), (SMALLEST, True)], ids=["one byte short", "just enough"]
)
def test_small_answers_stay_plain(size: int, expected: bool) -> None:
    assert packed(passed(HttpResponse("a" * size))) is expected


def test_a_browser_that_takes_no_gzip_gets_the_page_as_it_is() -> None:
    answer = passed(HttpResponse(LONG), **{"Accept-Encoding": "identity"})

    assert not packed(answer) and answer.headers["Vary"] == "Accept-Encoding"


def pieces() -> Iterator[bytes]:
    yield from [b"a,b\r\n"] * 1000


@pytest.mark.parametrize(
    "answer",
    [
        StreamingHttpResponse(pieces(), content_type="text/html"),
        FileResponse(iter([LONG.encode()]), content_type="text/html"),
        HttpResponse(LONG, headers={"Content-Disposition": 'attachment; filename="mine.json"'}),
        HttpResponse(LONG, headers={"Cache-Control": "private, no-transform"}),
        HttpResponse(LONG, content_type="image/png"),
        HttpResponse(LONG, headers={"Content-Encoding": "br"}),
        HttpResponse(status=304),
    ],
    ids=["stream", "file", "download", "no-transform", "picture", "already packed", "not modified"],
)
def test_the_rest_is_left_alone(answer: HttpResponseBase) -> None:
    before = getattr(answer, "content", None)
    after = passed(answer)

    assert not packed(after)
    assert getattr(after, "content", None) == before


def test_a_stream_still_comes_piece_by_piece() -> None:
    given = 0

    def counted() -> Iterator[bytes]:
        nonlocal given
        for piece in pieces():
            given += 1
            yield piece

    answer = passed(StreamingHttpResponse(counted(), content_type="text/csv"))

    assert isinstance(answer, StreamingHttpResponse)
    next(iter(answer.streaming_content))  # type: ignore[arg-type]
    assert given == 1


def test_an_etag_becomes_weak_and_still_answers_304() -> None:
    first = passed(HttpResponse(LONG, headers={"ETag": '"one"'}))
    again = RequestFactory().get("/", headers={"If-None-Match": first.headers["ETag"]})
    answer = get_conditional_response(again, etag='"one"')

    assert packed(first) and first.headers["ETag"] == 'W/"one"'
    assert answer is not None and answer.status_code == 304
