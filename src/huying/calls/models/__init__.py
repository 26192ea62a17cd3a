from huying.calls.models.calls import NO_CLOCK, Call, CallEvent, CallMessage, CallNote, Offer
from huying.calls.models.doors import DoorKey, HotlineDraft, HotlineTicket, Slip
from huying.calls.models.goods import CallGood, OfferGood
from huying.calls.models.measuring import Callback, Draw, Exclusion, LateStage, ScoreRule
from huying.calls.models.menu import Clock, HelperAge, HelperSex, Ring, ServiceKind
from huying.calls.models.proposals import Proposal, ProposalGap, ProposalLine
from huying.calls.models.sorting import Correction, SorterVersion

__all__ = [
    "NO_CLOCK",
    "Call",
    "CallEvent",
    "CallGood",
    "CallMessage",
    "CallNote",
    "Callback",
    "Clock",
    "Correction",
    "DoorKey",
    "Draw",
    "Exclusion",
    "HelperAge",
    "HelperSex",
    "HotlineDraft",
    "HotlineTicket",
    "LateStage",
    "Offer",
    "OfferGood",
    "Proposal",
    "ProposalGap",
    "ProposalLine",
    "Ring",
    "ScoreRule",
    "ServiceKind",
    "Slip",
    "SorterVersion",
]
