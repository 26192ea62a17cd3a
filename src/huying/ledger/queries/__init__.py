"""What can be asked of the ledger."""

from huying.ledger.queries.balances import (
    account,
    account_of,
    accounts_expiring,
    accounts_of,
    asset,
    balance,
    hold,
    overdue_holds,
)
from huying.ledger.queries.lots import Left, lots_left
from huying.ledger.queries.overview import (
    Sums,
    assets,
    last_seal,
    listed,
    name_owners,
    names_of,
    others_of,
    seen_account,
    sums,
    unsealed,
)
from huying.ledger.queries.receipts import Proof, Receipt, receipt, receipt_code
from huying.ledger.queries.statements import Line, Statement, all_lines, statement
from huying.ledger.queries.verifying import Finding, findings

__all__ = [
    "Finding",
    "Left",
    "Line",
    "Proof",
    "Receipt",
    "Statement",
    "Sums",
    "account",
    "account_of",
    "accounts_expiring",
    "accounts_of",
    "all_lines",
    "asset",
    "assets",
    "balance",
    "findings",
    "hold",
    "last_seal",
    "listed",
    "lots_left",
    "name_owners",
    "names_of",
    "others_of",
    "overdue_holds",
    "receipt",
    "receipt_code",
    "seen_account",
    "statement",
    "sums",
    "unsealed",
]
