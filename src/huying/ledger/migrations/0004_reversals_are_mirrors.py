"""A reversal is the same amount the other way, by two people: the writers and a CHECK refuse anything else.

One entry is also written with less to do: its accounts are moved where they are locked, in the order of their keys, and
the acting person comes with the entry, so that one plain statement is all that the server has to plan.
"""

from importlib import import_module

from django.db import migrations, models
from django.db.models import F, Q

TWO_PEOPLE = (
    Q(made_by_id__isnull=False) & Q(approved_by_id__isnull=False) & ~Q(made_by_id=F("approved_by_id")) & ~Q(evidence="")
)

# An entry whose key is known leaves its accounts as they were and comes back as nothing.
WRITE_ONE = """
CREATE OR REPLACE FUNCTION ledger_write_one(e jsonb) RETURNS SETOF ledger_transfer
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

WRITE = """
CREATE OR REPLACE FUNCTION ledger_write(entries jsonb) RETURNS SETOF ledger_transfer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp SET enable_seqscan = off AS $$
BEGIN
    IF jsonb_array_length(entries) = 1 THEN
        RETURN QUERY SELECT * FROM ledger_write_one(entries->0);
        RETURN;
    END IF;
    IF entries @? '$[*].reverses ? (@ != null)' AND EXISTS (
        SELECT FROM jsonb_to_recordset(entries) AS e(debit bigint, credit bigint, amount bigint, reverses bigint)
        LEFT JOIN ledger_transfer t ON t.id = e.reverses AND t.debit_account_id = e.credit
            AND t.credit_account_id = e.debit AND t.amount = e.amount
        WHERE e.reverses IS NOT NULL AND t.id IS NULL
    ) THEN
        RAISE check_violation USING MESSAGE = 'a reversal is the same amount the other way';
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


def put(editor, bodies):
    with editor.connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        schema = cursor.fetchone()[0]
        for body in bodies:
            cursor.execute(body.replace("{schema}", schema))


def forward(apps, editor):
    put(editor, (WRITE_ONE, WRITE))


def backward(apps, editor):
    before = import_module("huying.ledger.migrations.0002_one_writer")
    put(editor, (body.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION") for body in (before.WRITE_ONE, before.WRITE)))


class Migration(migrations.Migration):

    dependencies = [("ledger", "0003_first_assets")]

    operations = [
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=Q(reverses__isnull=True) | TWO_PEOPLE, name="ledger_transfer_reversed_by_two"
            ),
        ),
        migrations.RunPython(forward, backward),
    ]
