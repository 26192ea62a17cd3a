"""What people do with calls; one function per step. See ``states.TRANSITIONS`` for who and when."""

from huying.calls.actions.answering import NotLaterThan, arrive, later, leave, remind, stand_by, step_back
from huying.calls.actions.calculating import calculate
from huying.calls.actions.calling_back import Heard, draw, open_number, record_callback
from huying.calls.actions.claiming import TeamUnfit, claim
from huying.calls.actions.clocks import CallCounts
from huying.calls.actions.confirming import confirm, send
from huying.calls.actions.contact import Contact, reveal_contact, reveal_helper, see_contact
from huying.calls.actions.counting import count_call
from huying.calls.actions.crediting import CallServed, hand_in_service
from huying.calls.actions.dispatching import accept, decline, dispatch, expire, hand_back, recall, release
from huying.calls.actions.doors import end_key, give_key
from huying.calls.actions.ending import auto_rate, cancel, rate, reopen, transfer
from huying.calls.actions.escalating import note_overdue
from huying.calls.actions.excluding import decide_exclusion, propose_exclusion, undo_exclusion, withdraw_exclusion
from huying.calls.actions.hotline import TicketsTaken, check_tickets, forget_drafts, take_draft, take_tickets
from huying.calls.actions.intake import Ask, ask, bring_in, save_draft, submit, take_call
from huying.calls.actions.keeping import mark_duplicate, say
from huying.calls.actions.looking import look
from huying.calls.actions.measuring import LimitsUnclear, ScoreFacts, set_score_rule
from huying.calls.actions.menu import drop_clock, move_kind, save_clock, save_kind, set_kind_active
from huying.calls.actions.moving import StepRefused, ValueMissing
from huying.calls.actions.proposing import (
    AlreadyInProposal,
    ProposalOver,
    ProposalTooOld,
    calculate_again,
    change_line,
    choose,
    discard,
    forget_lines,
    propose,
)
from huying.calls.actions.raising import Goods, NotYourPlace, raise_call
from huying.calls.actions.reviewing import ask_info, give_info, pool, reject, resume, review, suspend
from huying.calls.actions.rings import drop_ring, save_ring, use_usual_rings
from huying.calls.actions.serving import deliver, schedule, start
from huying.calls.actions.slips import make_slip, read_slip, say_told
from huying.calls.actions.sorting import ask_to_learn, change_kind, learn, switch_sorter
from huying.calls.actions.telling import tell
from huying.calls.actions.urging import UrgedAlready, urge
from huying.calls.actions.widening import NobodyToAsk, ask_next, ask_next_ring, enough, seek_more, widen

__all__ = [
    "AlreadyInProposal",
    "Ask",
    "CallCounts",
    "CallServed",
    "Contact",
    "Goods",
    "Heard",
    "LimitsUnclear",
    "NobodyToAsk",
    "NotLaterThan",
    "NotYourPlace",
    "ProposalOver",
    "ProposalTooOld",
    "ScoreFacts",
    "StepRefused",
    "TeamUnfit",
    "TicketsTaken",
    "UrgedAlready",
    "ValueMissing",
    "accept",
    "arrive",
    "ask",
    "ask_info",
    "ask_next",
    "ask_next_ring",
    "ask_to_learn",
    "auto_rate",
    "bring_in",
    "calculate",
    "calculate_again",
    "cancel",
    "change_kind",
    "change_line",
    "check_tickets",
    "choose",
    "claim",
    "confirm",
    "count_call",
    "decide_exclusion",
    "decline",
    "deliver",
    "discard",
    "dispatch",
    "draw",
    "drop_clock",
    "drop_ring",
    "end_key",
    "enough",
    "expire",
    "forget_drafts",
    "forget_lines",
    "give_info",
    "give_key",
    "hand_back",
    "hand_in_service",
    "later",
    "learn",
    "leave",
    "look",
    "make_slip",
    "mark_duplicate",
    "move_kind",
    "note_overdue",
    "open_number",
    "pool",
    "propose",
    "propose_exclusion",
    "raise_call",
    "rate",
    "read_slip",
    "recall",
    "record_callback",
    "reject",
    "release",
    "remind",
    "reopen",
    "resume",
    "reveal_contact",
    "reveal_helper",
    "review",
    "save_clock",
    "save_draft",
    "save_kind",
    "save_ring",
    "say",
    "say_told",
    "schedule",
    "see_contact",
    "seek_more",
    "send",
    "set_kind_active",
    "set_score_rule",
    "stand_by",
    "start",
    "step_back",
    "submit",
    "suspend",
    "switch_sorter",
    "take_call",
    "take_draft",
    "take_tickets",
    "tell",
    "transfer",
    "undo_exclusion",
    "urge",
    "use_usual_rings",
    "widen",
    "withdraw_exclusion",
]
