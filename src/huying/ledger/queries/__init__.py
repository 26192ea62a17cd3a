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
    people_called,
    seen_account,
    sums,
    unsealed,
)
from huying.ledger.queries.papers import Paper, papers_of, read_papers, reason_of, say_reasons
from huying.ledger.queries.receipts import Proof, Receipt, receipt, receipt_code
from huying.ledger.queries.statements import Line, Statement, all_lines, statement
from huying.ledger.queries.verifying import Finding, findings

__all__ = [
    "Finding",
    "Left",
    "Line",
    "Paper",
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
    "papers_of",
    "people_called",
    "read_papers",
    "reason_of",
    "receipt",
    "receipt_code",
    "say_reasons",
    "seen_account",
    "statement",
    "sums",
    "unsealed",
]
