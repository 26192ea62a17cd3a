"""Who an entry is for, and the number on it. An entry shows only to those it is declared for."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.http import HttpRequest

from huying.calls import queries as call_queries
from huying.kernel.actor import Actor
from huying.kernel.requests import Request
from huying.people import queries as people_queries
from huying.people import rules as people_rules
from huying.volunteers import queries as volunteer_queries
from huying.volunteers import rules as volunteer_rules


def actor_of(request: HttpRequest) -> Actor:
    return cast(Request, request).actor


def seen_if(rule: Callable[[Actor], bool]) -> Callable[[HttpRequest], bool]:
    """An entry for those whose actor passes ``rule``, which is asked once a page however many entries it opens."""

    def seen(request: HttpRequest) -> bool:
        known: dict[Callable[[Actor], bool], bool] = request.__dict__.setdefault("seen_by", {})
        if rule not in known:
            known[rule] = rule(actor_of(request))
        return known[rule]

    return seen


def leads_only(actor: Actor) -> bool:
    """Leads a team and holds no office: the rail is his for what he runs, and leads back to the residents' pages.

    Somebody with an office is not asked whether he leads a team, to spare every page of the desk a question; he finds
    the leader's desk on his own page.
    """
    return not people_rules.is_staff(actor) and volunteer_rules.is_leader(actor)


def organises(request: HttpRequest) -> bool:
    """Keeps a place or leads a team."""
    return seen_if(volunteer_rules.is_keeper)(request) or seen_if(leads_only)(request)


def unread(request: HttpRequest) -> int:
    """Messages that wait; visitors have none."""
    person_id = actor_of(request).person_id
    return people_queries.unread_notices(person_id) if person_id else 0


def waiting(request: HttpRequest) -> int:
    """Calls that wait for the desk to look at them; a hundred says enough."""
    return call_queries.waiting(actor_of(request))


def records_waiting(request: HttpRequest) -> int:
    """Records of service that wait for this reader's word."""
    return volunteer_queries.count_waiting(actor_of(request))


def helping(request: HttpRequest) -> bool:
    """A leader on the pages where one helps; elsewhere nobody is asked whether he leads, to spare every page a question."""
    match = request.resolver_match
    near = match is not None and (match.namespace == "volunteers" or match.view_name == "calls:help")
    return near and seen_if(volunteer_rules.is_leader)(request)
