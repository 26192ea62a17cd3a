"""What is done with the ledger: accounts are opened, entries posted, reversed, held, expired and sealed."""

from huying.ledger.actions.accounts import add_asset, open_account, open_accounts
from huying.ledger.actions.expiring import expire_lots, guard_lots
from huying.ledger.actions.following import follow_owner, follow_places
from huying.ledger.actions.holds import hold, settle, void, void_overdue
from huying.ledger.actions.posting import Entry, post, post_each, reverse, transfer
from huying.ledger.actions.refusals import (
    AccountDiffers,
    AccountUnknown,
    AlreadyReversed,
    AmountOdd,
    AssetsDiffer,
    AssetUnknown,
    FloorOdd,
    HoldEnded,
    KeyOdd,
    KeyTaken,
    MakerNamed,
    MoreThanHeld,
    NotEnough,
    Rushed,
    SameAccount,
    TwoPeopleNeeded,
    UntilPast,
    WordsTooLong,
)
from huying.ledger.actions.sealing import seal

__all__ = [
    "AccountDiffers",
    "AccountUnknown",
    "AlreadyReversed",
    "AmountOdd",
    "AssetUnknown",
    "AssetsDiffer",
    "Entry",
    "FloorOdd",
    "HoldEnded",
    "KeyOdd",
    "KeyTaken",
    "MakerNamed",
    "MoreThanHeld",
    "NotEnough",
    "Rushed",
    "SameAccount",
    "TwoPeopleNeeded",
    "UntilPast",
    "WordsTooLong",
    "add_asset",
    "expire_lots",
    "follow_owner",
    "follow_places",
    "guard_lots",
    "hold",
    "open_account",
    "open_accounts",
    "post",
    "post_each",
    "reverse",
    "seal",
    "settle",
    "transfer",
    "void",
    "void_overdue",
]
