"""Transfers as the server writes them in their one form, many at a time: what seals are checked against and exports hold.

``rules.merkle.canonical`` says what that form is; a test holds both to it. A line names its transfer by the first number
after the name of the form, and no line has a line break in it.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

from huying.ledger.models import Seal
from huying.ledger.rules import merkle

PAGE = 50
GROUP = 8192
HEAD = f'["{merkle.FORM}",'
MOMENT = "CASE WHEN isfinite({0}) THEN (extract(epoch FROM {0}) * 1000000)::bigint::text ELSE {0}::text END"
LINE = f"""concat('{HEAD}', id, ',"', replace(public_id::text, '-', ''), '",', asset_id, ',', debit_account_id, ',',
    credit_account_id, CASE WHEN issuing THEN ',true,' ELSE ',false,' END, amount, ',', to_json(key), ',',
    coalesce(reverses_id::text, 'null'), ',', coalesce(made_by_id::text, 'null'), ',',
    coalesce(approved_by_id::text, 'null'), ',', coalesce(on_behalf::text, 'null'), ',', to_json(reason), ',',
    to_json(rule_version), ',', to_json(evidence), ',', {MOMENT.format("occurred_at")}, ',',
    {MOMENT.format("recorded_at")}, ']')"""
LINES = (
    f"SELECT string_agg(line, E'\\n' ORDER BY id) FROM (SELECT id, {LINE} AS line FROM ledger_transfer"  # noqa: S608
    " WHERE id > %s AND id <= %s ORDER BY id) written"
)


def lines_between(after: int, last: int) -> list[bytes]:
    """The lines of all transfers with ``after`` < key <= ``last``, in the order of their keys."""
    with connection.cursor() as cursor:
        cursor.execute(LINES, [after, last])
        text: str | None = cursor.fetchone()[0]
    return text.encode().split(b"\n") if text else []


def key_of(line: bytes) -> int:
    """The key of the transfer that this line says."""
    return int(line[len(HEAD) : line.index(b",", len(HEAD))])


def groups() -> Iterator[list[Seal]]:
    """All seals by number, so many at a time that their transfers are worth one question."""
    group: list[Seal] = []
    last, size = 0, 0
    while page := list(Seal.objects.filter(number__gt=last).order_by("number")[:PAGE]):
        last = page[-1].number
        for seal in page:
            group.append(seal)
            size += seal.count
            if size >= GROUP:
                yield group
                group, size = [], 0
    if group:
        yield group
