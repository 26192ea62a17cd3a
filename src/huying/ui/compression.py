"""Pages and JSON leave compressed, padded at random so that their length betrays nothing (decision 0011)."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TYPES = ("text/html", "application/json", "application/problem+json", "application/manifest+json")
SMALLEST = 1024
"""Bytes: below this an answer fits one packet or two anyway, and packing it saves nobody time."""


class CompressionMiddleware(GZipMiddleware):
    """gzip for whole answers of these types from ``SMALLEST`` on, with up to 100 random bytes (Heal the BREACH).

    Left as they are: streams and stored files (exports keep streaming, pictures are packed already), downloads, and
    what says ``no-transform``. An ETag becomes weak, so compare with ``get_conditional_response``, not with ``==``.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return super().process_response(request, response) if worth_packing(response) else response


def worth_packing(response: HttpResponseBase) -> bool:
    """Whether this answer may be packed at all; whether the browser takes it is asked afterwards."""
    if response.streaming or response.status_code in {204, 304}:
        return False
    if response.headers.get("Content-Disposition", "").startswith("attachment"):
        return False
    if "no-transform" in response.headers.get("Cache-Control", ""):
        return False
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return kind in TYPES and len(getattr(response, "content", b"")) >= SMALLEST
