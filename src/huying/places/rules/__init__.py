"""Who may do what at a place, and what a value must look like."""

from huying.places.rules.reach import (
    bookings_visible_to,
    can_book,
    can_cancel_booking,
    can_change,
    can_create,
    can_draw,
    can_give_flag,
    can_keep,
    can_move,
    can_see_private_contacts,
    can_set_up,
    held,
    reaches,
    visible_to,
    works_here,
)

__all__ = [
    "bookings_visible_to",
    "can_book",
    "can_cancel_booking",
    "can_change",
    "can_create",
    "can_draw",
    "can_give_flag",
    "can_keep",
    "can_move",
    "can_see_private_contacts",
    "can_set_up",
    "held",
    "reaches",
    "visible_to",
    "works_here",
]
