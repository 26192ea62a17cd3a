"""What can be asked of the ledger."""

from huying.ledger.queries.balances import account_of, accounts_of, asset, balance
from huying.ledger.queries.statements import Line, Statement, statement

__all__ = ["Line", "Statement", "account_of", "accounts_of", "asset", "balance", "statement"]
