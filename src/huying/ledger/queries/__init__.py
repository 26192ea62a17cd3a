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
    "account",
    "account_of",
    "accounts_expiring",
    "accounts_of",
    "all_lines",
    "asset",
    "balance",
    "findings",
    "hold",
    "lots_left",
    "overdue_holds",
    "receipt",
    "receipt_code",
    "statement",
]
