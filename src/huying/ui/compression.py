"""Pages and JSON leave compressed, padded at random so that their length betrays nothing (decision 0011)."""

from __future__ import annotations

import secrets
from gzip import GzipFile
from io import BytesIO

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import re_accepts_gzip
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin

TYPES = ("text/html", "application/json", "application/problem+json", "application/manifest+json")
SMALLEST = 1024
"""Bytes: below this an answer fits one packet or two anyway, and packing it saves nobody time."""


LEVEL = 3
"""Of zlib's nine. Its usual 6 takes three times as long for an eighth fewer bytes: a twentieth of the time of a page."""
NOISE = 100
"""At most so many random bytes, as the name of a file that nobody reads (as Django's own packing has it)."""


class CompressionMiddleware(MiddlewareMixin):
    """gzip for whole answers of these types from ``SMALLEST`` on, with up to 100 random bytes (Heal the BREACH).

    Left as they are: streams and stored files (exports keep streaming, pictures are packed already), downloads, and
    what says ``no-transform``. An ETag becomes weak, so compare with ``get_conditional_response``, not with ``==``.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not isinstance(response, HttpResponse) or not worth_packing(response):
            return response
        patch_vary_headers(response, ("Accept-Encoding",))
        if not re_accepts_gzip.search(request.headers.get("Accept-Encoding", "")):
            return response
        response.content = packed(response.content)
        response.headers["Content-Length"] = str(len(response.content))
        response.headers["Content-Encoding"] = "gzip"
        if (etag := response.headers.get("ETag", "")).startswith('"'):
            response.headers["ETag"] = f"W/{etag}"  # RFC 9110 8.8.1: no longer the same bytes
        return response


def packed(content: bytes) -> bytes:
    """gzip (RFC 1952) with a random name of up to ``NOISE`` bytes."""
    whole = BytesIO()
    with GzipFile(secrets.token_hex(NOISE // 2)[: secrets.randbelow(NOISE + 1)], "wb", LEVEL, whole, 0) as inside:
        inside.write(content)
    return whole.getvalue()


def worth_packing(response: HttpResponseBase) -> bool:
    """Whether this answer may be packed at all; whether the browser takes it is asked afterwards."""
    if response.streaming or response.status_code in {204, 304} or response.has_header("Content-Encoding"):
        return False
    if response.headers.get("Content-Disposition", "").startswith("attachment"):
        return False
    if "no-transform" in response.headers.get("Cache-Control", ""):
        return False
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return kind in TYPES and len(getattr(response, "content", b"")) >= SMALLEST
