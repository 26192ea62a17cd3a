"""The only writers of the ledger: functions that run with rights of their own, and the keys that tie rows together.

grant_roles gives the functions to the role huying_ledger where the server has one. Each is one statement for its caller:
rows are written and the counters of their accounts move together, or nothing does. Accounts are locked in the order of
their keys before anything is read, so two callers never wait in a circle, and each statement after the lock sees what
the one before it left. Every row is found by its key; enable_seqscan is off so that a plan made while the tables were
empty does not read all of them later.
"""

from django.db import migrations

KEYS = """
ALTER TABLE ledger_transfer
    ADD CONSTRAINT ledger_transfer_debit FOREIGN KEY (debit_account_id, asset_id, issuing)
        REFERENCES ledger_account (id, asset_id, issuing),
    ADD CONSTRAINT ledger_transfer_credit FOREIGN KEY (credit_account_id, asset_id)
        REFERENCES ledger_account (id, asset_id);
ALTER TABLE ledger_hold
    ADD CONSTRAINT ledger_hold_debit FOREIGN KEY (debit_account_id, asset_id) REFERENCES ledger_account (id, asset_id),
    ADD CONSTRAINT ledger_hold_credit FOREIGN KEY (credit_account_id, asset_id) REFERENCES ledger_account (id, asset_id);
ALTER TABLE ledger_lot ADD CONSTRAINT ledger_lot_account FOREIGN KEY (account_id) REFERENCES ledger_account (id)
"""

# Rows whose key is known already are left out; the caller compares them with what he asked for.
# What ledger_write does, for one entry: plain statements start four times faster than the set-based one.
WRITE_ONE = """
CREATE FUNCTION ledger_write_one(e jsonb) RETURNS SETOF ledger_transfer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp SET enable_seqscan = off AS $$
DECLARE
    giver bigint := e->>'debit';
    taker bigint := e->>'credit';
    units bigint := e->>'amount';
    one record;
    kind bigint;
    issues boolean;
    fresh ledger_transfer;
BEGIN
    FOR one IN SELECT id, asset_id, issuing FROM ledger_account WHERE id IN (giver, taker) ORDER BY id FOR NO KEY UPDATE
    LOOP
        IF one.id = giver THEN
            kind := one.asset_id;
            issues := one.issuing;
        END IF;
    END LOOP;
    INSERT INTO ledger_transfer (public_id, asset_id, debit_account_id, credit_account_id, issuing, amount, key,
        reverses_id, made_by_id, approved_by_id, on_behalf, reason, rule_version, evidence, occurred_at, recorded_at)
    VALUES ((e->>'public_id')::uuid, kind, giver, taker, issues, units, e->>'key', (e->>'reverses')::bigint,
        (e->>'made_by')::bigint, (e->>'approved_by')::bigint, (e->>'on_behalf')::bigint, e->>'reason',
        e->>'rule_version', e->>'evidence', (e->>'occurred_at')::timestamptz, (e->>'recorded_at')::timestamptz)
    ON CONFLICT (key) DO NOTHING RETURNING * INTO fresh;
    IF FOUND THEN
        UPDATE ledger_account SET debits = debits + units WHERE id = giver;
        UPDATE ledger_account SET credits = credits + units WHERE id = taker;
        IF e->>'expires_at' IS NOT NULL THEN
            INSERT INTO ledger_lot (account_id, transfer_id, amount, gone, expires_at)
            VALUES (taker, fresh.id, units, 0, (e->>'expires_at')::timestamptz);
        END IF;
        RETURN NEXT fresh;
    END IF;
END $$
"""

WRITE = """
CREATE FUNCTION ledger_write(entries jsonb) RETURNS SETOF ledger_transfer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp SET enable_seqscan = off AS $$
BEGIN
    IF jsonb_array_length(entries) = 1 THEN
        RETURN QUERY SELECT * FROM ledger_write_one(entries->0);
        RETURN;
    END IF;
    PERFORM FROM ledger_account WHERE id IN (
        SELECT (e->>'debit')::bigint FROM jsonb_array_elements(entries) e
        UNION SELECT (e->>'credit')::bigint FROM jsonb_array_elements(entries) e
    ) ORDER BY id FOR NO KEY UPDATE;
    RETURN QUERY
    WITH given AS (
        SELECT e.*, a.asset_id, a.issuing FROM jsonb_to_recordset(entries) AS e(
            n int, public_id uuid, debit bigint, credit bigint, amount bigint, key text, reverses bigint,
            made_by bigint, approved_by bigint, on_behalf bigint, reason text, rule_version text, evidence text,
            occurred_at timestamptz, recorded_at timestamptz, expires_at timestamptz)
        LEFT JOIN ledger_account a ON a.id = e.debit
    ), fresh AS (
        INSERT INTO ledger_transfer (public_id, asset_id, debit_account_id, credit_account_id, issuing, amount, key,
            reverses_id, made_by_id, approved_by_id, on_behalf, reason, rule_version, evidence, occurred_at, recorded_at)
        SELECT public_id, asset_id, debit, credit, issuing, amount, key, reverses, made_by, approved_by, on_behalf,
            reason, rule_version, evidence, occurred_at, recorded_at FROM given ORDER BY n
        ON CONFLICT (key) DO NOTHING RETURNING *
    ), legs AS (
        SELECT debit_account_id AS account, amount AS d, 0::bigint AS c FROM fresh
        UNION ALL SELECT credit_account_id, 0, amount FROM fresh
    ), moved AS (
        UPDATE ledger_account a SET debits = a.debits + s.d, credits = a.credits + s.c
        FROM (SELECT account, sum(d)::bigint AS d, sum(c)::bigint AS c FROM legs GROUP BY account) s
        WHERE a.id = s.account
    )
    SELECT * FROM fresh ORDER BY id;
    IF entries @? '$[*].expires_at ? (@ != null)' THEN
        INSERT INTO ledger_lot (account_id, transfer_id, amount, gone, expires_at)
        SELECT t.credit_account_id, t.id, t.amount, 0, e.expires_at
        FROM jsonb_to_recordset(entries) AS e(public_id uuid, expires_at timestamptz) JOIN ledger_transfer t USING (public_id)
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
        SELECT id INTO written FROM ledger_write(jsonb_build_array(
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
        SELECT * INTO t FROM ledger_write(jsonb_build_array(
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
    "ledger_write(jsonb)": WRITE,
    "ledger_hold_write(jsonb)": HOLD,
    "ledger_hold_end(bigint, jsonb, timestamptz, bigint, text)": END,
    "ledger_lapse(bigint, jsonb, timestamptz)": LAPSE,
}


def forward(apps, editor):
    with editor.connection.cursor() as cursor:
        cursor.execute(KEYS)
        cursor.execute("ALTER TABLE ledger_account SET (fillfactor = 70)")  # counters change in place
        cursor.execute("SELECT quote_ident(current_schema())")
        schema = cursor.fetchone()[0]
        for signature, body in FUNCTIONS.items():
            cursor.execute(body.replace("{schema}", schema))
            cursor.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")


def backward(apps, editor):
    with editor.connection.cursor() as cursor:
        for signature in FUNCTIONS:
            cursor.execute(f"DROP FUNCTION {signature}")
        cursor.execute("ALTER TABLE ledger_account RESET (fillfactor)")
        cursor.execute("ALTER TABLE ledger_lot DROP CONSTRAINT ledger_lot_account")
        cursor.execute("ALTER TABLE ledger_hold DROP CONSTRAINT ledger_hold_debit, DROP CONSTRAINT ledger_hold_credit")
        cursor.execute(
            "ALTER TABLE ledger_transfer DROP CONSTRAINT ledger_transfer_debit, DROP CONSTRAINT ledger_transfer_credit"
        )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_first_tables")]

    operations = [migrations.RunPython(forward, backward)]
