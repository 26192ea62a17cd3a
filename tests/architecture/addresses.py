"""Every address of the product, and the least that must be sent to one for it to answer about who asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

BODIES: dict[str, dict[str, Any]] = {
    "people:decide": {"answer": "yes"},
    "api:say": {"text": "您好"},
    "api:later": {"at": "2026-03-03T10:10:00+08:00"},
    "activities:kinds": {"code": "culture", "do": "down"},
    "activities:themes": {"code": "talk", "do": "down"},
    "activities:units": {"code": "mu", "do": "down"},
    "activities:copy": {"starts_at": "2026-03-10T09:00"},
    "activities:step": {"reason": "下雨"},
    "activities:call_off": {"reason": "下雨"},
    "activities:move": {"starts_at": "2026-03-06T09:00", "ends_at": "2026-03-06T11:00", "where": "社区广场"},
    "activities:add": {"starts_at": "2026-03-07T09:00", "ends_at": "2026-03-07T11:00"},
    "activities:walk_in": {"count": "3"},
    "activities:leaving": {"at": "2026-03-02T11:30"},
    "activities:sign_up": {"act": "leave"},
    "activities:plan_focus": {"every": "month", "day": "2026-03-03", "title": "学雷锋"},
    "places:booking": {"act": "confirm"},
    "places:check": {"act": "verify"},
    "api:return_check": {"reason": "再看看"},
    "places:book": {
        "day": "2026-03-05",
        "starts": "09:00",
        "ends": "10:00",
        "purpose": "排练",
        "who": "舞队",
        "anyway": "on",
    },
    "places:change_booking": {"day": "2026-03-05", "starts": "15:00", "ends": "16:00", "anyway": "on"},
    "volunteers:certificates": {"since": "2026-02-01", "until": "2026-03-03"},
    "volunteers:certificate_revoke": {"reason": "写错了"},
    "volunteers:session_paper": {"until": "2026-03-03T12:00"},
    "volunteers:session_roll": {"act": "in"},
    "points:edition_step": {"reason": "另起一稿"},
    "points:reversal_step": {"reason": "没有记错"},
    "points:counter": {"act": "code", "code": "00000000"},
    "points:partners": {"act": "partner", "name": "爱心企业", "is_sponsor": "on"},
    "volunteers:allocation": {"act": "discard"},
    "volunteers:invitation": {"act": "yes"},
    "volunteers:volunteer": {"act": "insurance", "until": "2026-12-31"},
}
"""Where an empty body would be refused before anybody asks who may: the least that is asked for."""
JSON = {"activities:door_scans"}
"""Addresses of pages to which a script sends JSON."""


@dataclass(frozen=True)
class Route:
    """One address: its name (``room:name``), pattern and view, as Django knows them."""

    name: str
    pattern: str
    parameters: tuple[str, ...]
    view: Any = None


def routes() -> list[Route]:
    """Every address of the product, once."""
    found: dict[str, Route] = {}
    for route in _walk(get_resolver(), "", ""):
        if route.pattern not in {one.pattern for one in found.values()}:
            found[route.name] = route
    return list(found.values())


def _walk(resolver: URLResolver, prefix: str, namespace: str) -> Iterator[Route]:
    for one in resolver.url_patterns:
        pattern = f"{prefix}{one.pattern}"
        if isinstance(one, URLResolver):
            yield from _walk(one, pattern, f"{namespace}{one.namespace}:" if one.namespace else namespace)
        elif isinstance(one, URLPattern):
            yield Route(f"{namespace}{one.name}", pattern, tuple(one.pattern.converters), one.callback)
