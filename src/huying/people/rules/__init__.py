"""Who may do what with whom, and where. Other rooms build on ``held``, ``within`` and ``reaches``."""

from huying.people.rules.persons import (
    age_on,
    can_act_for,
    can_add_person,
    can_edit_person,
    can_open_account,
    can_see,
    is_child,
    is_ward_of,
    is_youth,
    visible_to,
    wards_of,
    years_before,
)
from huying.people.rules.reach import (
    ROLE_ADMINS,
    can_decide,
    can_grant,
    can_lend,
    can_propose,
    can_see_roles,
    held,
    holds,
    is_staff,
    reaches,
    within,
)
from huying.people.rules.values import (
    normal_name,
)

__all__ = [
    "ROLE_ADMINS",
    "age_on",
    "can_act_for",
    "can_add_person",
    "can_decide",
    "can_edit_person",
    "can_grant",
    "can_lend",
    "can_open_account",
    "can_propose",
    "can_see",
    "can_see_roles",
    "held",
    "holds",
    "is_child",
    "is_staff",
    "is_ward_of",
    "is_youth",
    "normal_name",
    "reaches",
    "visible_to",
    "wards_of",
    "within",
    "years_before",
]
