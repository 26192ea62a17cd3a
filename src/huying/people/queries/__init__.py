"""What can be asked about people."""

from huying.people.queries.accounts import account_outside, open_sessions, second_factor_due
from huying.people.queries.actors import acting_for, actor_for, holders_over, roles_now
from huying.people.queries.consents import consent_history, consented, current_purposes, standing_of
from huying.people.queries.notices import my_notices, unread_notices
from huying.people.queries.persons import (
    household_of,
    likely_doubles,
    person_by_id,
    search_persons,
    ties_of,
    visible_persons,
    wards,
    with_same_phone,
)
from huying.people.queries.roles import (
    places_to_administer,
    proposals_for,
    role_by_id,
    roles_above,
    roles_at,
    roles_of,
)

__all__ = [
    "account_outside",
    "acting_for",
    "actor_for",
    "consent_history",
    "consented",
    "current_purposes",
    "holders_over",
    "household_of",
    "likely_doubles",
    "my_notices",
    "open_sessions",
    "person_by_id",
    "places_to_administer",
    "proposals_for",
    "role_by_id",
    "roles_above",
    "roles_at",
    "roles_now",
    "roles_of",
    "search_persons",
    "second_factor_due",
    "standing_of",
    "ties_of",
    "unread_notices",
    "visible_persons",
    "wards",
    "with_same_phone",
]
