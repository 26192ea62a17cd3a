"""Who may do what with whom, and where. Other rooms build on ``held``, ``within`` and ``reaches``."""

from huying.people.rules.persons import (
    age_on,
    can_act_for,
    can_add_person,
    can_edit_person,
    can_see,
    is_child,
    is_youth,
    visible_to,
    wards_of,
)
from huying.people.rules.reach import (
    can_decide,
    can_grant,
    can_lend,
    can_propose,
    held,
    holds,
    is_staff,
    reaches,
    within,
)
from huying.people.rules.values import (
    birth_date_in,
    id_number_problem,
    normal_id_number,
    normal_mobile,
    normal_name,
    normal_phone,
)

__all__ = [
    "age_on",
    "birth_date_in",
    "can_act_for",
    "can_add_person",
    "can_decide",
    "can_edit_person",
    "can_grant",
    "can_lend",
    "can_propose",
    "can_see",
    "held",
    "holds",
    "id_number_problem",
    "is_child",
    "is_staff",
    "is_youth",
    "normal_id_number",
    "normal_mobile",
    "normal_name",
    "normal_phone",
    "reaches",
    "visible_to",
    "wards_of",
    "within",
]
