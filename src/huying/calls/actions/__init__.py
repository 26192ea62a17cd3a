"""What people do with calls; one function per step. See ``states.TRANSITIONS`` for who and when."""

from huying.calls.actions.asking_next import ask_next
from huying.calls.actions.calculating import calculate
from huying.calls.actions.confirming import confirm, send
from huying.calls.actions.contact import Contact, reveal_contact, reveal_helper, see_contact
from huying.calls.actions.crediting import CallServed, hand_in_service
from huying.calls.actions.dispatching import accept, claim, decline, dispatch, expire, hand_back, recall, release
from huying.calls.actions.ending import auto_rate, cancel, rate, reopen, transfer
from huying.calls.actions.escalating import note_overdue
from huying.calls.actions.intake import Ask, ask, save_draft, submit, take_call
from huying.calls.actions.keeping import mark_duplicate, say
from huying.calls.actions.menu import drop_clock, move_kind, save_clock, save_kind, set_kind_active
from huying.calls.actions.moving import StepRefused
from huying.calls.actions.proposing import (
    AlreadyInProposal,
    ProposalOver,
    ProposalTooOld,
    calculate_again,
    change_line,
    choose,
    discard,
    propose,
)
from huying.calls.actions.reviewing import ask_info, give_info, pool, reject, resume, review, suspend
from huying.calls.actions.serving import deliver, schedule, start
from huying.calls.actions.telling import tell

__all__ = [
    "AlreadyInProposal",
    "Ask",
    "CallServed",
    "Contact",
    "ProposalOver",
    "ProposalTooOld",
    "StepRefused",
    "accept",
    "ask",
    "ask_info",
    "ask_next",
    "auto_rate",
    "calculate",
    "calculate_again",
    "cancel",
    "change_line",
    "choose",
    "claim",
    "confirm",
    "decline",
    "deliver",
    "discard",
    "dispatch",
    "drop_clock",
    "expire",
    "give_info",
    "hand_back",
    "hand_in_service",
    "mark_duplicate",
    "move_kind",
    "note_overdue",
    "pool",
    "propose",
    "rate",
    "recall",
    "reject",
    "release",
    "reopen",
    "resume",
    "reveal_contact",
    "reveal_helper",
    "review",
    "save_clock",
    "save_draft",
    "save_kind",
    "say",
    "schedule",
    "see_contact",
    "send",
    "set_kind_active",
    "start",
    "submit",
    "suspend",
    "take_call",
    "tell",
    "transfer",
]
