"""A batch is one statement with a column of values for each field, instead of rows of JSON that were read three times.

The accounts of a batch are locked in the order of their keys, once; what the lock shows (asset, issuing, what is left)
and what moves on each account is kept and used, not looked up again. A batch is written whole or not at all, also when
one of its keys is known. No entry may take what comes only with a later one: where what an account gives in all is more
than it has, its course is reckoned entry by entry. Rows go in before counters move, so that the foreign keys meet rows
that are locked already, not rows that have just been written again.
"""

from importlib import import_module

from django.db import migrations

BEFORE = "ledger_write(jsonb)"
NOW = (
    "ledger_write(text, timestamptz, uuid[], bigint[], bigint[], bigint[], text[], bigint[], bigint[], bigint[], bigint[],"
    " text[], text[], text[], timestamptz[], timestamptz[])"
)

# Element n of each array belongs to entry n. A column that is empty in all of them may be an empty array: unnest fills
# what is missing with NULL, and for whatever must be there NULL is refused by the table.
WRITE = """
CREATE FUNCTION ledger_write(actor text, moment timestamptz, public_ids uuid[], givers bigint[], takers bigint[],
    units bigint[], keys text[], undone bigint[], makers bigint[], checkers bigint[], behalves bigint[], reasons text[],
    versions text[], proofs text[], occurred timestamptz[], expiring timestamptz[])
RETURNS TABLE (id bigint, asset_id bigint, issuing boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    accounts bigint[];
    kinds bigint[];
    issuers boolean[];
    given bigint[];
    taken bigint[];
    rests bigint[];
    tight boolean;
BEGIN
    IF actor IS NOT NULL THEN
        PERFORM set_config('huying.actor', actor, true);
    END IF;
    IF undone <> '{}' AND EXISTS (
        SELECT FROM unnest(undone, givers, takers, units) AS e(undone, giver, taker, units)
        LEFT JOIN ledger_transfer t ON t.id = e.undone AND t.debit_account_id = e.taker
            AND t.credit_account_id = e.giver AND t.amount = e.units
        WHERE e.undone IS NOT NULL AND t.id IS NULL
    ) THEN
        RAISE check_violation USING MESSAGE = 'a reversal is the same amount the other way';
    END IF;
    SELECT array_agg(a.id), array_agg(a.asset_id), array_agg(a.issuing), array_agg(a.d), array_agg(a.c),
        array_agg(a.rest), bool_or(a.d > a.rest)
    INTO accounts, kinds, issuers, given, taken, rests, tight
    FROM (
        SELECT a.id, a.asset_id, a.issuing, s.d, s.c, a.credits - a.debits - a.held - a.floor AS rest
        FROM (
            SELECT account, sum(d)::bigint AS d, sum(c)::bigint AS c FROM (
                SELECT giver AS account, units AS d, 0 AS c FROM unnest(givers, units) AS e(giver, units)
                UNION ALL SELECT taker, 0, units FROM unnest(takers, units) AS e(taker, units)
            ) legs GROUP BY account
        ) s JOIN ledger_account a ON a.id = s.account ORDER BY a.id FOR NO KEY UPDATE OF a
    ) a;
    IF tight AND EXISTS (
        SELECT FROM (
            SELECT account, sum(moved) OVER (PARTITION BY account ORDER BY n) AS moved FROM (
                SELECT giver AS account, -units AS moved, n FROM unnest(givers, units) WITH ORDINALITY AS e(giver, units, n)
                UNION ALL SELECT taker, units, n FROM unnest(takers, units) WITH ORDINALITY AS e(taker, units, n)
            ) legs
        ) course JOIN unnest(accounts, rests) AS a(account, rest) USING (account) WHERE rest + moved < 0
    ) THEN
        RAISE check_violation USING MESSAGE = 'an account gives no more than it has';
    END IF;
    RETURN QUERY
    INSERT INTO ledger_transfer AS t (public_id, asset_id, debit_account_id, credit_account_id, issuing, amount, key,
        reverses_id, made_by_id, approved_by_id, on_behalf, reason, rule_version, evidence, occurred_at, recorded_at)
    SELECT e.public_id, a.kind, e.giver, e.taker, a.issuer, e.units, e.key, e.undone, e.maker, e.checker, e.behalf,
        coalesce(e.reason, ''), coalesce(e.version, ''), coalesce(e.proof, ''), coalesce(e.occurred, moment), moment
    FROM unnest(public_ids, givers, takers, units, keys, undone, makers, checkers, behalves, reasons, versions, proofs,
        occurred) WITH ORDINALITY AS e(public_id, giver, taker, units, key, undone, maker, checker, behalf, reason,
        version, proof, occurred, n)
    LEFT JOIN unnest(accounts, kinds, issuers) AS a(account, kind, issuer) ON a.account = e.giver
    ORDER BY e.n RETURNING t.id, t.asset_id, t.issuing;
    UPDATE ledger_account a SET debits = a.debits + s.d, credits = a.credits + s.c
    FROM unnest(accounts, given, taken) AS s(account, d, c) WHERE a.id = s.account;
    IF expiring <> '{}' THEN
        INSERT INTO ledger_lot (account_id, transfer_id, amount, gone, expires_at)
        SELECT t.credit_account_id, t.id, t.amount, 0, e.expires_at
        FROM unnest(public_ids, expiring) AS e(public_id, expires_at) JOIN ledger_transfer t USING (public_id)
        WHERE e.expires_at IS NOT NULL ORDER BY t.id;
    END IF;
END $$
"""


def put(editor, bodies):
    with editor.connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        schema = cursor.fetchone()[0]
        for body in bodies:
            cursor.execute(body.replace("{schema}", schema))


def others():
    """The functions that hold and let lapse, which call a writer for one entry."""
    first = import_module("huying.ledger.migrations.0002_one_writer")
    return [body.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION") for body in (first.END, first.LAPSE)]


def forward(apps, editor):
    by_one = [body.replace("ledger_write(jsonb_build_array(", "ledger_write_one((") for body in others()]
    put(editor, (f"DROP FUNCTION {BEFORE}", WRITE, f"REVOKE ALL ON FUNCTION {NOW} FROM PUBLIC", *by_one))


def backward(apps, editor):
    last = import_module("huying.ledger.migrations.0004_reversals_are_mirrors")
    put(editor, (f"DROP FUNCTION {NOW}", last.WRITE, f"REVOKE ALL ON FUNCTION {BEFORE} FROM PUBLIC", *others()))


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_reversals_are_mirrors")]

    operations = [migrations.RunPython(forward, backward)]
