"""The only writers of the ledger: functions that run with rights of their own.

grant_roles gives the functions to the role huying_ledger where the server has one. Each is one statement for its caller:
rows are written and the counters of their accounts move together, or nothing does. Accounts are locked in the order of
their keys before anything is read, so two callers never wait in a circle, and each statement after the lock sees what
the one before it left. Every row is found by its key; enable_seqscan is off so that a plan made while the tables were
empty does not read all of them later. A reversal is the same amount the other way: the writers refuse anything else.
"""

from django.db import migrations

# One entry, with as little to do as there can be: its accounts are moved where they are locked, in the order of their keys,
# and the acting person comes with the entry, so that one plain statement is all that the server has to plan. An entry whose
# key is known leaves its accounts as they were and comes back as nothing; the caller compares it with what he asked for.
WRITE_ONE = """
CREATE FUNCTION ledger_write_one(e jsonb) RETURNS SETOF ledger_transfer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp SET enable_seqscan = off AS $$
DECLARE
    giver bigint := e->>'debit';
    taker bigint := e->>'credit';
    units bigint := e->>'amount';
    undone bigint := e->>'reverses';
    kind bigint;
    issues boolean;
    fresh ledger_transfer;
BEGIN
    IF e ? 'actor' THEN
        PERFORM set_config('huying.actor', e->>'actor', true);
    END IF;
    IF undone IS NOT NULL AND NOT EXISTS (SELECT FROM ledger_transfer WHERE id = undone AND debit_account_id = taker
        AND credit_account_id = giver AND amount = units) THEN
        RAISE check_violation USING MESSAGE = 'a reversal is the same amount the other way';
    END IF;
    IF giver < taker THEN
        UPDATE ledger_account SET debits = debits + units WHERE id = giver RETURNING asset_id, issuing INTO kind, issues;
        UPDATE ledger_account SET credits = credits + units WHERE id = taker;
    ELSE
        UPDATE ledger_account SET credits = credits + units WHERE id = taker;
        UPDATE ledger_account SET debits = debits + units WHERE id = giver RETURNING asset_id, issuing INTO kind, issues;
    END IF;
    INSERT INTO ledger_transfer (public_id, asset_id, debit_account_id, credit_account_id, issuing, amount, key,
        reverses_id, made_by_id, approved_by_id, on_behalf, reason, rule_version, evidence, occurred_at, recorded_at)
    VALUES ((e->>'public_id')::uuid, kind, giver, taker, issues, units, e->>'key', undone,
        (e->>'made_by')::bigint, (e->>'approved_by')::bigint, (e->>'on_behalf')::bigint, e->>'reason',
        e->>'rule_version', e->>'evidence', (e->>'occurred_at')::timestamptz, (e->>'recorded_at')::timestamptz)
    ON CONFLICT (key) DO NOTHING RETURNING * INTO fresh;
    IF NOT FOUND THEN
        UPDATE ledger_account SET debits = debits - units WHERE id = giver;
        UPDATE ledger_account SET credits = credits - units WHERE id = taker;
        RETURN;
    END IF;
    IF e->>'expires_at' IS NOT NULL THEN
        INSERT INTO ledger_lot (account_id, transfer_id, amount, gone, expires_at)
        VALUES (taker, fresh.id, units, 0, (e->>'expires_at')::timestamptz);
    END IF;
    RETURN NEXT fresh;
END $$
"""

# A batch is one statement with a column of values for each field. Its accounts are locked in the order of their keys, once;
# what the lock shows (asset, issuing, what is left) and what moves on each account is kept and used, not looked up again.
# A batch is written whole or not at all, also when one of its keys is known. No entry may take what comes only with a later
# one: where what an account gives in all is more than it has, its course is reckoned entry by entry. Rows go in before
# counters move, so that the foreign keys meet rows that are locked already, not rows that have just been written again.
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

HOLD = """
CREATE FUNCTION ledger_hold_write(entry jsonb) RETURNS SETOF ledger_hold
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp SET enable_seqscan = off AS $$
DECLARE
    fresh ledger_hold;
BEGIN
    PERFORM FROM ledger_account WHERE id IN ((entry->>'debit')::bigint, (entry->>'credit')::bigint)
    ORDER BY id FOR NO KEY UPDATE;
    INSERT INTO ledger_hold (public_id, asset_id, debit_account_id, credit_account_id, amount, key, state, made_by_id,
        approved_by_id, on_behalf, reason, rule_version, evidence, until, recorded_at, end_reason)
    SELECT e.public_id, a.asset_id, e.debit, e.credit, e.amount, e.key, 'pending', e.made_by, e.approved_by,
        e.on_behalf, e.reason, e.rule_version, e.evidence, e.until, e.recorded_at, ''
    FROM jsonb_to_record(entry) AS e(
        public_id uuid, debit bigint, credit bigint, amount bigint, key text, made_by bigint, approved_by bigint,
        on_behalf bigint, reason text, rule_version text, evidence text, until timestamptz, recorded_at timestamptz)
    LEFT JOIN ledger_account a ON a.id = e.debit
    ON CONFLICT (key) DO NOTHING RETURNING * INTO fresh;
    IF FOUND THEN
        UPDATE ledger_account SET held = held + fresh.amount WHERE id = fresh.debit_account_id;
        RETURN NEXT fresh;
    END IF;
END $$
"""

# ``entry`` NULL: voided. Else what is posted; accounts are those of the hold, whatever the caller says, and no more
# than was held.
END = """
CREATE FUNCTION ledger_hold_end(hold bigint, entry jsonb, ended timestamptz, person bigint, why text)
RETURNS SETOF ledger_hold
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp SET enable_seqscan = off AS $$
DECLARE
    h ledger_hold;
    written bigint;
BEGIN
    SELECT * INTO h FROM ledger_hold WHERE id = hold AND state = 'pending' FOR NO KEY UPDATE;
    IF NOT FOUND OR (entry->>'amount')::bigint > h.amount THEN
        RETURN;
    END IF;
    PERFORM FROM ledger_account WHERE id IN (h.debit_account_id, h.credit_account_id) ORDER BY id FOR NO KEY UPDATE;
    UPDATE ledger_account SET held = held - h.amount WHERE id = h.debit_account_id;
    IF entry IS NOT NULL THEN
        SELECT id INTO written FROM ledger_write_one((
            entry || jsonb_build_object('debit', h.debit_account_id, 'credit', h.credit_account_id)));
        IF NOT FOUND THEN
            RAISE unique_violation;
        END IF;
    END IF;
    UPDATE ledger_hold SET state = CASE WHEN entry IS NULL THEN 'voided' ELSE 'posted' END, transfer_id = written,
        ended_at = ended, ended_by_id = person, end_reason = why
    WHERE id = hold RETURNING * INTO h;
    RETURN NEXT h;
END $$
"""

# What is left of a lot goes to ``credit``; the amount is the caller's, the limit of the lot is the table's.
LAPSE = """
CREATE FUNCTION ledger_lapse(lot bigint, entry jsonb, closed timestamptz) RETURNS SETOF ledger_transfer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp SET enable_seqscan = off AS $$
DECLARE
    l ledger_lot;
    t ledger_transfer;
BEGIN
    SELECT * INTO l FROM ledger_lot WHERE id = lot AND closed_at IS NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF entry IS NOT NULL THEN
        SELECT * INTO t FROM ledger_write_one((
            entry || jsonb_build_object('debit', l.account_id, 'expires_at', NULL)));
        IF NOT FOUND THEN
            RAISE unique_violation;
        END IF;
        UPDATE ledger_lot SET gone = gone + t.amount WHERE id = lot;
        RETURN NEXT t;
    END IF;
    IF closed IS NOT NULL THEN
        UPDATE ledger_lot SET closed_at = closed WHERE id = lot;
    END IF;
END $$
"""
FUNCTIONS = {
    "ledger_write_one(jsonb)": WRITE_ONE,
    "ledger_write(text, timestamptz, uuid[], bigint[], bigint[], bigint[], text[], bigint[], bigint[], bigint[], bigint[],"
    " text[], text[], text[], timestamptz[], timestamptz[])": WRITE,
    "ledger_hold_write(jsonb)": HOLD,
    "ledger_hold_end(bigint, jsonb, timestamptz, bigint, text)": END,
    "ledger_lapse(bigint, jsonb, timestamptz)": LAPSE,
}


def forward(apps, editor):
    with editor.connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        schema = cursor.fetchone()[0]
        for signature, body in FUNCTIONS.items():
            cursor.execute(body.replace("{schema}", schema))
            cursor.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")


def backward(apps, editor):
    with editor.connection.cursor() as cursor:
        for signature in FUNCTIONS:
            cursor.execute(f"DROP FUNCTION {signature}")


class Migration(migrations.Migration):
    replaces = [
        ("ledger", "0004_reversals_are_mirrors"),
        ("ledger", "0005_batches_in_one_statement"),
    ]
    dependencies = [("ledger", "0001_tables")]

    operations = [migrations.RunPython(forward, backward)]
